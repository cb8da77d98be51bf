//! Templates that are nothing but text, values and conditions, followed without interpreting them: which
//! way each condition turns, and which values stand where. The text is the same for all objects for which
//! they turn the same way.
//!
//! A plan says what minijinja would do, or nothing: where it meets anything else than paths, constants,
//! joined texts and plain comparisons, or a value that does not exist, it gives up, and minijinja answers.

use super::interpolated::Interpolated;
use minijinja::Value;
use minijinja::machinery::{ast, parse};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;

/// What a template does.
#[derive(Debug)]
pub(super) struct Plan(Vec<Step>);

/// The ways that a template's conditions turned, in the order in which they were met: a bit each below a
/// last one that is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Turns(u64);

impl Turns {
    const NONE: Self = Self(1);

    /// Nothing where there are too many to remember.
    fn and(self, turn: bool) -> Option<Self> {
        (self.0.leading_zeros() > 0).then_some(Self(self.0 << 1 | u64::from(turn)))
    }

    /// In the order in which they were met.
    fn iter(self) -> impl Iterator<Item = bool> {
        let count = 63 - self.0.leading_zeros();
        (0..count).rev().map(move |at| self.0 >> at & 1 == 1)
    }
}

/// What a template makes of a context.
#[derive(Debug)]
pub struct Followed {
    /// How its conditions turned, which decide all of its text but the values.
    pub turns: Turns,
    /// What its expressions write, in its order.
    pub values: Vec<Interpolated>,
}

/// A part of what a template writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'p> {
    /// The template's own text.
    Text(&'p str),
    /// The next value.
    Value,
}

#[derive(Debug)]
enum Step {
    Text(Box<str>),
    Value(Expression),
    Branch {
        condition: Condition,
        then: Vec<Step>,
        otherwise: Vec<Step>,
    },
    /// What only minijinja knows.
    Other,
}

#[derive(Debug)]
enum Expression {
    /// A variable's name and those of its fields.
    Path(Box<[Box<str>]>),
    Constant(Value),
    /// Two texts, one after the other.
    Joined(Box<[Expression; 2]>),
    Other,
}

#[derive(Debug)]
enum Condition {
    Holds(Expression),
    Equal([Expression; 2]),
    Not(Box<Condition>),
    And(Box<[Condition; 2]>),
    Or(Box<[Condition; 2]>),
}

impl Plan {
    /// The plan of a template; nothing for a text that is no template.
    pub(super) fn of(text: &str, name: &str, syntax: &SyntaxConfig) -> Option<Self> {
        match parse(text, name, syntax.clone()).ok()? {
            ast::Stmt::Template(template) => Some(Self(steps(&template.children))),
            _ => None,
        }
    }

    /// What the template makes of a context; nothing where minijinja has to say.
    pub(super) fn follow(&self, context: &Value) -> Option<Followed> {
        let mut followed = Followed { turns: Turns::NONE, values: Vec::with_capacity(24) };
        follow(&self.0, context, &mut followed)?;
        Some(followed)
    }

    /// What the template writes where its conditions turn like this.
    pub(super) fn parts(&self, turns: Turns) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        collect(&self.0, &mut turns.iter(), &mut parts);
        parts
    }
}

fn steps(statements: &[ast::Stmt]) -> Vec<Step> {
    let step = |statement: &ast::Stmt| match statement {
        ast::Stmt::EmitRaw(text) => Step::Text(text.raw.into()),
        ast::Stmt::EmitExpr(emit) => Step::Value(expression(&emit.expr)),
        ast::Stmt::IfCond(branch) => Step::Branch {
            condition: condition(&branch.expr),
            then: steps(&branch.true_body),
            otherwise: steps(&branch.false_body),
        },
        _ => Step::Other,
    };
    statements.iter().map(step).collect()
}

fn expression(stated: &ast::Expr) -> Expression {
    if let Some(constant) = stated.as_const() {
        return Expression::Constant(constant);
    }
    match stated {
        ast::Expr::BinOp(joined) if matches!(joined.op, ast::BinOpKind::Concat) => {
            Expression::Joined(Box::new([expression(&joined.left), expression(&joined.right)]))
        }
        _ => path(stated).map_or(Expression::Other, |path| Expression::Path(path.into())),
    }
}

