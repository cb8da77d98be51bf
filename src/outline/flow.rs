//! Flows: templates that consist only of text, values and conditions, compiled. A flow tells without
//! running the template how each condition is decided and which values are interpolated.
//!
//! A flow gives exactly what minijinja gives, or it gives nothing. It knows variables, fields,
//! constants, joined texts, `not`, `and`, `or`, `==` and `!=`. Where a template does anything else,
//! or uses a value that does not exist, the flow gives nothing, and minijinja renders the template.

use super::bindings::{Bindings, VariableNumbers};
use super::value::Interpolated;
use crate::object::Invariant;
use minijinja::Value;
use minijinja::machinery::{ast, parse};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;

/// A compiled template.
#[derive(Debug)]
pub(super) struct Flow {
    steps: Vec<TemplatePart>,
    /// The numbers of the variables that its invariants name.
    invariants: Vec<usize>,
}

/// The decisions of a template's conditions, in the order in which the template meets them. Each is
/// one bit. The highest bit is always set and marks the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Decisions(u64);

impl Decisions {
    const NONE: Self = Self(1);

    /// Adds a decision. `None` if there are too many to store.
    fn and(self, decision: bool) -> Option<Self> {
        (self.0.leading_zeros() > 0).then_some(Self(self.0 << 1 | u64::from(decision)))
    }

    /// The decisions, in their order.
    fn iter(self) -> impl Iterator<Item = bool> {
        let count = 63 - self.0.leading_zeros();
        (0..count).rev().map(move |at| self.0 >> at & 1 == 1)
    }
}

/// What a template does for one context.
#[derive(Debug)]
pub(super) struct Trace<'b> {
    /// How its conditions are decided. This determines all of the text except the values.
    pub(super) decisions: Decisions,
    /// The values that it interpolates, in their order.
    written: Vec<WrittenValue>,
    invariants: &'b [usize],
    bindings: &'b Bindings<'b>,
}

/// A value that a template interpolates.
#[derive(Debug)]
enum WrittenValue {
    /// The value of a variable or field, by its number.
    Bound(usize),
    /// The value of any other expression.
    Own(Interpolated),
}

impl Trace<'_> {
    /// The number of values that the template interpolates.
    pub(super) fn count(&self) -> usize {
        self.written.len()
    }

    /// The value at this position among the interpolated values.
    pub(super) fn value(&self, at: usize) -> Option<&Interpolated> {
        match self.written.get(at)? {
            WrittenValue::Bound(number) => self.bindings.known(*number),
            WrittenValue::Own(value) => Some(value),
        }
    }

    /// The value that the context gives for an invariant, by the invariant's position.
    pub(super) fn invariant(&self, at: usize) -> Option<&Interpolated> {
        self.bindings.known(*self.invariants.get(at)?)
    }

    /// Whether an interpolated value is the variable of an invariant.
    pub(super) fn is_invariant(&self, value: usize, at: usize) -> bool {
        match self.written.get(value) {
            Some(WrittenValue::Bound(number)) => self.invariants.get(at) == Some(number),
            _ => false,
        }
    }
}

/// A piece of a template's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'p> {
    /// The template's own text.
    Text(&'p str),
    /// The next interpolated value.
    Value,
}

/// A part of a template.
#[derive(Debug)]
enum TemplatePart {
    Text(Box<str>),
    Value(Expression),
    Branch {
        condition: BranchCondition,
        then: Vec<TemplatePart>,
        otherwise: Vec<TemplatePart>,
    },
    /// A part that only minijinja can run.
    Other,
}

/// An expression that has a value.
#[derive(Debug)]
enum Expression {
    /// A variable or a field, by its number.
    Path(usize),
    Constant(Value),
    /// Two joined texts.
    Joined(Box<[Expression; 2]>),
    /// An expression that only minijinja can evaluate.
    Other,
}

/// The condition of an `{% if %}`.
#[derive(Debug)]
enum BranchCondition {
    Holds(Expression),
    Equal([Expression; 2]),
    Not(Box<BranchCondition>),
    And(Box<[BranchCondition; 2]>),
    Or(Box<[BranchCondition; 2]>),
}

