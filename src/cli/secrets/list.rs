//! `sitewright secrets list`.

use super::View;
use crate::cli::arguments::Format;
use crate::cli::outcome::Outcome;
use serde_json::{Value, json};
use sitewright::output::Scope;
use sitewright::secret::{Certificate, Held, Record, Settled, State, Unused, plain};

pub(super) fn run(paths: &[String], view: &View) -> Outcome {
    let scope = match paths {
        [] => Scope::everything(),
        // A definition's own name will do, where it means one.
        paths => Scope::of(paths.iter().map(|path| match view.ledger.choose(path).as_deref() {
            Ok([settled, ..]) => settled.need.definition.as_str(),
            _ => view.ledger.plain(path),
        })),
    };
    let settled = &view.ledger.settlement.settled;
    let settled: Vec<&Settled> =
        settled.iter().filter(|settled| scope.covers(&settled.need.definition)).collect();
    let unused = &view.ledger.settlement.unused;
    let unused: Vec<&Unused> =
        unused.iter().filter(|unused| scope.covers(&unused.definition)).collect();
    if settled.is_empty() && unused.is_empty() && !paths.is_empty() {
        return view.fail(paths.iter().map(|path| view.ledger.unknown(path)).collect());
    }
    let mut rows: Vec<Row> = settled.iter().map(|settled| Row::new(settled, view)).collect();
    rows.sort_by(|one, other| one.settled.need.definition.cmp(&other.settled.need.definition));
    if view.terminal.format == Format::Json {
        let unused = unused.iter().map(|unused| {
            json!({
                "definition": unused.definition,
                "secret": unused.secret,
                "key": unused.key,
                "state": "unused",
            })
        });
        let result: Vec<Value> = rows.iter().map(Row::json).chain(unused).collect();
        view.terminal.document(&[], &view.ledger.project.sources, json!(result));
        return Outcome::Fine;
    }
    let unused = unused.iter().map(|unused| {
        let path = format!("{}/{}", unused.secret, unused.key);
        [unused.definition.clone(), path, String::new(), "unused".to_owned()]
    });
    let lines: Vec<[String; 4]> = rows.iter().map(Row::cells).chain(unused).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    for [definition, path, generation, value] in &lines {
        let line = format!(
            "{definition:<0$}  {path:<1$}  {generation:>2$}  {value}",
            widths[0], widths[1], widths[2],
        );
        view.terminal.line(line.trim_end());
    }
    Outcome::Fine
}

/// What is said of a password.
struct Row<'s> {
    settled: &'s Settled,
    record: Option<&'s Record>,
    certificate: Option<&'s Certificate>,
    /// Whether a newer key is there than the one that it is sealed for.
    is_older: bool,
    /// Whether its clear text is on this machine.
    is_here: bool,
}

impl<'s> Row<'s> {
    fn new(settled: &'s Settled, view: &'s View) -> Self {
        let record = match &settled.state {
            State::Kept(record) | State::Unfit(record, _) => Some(&**record),
            State::Missing | State::Lost(_) | State::Damaged(_) | State::Unknown => None,
        };
        let cluster = &view.ledger.fleet.clusters[settled.need.cluster.0].name;
        let fingerprint = match record.map(|record| &record.value) {
            Some(Held::Sealed { key, .. }) => key.as_deref(),
            _ => None,
        };
        let certificates = &view.ledger.project.certificates;
        let mut known = certificates.of(cluster).iter();
        let certificate = known.find(|known| Some(known.fingerprint.as_str()) == fingerprint);
        let newest = certificates.newest(cluster).map(|newest| newest.fingerprint.as_str());
        let is_older = certificate.is_some() && fingerprint != newest;
        let is_plain = record.is_some_and(|record| record.value == Held::Plain);
        let is_here =
            is_plain && plain::password(&view.ledger.project.root, &settled.need).is_some();
        Self { settled, record, certificate, is_older, is_here }
    }

    fn state(&self) -> &'static str {
        match &self.settled.state {
            State::Kept(_) => "recorded",
            State::Missing => "missing",
            State::Unfit(..) => "unfit",
            State::Lost(_) => "lost",
            State::Damaged(_) | State::Unknown => "unknown",
        }
    }

    fn held(&self) -> Option<&'static str> {
        self.record.map(|record| match record.value {
            Held::Sealed { .. } => "sealed",
            Held::Plain => "plain",
            Held::External => "external",
        })
    }

    fn fingerprint(&self) -> Option<&str> {
        match &self.record?.value {
            Held::Sealed { key, .. } => key.as_deref(),
            _ => None,
        }
    }

    fn cells(&self) -> [String; 4] {
        let need = &self.settled.need;
        let generation = self.record.map(|record| record.generation.to_string());
        let mut value = match (self.held(), self.certificate, self.fingerprint()) {
            (_, Some(certificate), _) => certificate.file_name().to_owned(),
            (_, None, Some(fingerprint)) => fingerprint.to_owned(),
            (Some("sealed"), None, None) => "sealed, nobody knows for which key".to_owned(),
            (Some("plain"), None, None) if !self.is_here => "plain, not on this machine".to_owned(),
            (Some(held), None, None) => held.to_owned(),
            (None, None, None) => self.state().to_owned(),
        };
        if self.is_older {
            value += " (an older key)";
        }
        if let State::Unfit(_, problem) = &self.settled.state {
            value += &format!(" (does not fit: {})", problem.code.id());
        }
        [
            need.definition.clone(),
            format!("{}/{}", need.wanted.name, need.key()),
            generation.unwrap_or_default(),
            value,
        ]
    }

    fn json(&self) -> Value {
        let need = &self.settled.need;
        json!({
            "definition": need.definition,
            "namespace": need.wanted.namespace,
            "secret": need.wanted.name,
            "key": need.key(),
            "state": self.state(),
            "generation": self.record.map(|record| record.generation),
            "policy": self.record.map(|record| record.policy.name()),
            "held": self.held(),
            "certificate": self.certificate.map(|certificate| certificate.path.as_str()),
            "sealedFor": self.fingerprint(),
            "olderKey": self.is_older,
            "here": self.is_here,
        })
    }
}
