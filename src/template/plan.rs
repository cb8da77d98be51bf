//! Plans of templates that consist only of text, values and conditions. A plan tells, without
//! running the template, how each condition is decided and which values are written where. All
//! objects with the same decisions get the same text around their values.
//!
//! A plan has exactly minijinja's result, or no result. It knows only paths, constants, joined
//! texts and plain comparisons. For anything else, and for a value that does not exist, it gives
//! up, and minijinja renders the template.

use super::bindings::{Bindings, Variables};
use super::interpolated::Interpolated;
use crate::object::Invariant;
use minijinja::Value;
use minijinja::machinery::{ast, parse};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;

/// The plan of a template.
#[derive(Debug)]
pub(super) struct Plan {
    steps: Vec<Step>,
    /// The numbers of the variables of its type's invariants.
    invariants: Vec<usize>,
}

/// The decisions of a template's conditions, in the order in which they were met: one bit each,
/// below a highest bit that is always set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Turns(u64);

impl Turns {
    const NONE: Self = Self(1);

    /// `None` if there are too many decisions to store.
    fn and(self, turn: bool) -> Option<Self> {
        (self.0.leading_zeros() > 0).then_some(Self(self.0 << 1 | u64::from(turn)))
    }

    /// The decisions, in the order in which they were met.
    fn iter(self) -> impl Iterator<Item = bool> {
        let count = 63 - self.0.leading_zeros();
        (0..count).rev().map(move |at| self.0 >> at & 1 == 1)
    }
}

/// The result of a template for a context.
#[derive(Debug)]
pub struct Followed<'b> {
    /// The decisions of its conditions. They determine all of the text except the values.
    pub turns: Turns,
    /// The output of its expressions, in their order.
    written: Vec<Written>,
    invariants: &'b [usize],
    bindings: &'b Bindings<'b>,
}

/// The output of an expression.
#[derive(Debug)]
enum Written {
    /// A variable or field, by its number.
    Bound(usize),
    Own(Interpolated),
}

impl Followed<'_> {
    /// The number of values that the template writes.
    pub fn count(&self) -> usize {
        self.written.len()
    }

    /// The value at this position among the written values.
    pub fn value(&self, at: usize) -> Option<&Interpolated> {
        match self.written.get(at)? {
            Written::Bound(number) => self.bindings.known(*number),
            Written::Own(value) => Some(value),
        }
    }

    /// The context's value for an invariant of the type, by the position of the invariant.
    pub fn invariant(&self, at: usize) -> Option<&Interpolated> {
        self.bindings.known(*self.invariants.get(at)?)
    }

    /// Whether a written value is the variable of an invariant.
    pub fn is_invariant(&self, value: usize, at: usize) -> bool {
        match self.written.get(value) {
            Some(Written::Bound(number)) => self.invariants.get(at) == Some(number),
            _ => false,
        }
    }
}

/// A part of a template's output.
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
    /// A part that only minijinja can evaluate.
    Other,
}

#[derive(Debug)]
enum Expression {
    /// A variable or a field, by its number.
    Path(usize),
    Constant(Value),
    /// Two joined texts.
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
    /// The plan of a template, or `None` for a text that is not a template.
    pub(super) fn of(
        text: &str,
        name: &str,
        invariants: impl Iterator<Item = &'static Invariant>,
        syntax: &SyntaxConfig,
        variables: &mut Variables,
    ) -> Option<Self> {
        match parse(text, name, syntax.clone()).ok()? {
            ast::Stmt::Template(template) => {
                let mut number = |of, name: &&str| Some(variables.number(of, name));
                let invariants =
                    invariants.filter_map(|it| it.value.iter().fold(None, &mut number)).collect();
                Some(Self { steps: variables.steps(&template.children), invariants })
            }
            _ => None,
        }
    }