impl Flow {
    /// Compiles a template. `None` for a text that is not a template.
    pub(super) fn of(
        text: &str,
        name: &str,
        invariants: impl Iterator<Item = &'static Invariant>,
        syntax: &SyntaxConfig,
        variables: &mut VariableNumbers,
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

    /// What the template does for the context of `bindings`. `None` if only minijinja can tell.
    pub(super) fn follow<'b, 't: 'b>(
        &'t self,
        bindings: &'b mut Bindings<'t>,
    ) -> Option<Trace<'b>> {
        let mut walk =
            Walk { bindings, decisions: Decisions::NONE, written: Vec::with_capacity(24) };
        walk.follow(&self.steps)?;
        let Walk { bindings, decisions, written } = walk;
        // Looks them up for `Trace::invariant`. A variable that does not exist has no value there.
        self.invariants.iter().for_each(|number| _ = bindings.find(*number));
        Some(Trace { decisions, written, invariants: &self.invariants, bindings })
    }

    /// The output of the template when its conditions are decided in this way.
    pub(super) fn pieces(&self, decisions: Decisions) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        collect(&self.steps, &mut decisions.iter(), &mut pieces);
        pieces
    }
}

impl VariableNumbers {
    fn steps(&mut self, statements: &[ast::Stmt]) -> Vec<TemplatePart> {
        let mut step = |statement: &ast::Stmt| match statement {
            ast::Stmt::EmitRaw(text) => TemplatePart::Text(text.raw.into()),
            ast::Stmt::EmitExpr(emit) => TemplatePart::Value(self.expression(&emit.expr)),
            ast::Stmt::IfCond(branch) => TemplatePart::Branch {
                condition: self.condition(&branch.expr),
                then: self.steps(&branch.true_body),
                otherwise: self.steps(&branch.false_body),
            },
            _ => TemplatePart::Other,
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

    fn condition(&mut self, stated: &ast::Expr) -> BranchCondition {
        use ast::{BinOpKind, CompareOpKind, Expr};
        let mut both = |left, right| Box::new([self.condition(left), self.condition(right)]);
        match stated {
            Expr::BinOp(it) if matches!(it.op, BinOpKind::ScAnd) => {
                BranchCondition::And(both(&it.left, &it.right))
            }
            Expr::BinOp(it) if matches!(it.op, BinOpKind::ScOr) => {
                BranchCondition::Or(both(&it.left, &it.right))
            }
            Expr::UnaryOp(it) if matches!(it.op, ast::UnaryOpKind::Not) => {
                BranchCondition::Not(Box::new(self.condition(&it.expr)))
            }
            Expr::BinOp(it) if matches!(it.op, BinOpKind::Eq | BinOpKind::Ne) => {
                self.comparison(&it.left, &it.right, matches!(it.op, BinOpKind::Ne))
            }
            Expr::Compare(it) => match it.ops.as_slice() {
                [only] if matches!(only.op, CompareOpKind::Eq | CompareOpKind::Ne) => {
                    self.comparison(&it.expr, &only.expr, matches!(only.op, CompareOpKind::Ne))
                }
                _ => BranchCondition::Holds(Expression::Other),
            },
            _ => BranchCondition::Holds(self.expression(stated)),
        }
    }

    fn comparison(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        is_negated: bool,
    ) -> BranchCondition {
        let equal = BranchCondition::Equal([self.expression(left), self.expression(right)]);
        if is_negated { BranchCondition::Not(Box::new(equal)) } else { equal }
    }
}

/// One run through a flow.
struct Walk<'b, 't> {
    bindings: &'b mut Bindings<'t>,
    decisions: Decisions,
    written: Vec<WrittenValue>,
}

impl Walk<'_, '_> {
    fn follow(&mut self, steps: &[TemplatePart]) -> Option<()> {
        for step in steps {
            match step {
                TemplatePart::Text(_) => {}
                TemplatePart::Value(Expression::Path(number)) => {
                    self.bindings.find(*number)?;
                    self.written.push(WrittenValue::Bound(*number));
                }
                TemplatePart::Value(expression) => {
                    let value = self.value(expression)?;
                    self.written.push(WrittenValue::Own(Interpolated::new(value)));
                }
                TemplatePart::Branch { condition, then, otherwise } => {
                    let decision = self.holds(condition)?;
                    self.decisions = self.decisions.and(decision)?;
                    self.follow(if decision { then } else { otherwise })?;
                }
                TemplatePart::Other => return None,
            }
        }
        Some(())
    }

    /// The value of an expression. `None` if it does not exist or only minijinja can tell.
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

    fn holds(&mut self, condition: &BranchCondition) -> Option<bool> {
        match condition {
            BranchCondition::Holds(Expression::Path(number)) => {
                Some(self.bindings.find(*number)?.is_true())
            }
            BranchCondition::Holds(expression) => Some(self.value(expression)?.is_true()),
            BranchCondition::Equal([left, right]) => Some(self.value(left)? == self.value(right)?),
            BranchCondition::Not(condition) => Some(!self.holds(condition)?),
            BranchCondition::And(both) => Some(self.holds(&both[0])? && self.holds(&both[1])?),
            BranchCondition::Or(both) => Some(self.holds(&both[0])? || self.holds(&both[1])?),
        }
    }
}

/// Adds the output of some steps to `pieces`.
fn collect<'p>(
    steps: &'p [TemplatePart],
    decisions: &mut impl Iterator<Item = bool>,
    pieces: &mut Vec<Piece<'p>>,
) {
    for step in steps {
        match step {
            TemplatePart::Text(text) => pieces.push(Piece::Text(text)),
            TemplatePart::Value(_) => pieces.push(Piece::Value),
            TemplatePart::Branch { then, otherwise, .. } => {
                let steps = if decisions.next().unwrap_or_default() { then } else { otherwise };
                collect(steps, decisions, pieces);
            }
            TemplatePart::Other => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::Outlines;
    use crate::provider;
    use crate::template::Templates;

    /// Whether only minijinja can run a part of a template.
    fn has_other(steps: &[TemplatePart]) -> bool {
        fn is_other(expression: &Expression) -> bool {
            match expression {
                Expression::Path(_) | Expression::Constant(_) => false,
                Expression::Joined(parts) => parts.iter().any(is_other),
                Expression::Other => true,
            }
        }
        fn is_unknown(condition: &BranchCondition) -> bool {
            match condition {
                BranchCondition::Holds(expression) => is_other(expression),
                BranchCondition::Equal(both) => both.iter().any(is_other),
                BranchCondition::Not(condition) => is_unknown(condition),
                BranchCondition::And(both) | BranchCondition::Or(both) => {
                    both.iter().any(is_unknown)
                }
            }
        }
        steps.iter().any(|step| match step {
            TemplatePart::Text(_) => false,
            TemplatePart::Value(expression) => is_other(expression),
            TemplatePart::Branch { condition, then, otherwise } => {
                is_unknown(condition) || has_other(then) || has_other(otherwise)
            }
            TemplatePart::Other => true,
        })
    }

    /// A render of many sites would be slow if minijinja had to run these templates for each site.
    #[test]
    fn flows_express_the_built_in_templates_of_sites() {
        let project = tempfile::tempdir().unwrap();
        let templates = Templates::load(project.path(), "templates", &mut Default::default()).value;
        let flows = Outlines::new(&templates).flows;
        let (known, others): (Vec<&String>, Vec<_>) =
            flows.keys().partition(|name| !has_other(&flows[*name].steps));
        let of_providers = provider::ALL.iter().flat_map(|provider| provider.object_types());
        let of_providers: Vec<&str> = of_providers.map(|of| of.template).collect();
        let of_sites = |name: &str| {
            of_providers.contains(&name)
                || name.starts_with("secret/")
                || name.starts_with("status/")
        };
        for folder in ["secret/", "status/"] {
            assert!(known.iter().any(|name| name.starts_with(folder)));
        }
        assert!(of_providers.iter().all(|name| known.iter().any(|known| known == name)));
        assert!(!others.iter().any(|name| of_sites(name)), "{others:?}");
        // The site's template has a filter for the port of its database. There is one bench for many sites.
        let others: Vec<_> =
            others.into_iter().filter(|name| name.starts_with("frappe/")).collect();
        assert_eq!(others, ["frappe/frappebench.yaml.j2", "frappe/frappesite.yaml.j2"]);
    }

    #[test]
    fn decisions_keep_their_order_and_have_a_limit() {
        let stated = [true, false, false, true];
        let decisions = stated.into_iter().try_fold(Decisions::NONE, Decisions::and).unwrap();
        assert!(decisions.iter().eq(stated));
        let most = std::iter::repeat_n(true, 63).try_fold(Decisions::NONE, Decisions::and).unwrap();
        assert_eq!((most.iter().count(), most.and(true)), (63, None));
    }
}
