//! Whether a record fits the password that it is recorded for.

use super::{of, of_cluster, recorded_word};
use crate::cluster::Cluster;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::secret::certificate::Certificates;
use crate::secret::need::Need;
use crate::secret::record::Record;

/// A record, and the password that it must fit.
pub(crate) struct Fitting<'a> {
    pub(in crate::secret) need: &'a Need,
    pub(in crate::secret) record: &'a Record,
    /// The cluster of the password.
    pub(in crate::secret) cluster: &'a Cluster<'a>,
    pub(in crate::secret) certificates: &'a Certificates,
    /// The place of a fact of the record.
    pub(in crate::secret) at: &'a dyn Fn(&str) -> Span,
}

impl Fitting<'_> {
    /// The key of the Secret, in messages.
    pub(super) fn path(&self) -> String {
        format!("{}/{}", self.need.wanted.name, self.need.key())
    }

    /// A diagnostic at a fact of the record.
    pub(super) fn problem(&self, code: Code, fact: &str, message: String) -> Diagnostic {
        Diagnostic::new(code, (self.at)(fact), message)
    }

    /// The problem of a record of another Secret.
    pub(super) fn wrong_label(&self) -> Option<Diagnostic> {
        let (namespace, name) = (&self.need.wanted.namespace, &self.need.wanted.name);
        let expected = of(self.record.mode).label(self.cluster, namespace, name);
        (*self.record.label != expected).then(|| {
            let message = format!(
                "`{}` is recorded for `{}`, but its Secret is now `{namespace}/{name}`",
                self.path(),
                &*self.record.label,
            );
            let help = format!(
                "a site or server whose name or namespace changes is a new one, which starts empty. {}",
                self.new_or_adopted()
            );
            // SW702: a record no longer fits its Secret.
            self.problem(Code::RecordMoved, "label", message).help(help)
        })
    }

    /// The problem of a record whose mode the cluster does not accept.
    pub(super) fn wrong_mode(&self) -> Option<Diagnostic> {
        let (cluster, record) = (of_cluster(self.cluster), self.record);
        (!cluster.accepts().contains(&record.mode)).then(|| {
            let message = format!(
                "the value of `{}` is kept {}, but the cluster's `secrets.mode` is {}",
                self.path(),
                of(record.mode).word(),
                cluster.word()
            );
            let help = format!(
                "`sitewright secrets rotate {}` makes a new password. {}",
                self.need.path(),
                cluster.keeping()
            );
            let fact = if recorded_word(record.mode).is_none() { "sealed" } else { "mode" };
            // SW704: a record does not fit the cluster's secrets mode.
            self.problem(Code::RecordMode, fact, message).help(help)
        })
    }

    /// The help for a value that is sealed for another Secret.
    pub(super) fn new_or_adopted(&self) -> String {
        format!(
            "`sitewright secrets rotate {}` makes a new password. To keep the password in use, seal it with \
             kubeseal for its Secret's name and namespace, then run `sitewright secrets adopt FILE`",
            self.need.path()
        )
    }
}