    /// The result of the template for a context, or `None` if only minijinja can tell.
    pub(super) fn follow<'b, 't: 'b>(
        &'t self,
        bindings: &'b mut Bindings<'t>,
    ) -> Option<Followed<'b>> {
        let mut walk = Walk { bindings, turns: Turns::NONE, written: Vec::with_capacity(24) };
        walk.follow(&self.steps)?;
        let Walk { bindings, turns, written } = walk;
        // A missing variable has no value.
        self.invariants.iter().for_each(|number| _ = bindings.find(*number));
        Some(Followed { turns, written, invariants: &self.invariants, bindings })
    }

    /// The template's output when its conditions are decided like this.
    pub(super) fn parts(&self, turns: Turns) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        collect(&self.steps, &mut turns.iter(), &mut parts);
        parts
    }
}

impl Variables {
    fn steps(&mut self, statements: &[ast::Stmt]) -> Vec<Step> {
        let mut step = |statement: &ast::Stmt| match statement {
            ast::Stmt::EmitRaw(text) => Step::Text(text.raw.into()),
            ast::Stmt::EmitExpr(emit) => Step::Value(self.expression(&emit.expr)),
            ast::Stmt::IfCond(branch) => Step::Branch {
                condition: self.condition(&branch.expr),
                then: self.steps(&branch.true_body),
                otherwise: self.steps(&branch.false_body),
            },
            _ => Step::Other,
        };
        statements.iter().map(&mut step).collect()
    }

    fn expression(&mut self, stated: &ast::Expr) -> Expression {
        if let Some(constant) = stated.as_const() {
            return Expression::Constant(constant);
        }
        match stated {
            ast::Expr::BinOp(joined) if matches!(joined.op, ast::BinOpKind::Concat) => {
                let parts = [self.expression(&joined.left), self.expression(&joined.right)];
                Expression::Joined(Box::new(parts))
            }
            _ => self.path(stated).map_or(Expression::Other, Expression::Path),
        }
    }

    fn path(&mut self, stated: &ast::Expr) -> Option<usize> {
        match stated {
            ast::Expr::Var(variable) => Some(self.number(None, variable.id)),
            ast::Expr::GetAttr(field) => {
                let of = self.path(&field.expr)?;
                Some(self.number(Some(of), field.name))
            }
            _ => None,
        }
    }

    fn condition(&mut self, stated: &ast::Expr) -> Condition {
        use ast::{BinOpKind, CompareOpKind, Expr};
        let mut both = |left, right| Box::new([self.condition(left), self.condition(right)]);
        match stated {
            Expr::BinOp(it) if matches!(it.op, BinOpKind::ScAnd) => {
                Condition::And(both(&it.left, &it.right))
            }
            Expr::BinOp(it) if matches!(it.op, BinOpKind::ScOr) => {
                Condition::Or(both(&it.left, &it.right))
            }
            Expr::UnaryOp(it) if matches!(it.op, ast::UnaryOpKind::Not) => {
                Condition::Not(Box::new(self.condition(&it.expr)))
            }
            Expr::BinOp(it) if matches!(it.op, BinOpKind::Eq | BinOpKind::Ne) => {
                self.comparison(&it.left, &it.right, matches!(it.op, BinOpKind::Ne))
            }
            Expr::Compare(it) => match it.ops.as_slice() {
                [only] if matches!(only.op, CompareOpKind::Eq | CompareOpKind::Ne) => {
                    self.comparison(&it.expr, &only.expr, matches!(only.op, CompareOpKind::Ne))
                }
                _ => Condition::Holds(Expression::Other),
            },
            _ => Condition::Holds(self.expression(stated)),
        }
    }

    fn comparison(&mut self, left: &ast::Expr, right: &ast::Expr, is_negated: bool) -> Condition {
        let equal = Condition::Equal([self.expression(left), self.expression(right)]);
        if is_negated { Condition::Not(Box::new(equal)) } else { equal }
    }
}

/// One run through a plan.
struct Walk<'b, 't> {
    bindings: &'b mut Bindings<'t>,
    turns: Turns,
    written: Vec<Written>,
}

impl Walk<'_, '_> {
    fn follow(&mut self, steps: &[Step]) -> Option<()> {
        for step in steps {
            match step {
                Step::Text(_) => {}
                Step::Value(Expression::Path(number)) => {
                    self.bindings.find(*number)?;
                    self.written.push(Written::Bound(*number));
                }
                Step::Value(expression) => {
                    let value = self.value(expression)?;
                    self.written.push(Written::Own(Interpolated::new(value)));
                }
                Step::Branch { condition, then, otherwise } => {
                    let turn = self.holds(condition)?;
                    self.turns = self.turns.and(turn)?;
                    self.follow(if turn { then } else { otherwise })?;
                }
                Step::Other => return None,
            }
        }
        Some(())
    }

