//! `text.matches("pattern")`: regular expressions in rules. A match takes time in proportion to the text and to the
//! size of the compiled pattern, and costs as many steps.

use super::budget;
use super::fault::Fault;
use cel::ExecutionError;
use cel::common::types::{CelBool, CelString};
use cel::common::value::CowVal;
use regex::{Regex, RegexBuilder};
use std::cell::RefCell;
use std::collections::HashMap;

/// The sizes that a compiled pattern may have, in bytes, and the steps that each byte of a text then costs.
const SIZES: [(usize, u64); 4] = [(4 << 10, 1), (16 << 10, 4), (64 << 10, 16), (256 << 10, 64)];

struct Pattern {
    regex: Regex,
    /// The steps that each byte of a text costs.
    cost: u64,
}

thread_local! {
    /// The patterns that this thread has compiled. Patterns are literals of the rules, so there are few.
    static COMPILED: RefCell<HashMap<String, Pattern>> = RefCell::default();
}

/// Refuses a pattern that is not valid or too large.
pub(super) fn check(pattern: &str) -> Result<(), Fault> {
    compile(pattern).map(drop)
}

fn compile(pattern: &str) -> Result<Pattern, Fault> {
    for (size, cost) in SIZES {
        match RegexBuilder::new(pattern).size_limit(size).build() {
            Ok(regex) => return Ok(Pattern { regex, cost }),
            Err(regex::Error::CompiledTooBig(_)) => {}
            Err(error) => {
                // The last line says what is wrong, and the others show the pattern.
                let text = error.to_string();
                let why = text.lines().next_back().unwrap_or_default();
                let why = why.strip_prefix("error: ").unwrap_or(why);
                return Err(Fault::new(
                    format!("not a regular expression: {why}"),
                    "write a pattern such as `^c[0-9]{4}-`",
                ));
            }
        }
    }
    Err(Fault::new(
        "the regular expression is too large",
        "repeat a part fewer times, or write `[0-9A-Za-z_]` for `\\w`",
    ))
}

/// `text.matches(pattern)`: whether a part of the text matches.
pub(super) fn matches<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let mut texts = args.iter().map(|arg| arg.downcast_ref::<CelString>().map(CelString::inner));
    let (Some(Some(text)), Some(Some(pattern))) = (texts.next(), texts.next()) else {
        return Err(ExecutionError::missing_argument_or_target());
    };
    COMPILED.with_borrow_mut(|compiled| {
        if !compiled.contains_key(pattern) {
            let fresh = compile(pattern);
            let fresh =
                fresh.map_err(|it| ExecutionError::function_error("matches", it.message))?;
            compiled.insert(pattern.to_owned(), fresh);
        }
        let Some(Pattern { regex, cost }) = compiled.get(pattern) else {
            return Err(ExecutionError::missing_argument_or_target());
        };
        budget::charge(u64::try_from(text.len()).unwrap_or(u64::MAX).saturating_mul(*cost))?;
        Ok(CowVal::owned(CelBool::from(regex.is_match(text))))
    })
}
