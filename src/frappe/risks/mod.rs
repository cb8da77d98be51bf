//! The risks of Frappe's own kinds.

mod bench;
mod site;

pub(crate) use site::site_name;

use crate::risk::{Risks, Ties};

pub(crate) static RISKS: Risks = Risks {
    tables: &[site::TABLE, bench::TABLE],
    ties: Ties { subject: site::subject, secret: |_, _| None },
    unordered: &[],
};
