//! What the evaluation of a rule may cost. Costs are counted, not timed, so that a rule that costs too much fails on
//! every machine, and for the same definition.
//!
//! CEL has no endless loops, but nested loops and concatenations grow without bound. [`super::expression`] puts a call
//! of [`METER`] around each value that is copied or compared, and of [`ITEMS`] around each value that a loop walks
//! through. A call that finds no budget left fails, so no later one does any work.

use cel::ExecutionError;
use cel::common::types::{CelList, CelMapKey, CelString};
use cel::common::value::{BuiltinRef, CowVal, Val};
use std::cell::Cell;

/// The function that counts a value.
pub(super) const METER: &str = "@meter";

/// The function that counts a value, and gives the items of a list, or the sorted keys of a map.
pub(super) const ITEMS: &str = "@items";

/// The most that one evaluation may cost.
const MOST: u64 = 100_000;

/// The most that a rule may cost in a run.
const MOST_OF_RUN: u64 = 400_000_000;

thread_local! {
    /// What is left for the evaluation that runs on this thread.
    static LEFT: Cell<u64> = const { Cell::new(0) };
}

/// What one evaluation may cost if a run has this many.
pub(super) fn share(evaluations: usize) -> u64 {
    let evaluations = u64::try_from(evaluations).unwrap_or(u64::MAX).max(1);
    (MOST_OF_RUN / evaluations).clamp(1_000, MOST)
}

/// Evaluates something that may cost this much. `None` if it costs more.
pub(super) fn within<T>(limit: u64, evaluate: impl FnOnce() -> T) -> Option<T> {
    // One more than the limit, so that 0 means that the limit was passed.
    LEFT.set(limit + 1);
    let result = evaluate();
    (LEFT.get() > 0).then_some(result)
}

/// [`METER`].
pub(super) fn meter<'b, 'v>(
    mut args: Vec<CowVal<'b, 'v>>,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = args.pop().ok_or_else(ExecutionError::missing_argument_or_target)?;
    spend(value.as_ref())?;
    Ok(value)
}

/// [`ITEMS`]. The keys of a map are sorted: the crate's maps have no order, and the order of a loop must be the same
/// in every run.
pub(super) fn items<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = meter(args)?;
    let BuiltinRef::Map(map) = value.as_builtin() else { return Ok(value) };
    let mut keys: Vec<&CelMapKey> = map.inner().keys().collect();
    keys.sort_by_cached_key(|key| text_of(key));
    let keys: Vec<Box<dyn Val + 'v>> =
        keys.into_iter().map(|key| key.inner().clone_as_boxed()).collect();
    Ok(CowVal::owned(CelList::from(keys)))
}

/// A text by which keys are sorted. Keys of definitions and objects are texts.
fn text_of(key: &CelMapKey) -> String {
    match key.inner().downcast_ref::<CelString>() {
        Some(text) => text.inner().to_owned(),
        None => format!("{:?}", key.inner()),
    }
}

fn spend(value: &dyn Val) -> Result<(), ExecutionError> {
    charge(weight(value))
}

/// Takes steps from the budget. An error if none is left.
pub(super) fn charge(steps: u64) -> Result<(), ExecutionError> {
    LEFT.set(LEFT.get().saturating_sub(steps));
    match LEFT.get() {
        0 => Err(ExecutionError::function_error(METER, "no budget is left")),
        _ => Ok(()),
    }
}

/// What it costs to walk through a value.
fn weight(value: &dyn Val) -> u64 {
    /// How many bytes of a text cost as much as a value.
    const BYTES: usize = 16;
    let of_text = |text: &str| u64::try_from(text.len() / BYTES).unwrap_or(u64::MAX) + 1;
    match value.as_builtin() {
        BuiltinRef::String(text) => of_text(text.inner()),
        BuiltinRef::List(list) => {
            list.inner().iter().map(|item| weight(item.as_ref())).sum::<u64>() + 1
        }
        BuiltinRef::Map(map) => {
            let entries = map.inner().iter();
            entries.map(|(key, value)| weight(key.inner()) + weight(value.as_ref())).sum::<u64>()
                + 1
        }
        _ => 1,
    }
}
