//! The functions that an expression may call, and the environment in which it runs.
//!
//! The list is short on purpose. A function whose result can be much longer than its arguments (`replace`, `format`) is
//! left out.

use super::{budget, pattern};
use crate::language::quantity;
use cel::common::types::{CelDouble, CelString, DYN_TYPE, STRING_TYPE};
use cel::common::value::CowVal;
use cel::{DeclarationError, Env, ExecutionError, extensions};

/// A function: its name, whether it is called as `value.name(…)`, and the number of its arguments.
pub(super) struct Callable {
    pub(super) name: &'static str,
    pub(super) is_member: bool,
    pub(super) arguments: usize,
    /// Whether its result may be true or false.
    pub(super) is_bool: bool,
}

const fn global(name: &'static str) -> Callable {
    Callable { name, is_member: false, arguments: 1, is_bool: false }
}

const fn member(name: &'static str, arguments: usize, is_bool: bool) -> Callable {
    Callable { name, is_member: true, arguments, is_bool }
}

/// Every function that an expression may call.
pub(super) const FUNCTIONS: &[Callable] = &[
    global("size"),
    global("string"),
    global("int"),
    global("double"),
    global("quantity"),
    member("size", 0, false),
    member("contains", 1, true),
    member("startsWith", 1, true),
    member("endsWith", 1, true),
    member("matches", 1, true),
    member("lowerAscii", 0, false),
    member("upperAscii", 0, false),
    member("trim", 0, false),
    member("split", 1, false),
    member("join", 1, false),
];

/// The words that the parser turns into loops or tests.
pub(super) const MACROS: [&str; 6] = ["has", "all", "exists", "exists_one", "map", "filter"];

/// The environment of all expressions.
pub(super) fn environment() -> Result<Env, DeclarationError> {
    let mut env = Env::default().with_optional_support(false).with_stdlib();
    env.add_extension(extensions::strings)?;
    env.add_overload(budget::METER, "meter", vec![DYN_TYPE], budget::meter)?;
    env.add_overload(budget::ITEMS, "items", vec![DYN_TYPE], budget::items)?;
    env.add_member_overload(
        "matches",
        "string_matches",
        STRING_TYPE,
        vec![STRING_TYPE],
        pattern::matches,
    )?;
    env.add_overload("quantity", "quantity_string", vec![STRING_TYPE], amount)?;
    Ok(env)
}

/// `quantity("10Gi")`: a quantity of Kubernetes as a number, so that two can be compared.
fn amount<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let text = args.first().and_then(|arg| arg.downcast_ref::<CelString>());
    match text.and_then(|text| quantity(text.inner())) {
        // A double tells all amounts apart that occur: it is exact up to 2^53.
        Some(billionths) => Ok(CowVal::owned(CelDouble::from(billionths as f64 / 1e9))),
        None => Err(ExecutionError::function_error("quantity", "not a quantity")),
    }
}