fn path(stated: &ast::Expr) -> Option<Vec<Box<str>>> {
    match stated {
        ast::Expr::Var(variable) => Some(vec![variable.id.into()]),
        ast::Expr::GetAttr(field) => {
            let mut path = path(&field.expr)?;
            path.push(field.name.into());
            Some(path)
        }
        _ => None,
    }
}

fn condition(stated: &ast::Expr) -> Condition {
    use ast::{BinOpKind, CompareOpKind, Expr};
    let both = |left, right| Box::new([condition(left), condition(right)]);
    match stated {
        Expr::UnaryOp(it) if matches!(it.op, ast::UnaryOpKind::Not) => {
            Condition::Not(Box::new(condition(&it.expr)))
        }
        Expr::BinOp(it) if matches!(it.op, BinOpKind::ScAnd) => {
            Condition::And(both(&it.left, &it.right))
        }
        Expr::BinOp(it) if matches!(it.op, BinOpKind::ScOr) => {
            Condition::Or(both(&it.left, &it.right))
        }
        Expr::BinOp(it) if matches!(it.op, BinOpKind::Eq | BinOpKind::Ne) => {
            let equal = Condition::Equal([expression(&it.left), expression(&it.right)]);
            negated(equal, matches!(it.op, BinOpKind::Ne))
        }
        Expr::Compare(it) => match it.ops.as_slice() {
            [only] if matches!(only.op, CompareOpKind::Eq | CompareOpKind::Ne) => {
                let equal = Condition::Equal([expression(&it.expr), expression(&only.expr)]);
                negated(equal, matches!(only.op, CompareOpKind::Ne))
            }
            _ => Condition::Holds(Expression::Other),
        },
        _ => Condition::Holds(expression(stated)),
    }
}

fn negated(condition: Condition, is_negated: bool) -> Condition {
    if is_negated { Condition::Not(Box::new(condition)) } else { condition }
}

fn follow(steps: &[Step], context: &Value, followed: &mut Followed) -> Option<()> {
    for step in steps {
        match step {
            Step::Text(_) => {}
            Step::Value(expression) => {
                followed.values.push(Interpolated::new(value(expression, context)?)?);
            }
            Step::Branch { condition, then, otherwise } => {
                let turn = holds(condition, context)?;
                followed.turns = followed.turns.and(turn)?;
                follow(if turn { then } else { otherwise }, context, followed)?;
            }
            Step::Other => return None,
        }
    }
    Some(())
}

/// The value of an expression, which exists.
fn value(expression: &Expression, context: &Value) -> Option<Value> {
    match expression {
        Expression::Path(path) => {
            let (variable, fields) = path.split_first()?;
            let mut value = context.get_attr(variable).ok()?;
            for field in fields {
                value = value.get_attr(field).ok()?;
            }
            let is_there = !matches!(value.kind(), ValueKind::Undefined | ValueKind::Invalid);
            is_there.then_some(value)
        }
        Expression::Constant(value) => Some(value.clone()),
        Expression::Joined(parts) => {
            let [left, right] = [value(&parts[0], context)?, value(&parts[1], context)?];
            // What is no text, or marked as safe, is joined in other ways.
            let is_text = |value: &Value| value.kind() == ValueKind::String && !value.is_safe();
            if !is_text(&left) || !is_text(&right) {
                return None;
            }
            Some(Value::from([left.as_str()?, right.as_str()?].concat()))
        }
        Expression::Other => None,
    }
}

fn holds(condition: &Condition, context: &Value) -> Option<bool> {
    match condition {
        Condition::Holds(expression) => Some(value(expression, context)?.is_true()),
        Condition::Equal([left, right]) => Some(value(left, context)? == value(right, context)?),
        Condition::Not(condition) => Some(!holds(condition, context)?),
        Condition::And(both) => Some(holds(&both[0], context)? && holds(&both[1], context)?),
        Condition::Or(both) => Some(holds(&both[0], context)? || holds(&both[1], context)?),
    }
}

fn collect<'p>(
    steps: &'p [Step],
    turns: &mut impl Iterator<Item = bool>,
    parts: &mut Vec<Part<'p>>,
) {
    for step in steps {
        match step {
            Step::Text(text) => parts.push(Part::Text(text)),
            Step::Value(_) => parts.push(Part::Value),
            Step::Branch { then, otherwise, .. } => {
                let steps = if turns.next().unwrap_or_default() { then } else { otherwise };
                collect(steps, turns, parts);
            }
            Step::Other => {}
        }
    }
}