    /// The value of an expression, if it exists.
    fn value(&mut self, expression: &Expression) -> Option<Value> {
        match expression {
            Expression::Path(number) => self.bindings.find(*number).cloned(),
            Expression::Constant(value) => Some(value.clone()),
            Expression::Joined(parts) => {
                let [left, right] = [self.value(&parts[0])?, self.value(&parts[1])?];
                // minijinja joins values that are not texts, or are marked as safe, in other ways.
                let is_text = |value: &Value| value.kind() == ValueKind::String && !value.is_safe();
                if !is_text(&left) || !is_text(&right) {
                    return None;
                }
                Some(Value::from([left.as_str()?, right.as_str()?].concat()))
            }
            Expression::Other => None,
        }
    }

    fn holds(&mut self, condition: &Condition) -> Option<bool> {
        match condition {
            Condition::Holds(Expression::Path(number)) => {
                Some(self.bindings.find(*number)?.is_true())
            }
            Condition::Holds(expression) => Some(self.value(expression)?.is_true()),
            Condition::Equal([left, right]) => Some(self.value(left)? == self.value(right)?),
            Condition::Not(condition) => Some(!self.holds(condition)?),
            Condition::And(both) => Some(self.holds(&both[0])? && self.holds(&both[1])?),
            Condition::Or(both) => Some(self.holds(&both[0])? || self.holds(&both[1])?),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Templates;

    /// Whether minijinja alone knows a part of what a template does.
    fn has_other(steps: &[Step]) -> bool {
        fn is_other(expression: &Expression) -> bool {
            match expression {
                Expression::Path(_) | Expression::Constant(_) => false,
                Expression::Joined(parts) => parts.iter().any(is_other),
                Expression::Other => true,
            }
        }
        fn is_unknown(condition: &Condition) -> bool {
            match condition {
                Condition::Holds(expression) => is_other(expression),
                Condition::Equal(both) => both.iter().any(is_other),
                Condition::Not(condition) => is_unknown(condition),
                Condition::And(both) | Condition::Or(both) => both.iter().any(is_unknown),
            }
        }
        steps.iter().any(|step| match step {
            Step::Text(_) => false,
            Step::Value(expression) => is_other(expression),
            Step::Branch { condition, then, otherwise } => {
                is_unknown(condition) || has_other(then) || has_other(otherwise)
            }
            Step::Other => true,
        })
    }

    /// A template of every site that only minijinja knows would make a render of many slow.
    #[test]
    fn the_built_in_templates_of_sites_are_followed() {
        let project = tempfile::tempdir().unwrap();
        let (mut sources, mut problems) = (Default::default(), Vec::new());
        let templates = Templates::load(project.path(), "templates", &mut sources, &mut problems);
        let is_known = |name: &String| !has_other(&templates.plans[name].steps);
        let (known, others): (Vec<&String>, Vec<_>) =
            templates.plans.keys().partition(|n| is_known(n));
        for folder in ["mariadb/", "secret/"] {
            assert!(known.iter().any(|name| name.starts_with(folder)));
            assert!(!others.iter().any(|name| name.starts_with(folder)), "{others:?}");
        }
        // One has a filter where a site is told its database's port, and there is one bench for many sites.
        let others: Vec<_> =
            others.into_iter().filter(|name| name.starts_with("frappe/")).collect();
        assert_eq!(others, ["frappe/frappebench.yaml.j2", "frappe/frappesite.yaml.j2"]);
    }

    #[test]
    fn turns_are_remembered_in_their_order_and_not_without_end() {
        let turns = [true, false, false, true];
        let followed = turns.into_iter().try_fold(Turns::NONE, Turns::and).unwrap();
        assert!(followed.iter().eq(turns));
        let most = std::iter::repeat_n(true, 63).try_fold(Turns::NONE, Turns::and).unwrap();
        assert_eq!((most.iter().count(), most.and(true)), (63, None));
    }
}
