//! Names that operators derive from the name of a definition.

/// A kind of object that an operator creates, and the maximum length of its name.
#[derive(Clone, Copy, Debug)]
pub struct Taker {
    /// The kind.
    pub kind: &'static str,
    /// The maximum length of a name, in characters.
    pub most: usize,
}

/// A label's value has 63 characters (Kubernetes).
pub const LABEL: usize = 63;

/// A DNS label (Kubernetes).
pub const SERVICE: Taker = Taker { kind: "Service", most: 63 };

/// The pods of a Job have its name as a label.
pub const JOB: Taker = Taker { kind: "Job", most: LABEL };

/// A CronJob creates Jobs whose names are eleven characters longer (Kubernetes).
pub const CRON_JOB: Taker = Taker { kind: "CronJob", most: 52 };

/// The pods of a StatefulSet have the label `controller-revision-hash`: the name, a dash and ten
/// digits (Kubernetes).
pub const STATEFUL_SET: Taker = Taker { kind: "StatefulSet", most: LABEL - 11 };

/// A name that operators derive from a definition's name.
///
/// Tables of them list the names that can be too long. A definition's name has at most 63
/// characters. The names of Secrets, claims, Deployments, Ingresses and custom resources may have
/// 253, so they are never too long.
#[derive(Debug)]
pub struct DerivedName {
    /// What follows the definition's name.
    pub ending: &'static str,
    /// The kind of object that has the name.
    pub taker: Taker,
    /// The owner of the name, in words.
    pub of: &'static str,
}

/// A table of derived names, one on each line: the ending, the kind and the owner.
macro_rules! derived {
    ($($ending:literal $taker:ident $of:literal;)+) => {
        &[$($crate::object::DerivedName { ending: $ending, taker: $taker, of: $of }),+]
    };
}

pub(crate) use derived;
