//! Evaluates one rule for one subject.

use super::budget;
use super::expression::Expression;
use super::file::{Condition, Part, Rule, variables};
use super::value::to_cel;
use crate::diagnostic::{Span, visible};
use cel::common::types::{CelBool, CelDouble, CelInt, CelString};
use cel::{Context, Env, ExecutionError};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// What a rule says about a subject.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The rule holds, or does not apply.
    Holds,
    /// The rule does not hold, for this reason.
    Violated(String),
    /// The rule cannot be evaluated: why, and where the expression is.
    Failed(String, Span),
    /// The rule costs too much.
    TooCostly,
}

/// The variables of an evaluation. The same values serve all rules about a subject.
pub(super) fn context<'v>(
    rule: &Rule,
    environment: &Arc<Env>,
    given: &[(&str, &'v Value)],
) -> Context<'v, 'v> {
    let mut context = Context::with_env(environment.clone());
    for (name, value) in given.iter().filter(|(name, _)| variables(rule.about).contains(name)) {
        context.add_variable_as_val(*name, to_cel(value));
    }
    context
}

/// Judges a subject. Nothing is evaluated past the limit of the cost.
pub(super) fn judge(rule: &Rule, context: &Context, limit: u64) -> Verdict {
    let evaluated = budget::within(limit, || {
        if let Some(when) = &rule.when
            && !holds(when, context)?
        {
            return Ok(None);
        }
        match holds(&rule.require, context)? {
            true => Ok(None),
            false => message(rule, context).map(Some),
        }
    });
    match evaluated {
        None => Verdict::TooCostly,
        Some(Ok(None)) => Verdict::Holds,
        Some(Ok(Some(message))) => Verdict::Violated(message),
        Some(Err((why, place))) => Verdict::Failed(why, place),
    }
}

type Evaluated<T> = Result<T, (String, Span)>;

fn holds(condition: &Condition, context: &Context) -> Evaluated<bool> {
    let found = evaluate(&condition.expression, context);
    let found = found.and_then(|value| match value {
        Scalar::Bool(value) => Ok(value),
        _ => Err("its result is not true or false".to_owned()),
    });
    found.map_err(|why| (why, condition.place))
}

fn message(rule: &Rule, context: &Context) -> Evaluated<String> {
    let mut text = String::new();
    for part in &rule.message {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Value(expression) => {
                let value = evaluate(expression, context);
                let value = value.and_then(|value| value.text());
                text.push_str(&value.map_err(|why| (why, rule.message_place))?);
            }
        }
    }
    Ok(text)
}

/// The results that conditions and messages can use.
enum Scalar {
    Bool(bool),
    Text(String),
    Other,
}

impl Scalar {
    fn text(self) -> Result<String, String> {
        match self {
            Scalar::Bool(value) => Ok(value.to_string()),
            Scalar::Text(text) => Ok(match visible(&text) {
                Cow::Borrowed(_) => text,
                Cow::Owned(text) => text,
            }),
            Scalar::Other => Err("a message shows only texts, numbers, true and false".to_owned()),
        }
    }
}

fn evaluate(expression: &Expression, context: &Context) -> Result<Scalar, String> {
    let value =
        cel::Value::resolve_val(&expression.tree, context).map_err(|error| explain(&error))?;
    let value = value.as_ref();
    let text = value.downcast_ref::<CelString>().map(|text| text.inner().to_owned());
    let text = text.or_else(|| value.downcast_ref::<CelInt>().map(|it| it.inner().to_string()));
    let text = text.or_else(|| value.downcast_ref::<CelDouble>().map(|it| it.inner().to_string()));
    Ok(match (value.downcast_ref::<CelBool>(), text) {
        (Some(value), _) => Scalar::Bool(*value.inner()),
        (None, Some(text)) => Scalar::Text(text),
        (None, None) => Scalar::Other,
    })
}

/// Why an expression fails. The crate's own texts show whole values, in an order that differs from run to run.
fn explain(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(key) => format!("there is no `{key}`"),
        ExecutionError::NoSuchOverload(wrong) => {
            let types = wrong.argument_types().join(" and ");
            format!("`{}` does not take {types}", operator(wrong.function()))
        }
        ExecutionError::UndeclaredReference(name) => format!("there is no `{name}`"),
        ExecutionError::UnexpectedType { want, .. } => format!("a value is not of the type {want}"),
        ExecutionError::ValuesNotComparable(..) => "two values cannot be compared".to_owned(),
        ExecutionError::UnsupportedBinaryOperator(name, ..) => {
            format!("two values have types for which there is no `{name}`")
        }
        ExecutionError::UnsupportedIndex(..) | ExecutionError::UnsupportedKeyType(_) => {
            "a value cannot be an index or a key".to_owned()
        }
        ExecutionError::FunctionError { function, .. } => {
            format!("`{function}` fails for this value")
        }
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
            "it divides by zero".to_owned()
        }
        ExecutionError::Overflow(..) => "a number becomes too large".to_owned(),
        ExecutionError::IndexOutOfBounds(_) => "a list has no item of this index".to_owned(),
        ExecutionError::DuplicateKey(_) => "a map has a key twice".to_owned(),
        _ => "a value does not fit".to_owned(),
    }
}

/// The sign of an operator, such as `<` for `_<_`.
fn operator(name: &str) -> &str {
    match name.trim_matches(['_', '@']) {
        "" => name,
        sign => sign,
    }
}
