//! The risks of CloudNativePG's kinds.

mod server;

use crate::risk::{Risks, Ties};

pub(super) static RISKS: Risks =
    Risks { tables: &[server::TABLE], ties: Ties::NONE, unordered: &[] };

const IMMUTABLE: &str = "the field is immutable: the change is refused";
const LEAVE: &str = "keep the old value";
