//! What the status of a foreign object says: pure functions from a status to a verdict.
//!
//! One file an operator. A comment at a rule names the operator's source that it follows.

mod cloudnative_pg;
mod frappe;
mod mariadb;
mod secrets;

use crate::kind::Kind;
use crate::message::one_line;
use crate::observed::{ForeignCondition, ForeignStatus, Observed};
use sitewright_api::Readiness;

/// How far an object is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It is as it should be.
    Ready,
    /// It is on its way.
    Provisioning,
    /// Its operator has not looked at it, or not at its newest generation.
    Unobserved,
    /// Its operator has written no status.
    Pending,
    /// It is being deleted.
    Deleting,
    /// It waits for another object. That counts as a failure after the grace period.
    Waiting,
    /// It failed, and its operator tries again. That counts as a failure after the grace period.
    Retried,
    /// It is in a state that only a person ends.
    NeedsPerson,
}

/// What is kept of an object's status.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    /// How far it is.
    pub verdict: Verdict,
    /// What its operator says, as one line. Empty if it says nothing.
    pub message: String,
    /// When it began to fail, in seconds since 1970, where the status says it.
    pub since: Option<i64>,
    /// A live value that overrides what the SiteDatabase states.
    pub fact: Option<Fact>,
}

/// A live value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fact {
    /// The name of the database.
    Database(String),
    /// The Service that leads to the primary.
    Service(String),
}

impl Report {
    fn new(verdict: Verdict, message: impl AsRef<str>) -> Self {
        Self { verdict, message: one_line(message.as_ref()), since: None, fact: None }
    }

    fn ready() -> Self {
        Self::new(Verdict::Ready, "")
    }

    fn pending() -> Self {
        Self::new(Verdict::Pending, "its operator has written no status yet")
    }

    fn outdated() -> Self {
        Self::new(Verdict::Unobserved, "its operator has not looked at its newest generation yet")
    }
}

/// Judges an object.
pub fn judge(kind: Kind, readiness: Option<Readiness>, object: &Observed) -> Report {
    let view = View {
        generation: object.metadata.generation,
        status: object.status.as_ref().unwrap_or(&NO_STATUS),
    };
    let mut report = match kind {
        Kind::MariaDb => mariadb::server(&view),
        Kind::ExternalMariaDb => mariadb::external(&view),
        Kind::MariaDbSql => mariadb::sql(&view),
        Kind::FrappeSite | Kind::FrappeSiteV1 => frappe::site(&view, kind, readiness),
        Kind::FrappeBench => frappe::bench(&view),
        Kind::SealedSecret => secrets::sealed(&view),
        Kind::ExternalSecret => secrets::external(&view),
        Kind::PostgresCluster => cloudnative_pg::cluster(&view),
        Kind::PostgresSql => cloudnative_pg::sql(&view),
    };
    if object.metadata.deletion_timestamp.is_some() {
        report =
            Report { fact: report.fact, ..Report::new(Verdict::Deleting, "it is being deleted") };
    }
    report
}

static NO_STATUS: ForeignStatus = ForeignStatus {
    conditions: None,
    phase: None,
    phase_reason: None,
    observed_generation: None,
    applied: None,
    message: None,
    site_url: None,
    database_name: None,
    write_service: None,
};

/// What a rule sees.
struct View<'a> {
    generation: Option<i64>,
    status: &'a ForeignStatus,
}

impl<'a> View<'a> {
    fn condition(&self, type_: &str) -> Option<&'a ForeignCondition> {
        self.status.conditions.iter().flatten().find(|it| it.type_ == type_)
    }

    /// Whether the status names a generation, and another one than the object's.
    fn is_outdated(&self) -> bool {
        self.status.observed_generation.is_some_and(|it| Some(it) != self.generation)
    }

    fn phase(&self) -> Option<&'a str> {
        self.status.phase.as_deref().filter(|phase| !phase.is_empty())
    }
}

impl ForeignCondition {
    fn is(&self, status: &str) -> bool {
        self.status == status
    }

    /// Its message, else its reason.
    fn text(&self) -> &str {
        let message = self.message.as_deref().filter(|it| !it.trim().is_empty());
        message.or(self.reason.as_deref()).unwrap_or("its operator gives no reason")
    }

    /// A report that carries the time of the condition.
    fn report(&self, verdict: Verdict) -> Report {
        let since = self.last_transition_time.as_ref().map(|time| time.0.as_second());
        Report { since, ..Report::new(verdict, self.text()) }
    }
}

#[cfg(test)]
mod tests;
