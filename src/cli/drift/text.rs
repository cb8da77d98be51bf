//! The report for people. Its form is that of `flux diff`: `-` is the value in the cluster, and `+` is the value
//! that the GitOps engine writes.

use crate::cli::diff::text::inline;
use crate::cli::terminal::number;
use sitewright::diagnostic::visible;
use sitewright::diff::unified;
use sitewright::drift::{
    ACCEPTED_FILE, Cause, Changed, Commit, Drift, Drifted, Reaction, State, Writer,
};
use sitewright::language::Engine;
use sitewright::risk::{FieldChange, Finding, Level};
use sitewright::source::node::Node;

pub(super) fn report(drift: &Drift, colour: bool) -> String {
    let paint = Paint { colour, engine: engine(drift.engine) };
    let mut out = String::new();
    for object in &drift.objects {
        out.push_str(&format!("{}\n", paint.object(object).join("\n")));
        out.push('\n');
    }
    out + &summary(drift)
}

/// The lines about an object, without colour.
pub(super) fn lines(drift: &Drift, object: &Drifted) -> Vec<String> {
    let paint = Paint { colour: false, engine: engine(drift.engine) };
    paint
        .object(object)
        .into_iter()
        .skip_while(|line| line.starts_with('►') || line.is_empty())
        .collect()
}

/// The engine's name.
fn engine(engine: Engine) -> &'static str {
    match engine {
        Engine::Flux => "Flux",
        Engine::Argocd => "Argo CD",
        Engine::None => "no GitOps engine",
    }
}

struct Paint {
    colour: bool,
    engine: &'static str,
}

impl Paint {
    fn code(&self, code: &str, text: &str) -> String {
        match self.colour {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }

    /// The lines about an object.
    fn object(&self, object: &Drifted) -> Vec<String> {
        let change = &object.change;
        let title = format!("► {} {}", visible(&object.name()), object.state.words());
        let mut lines = vec![self.code("1", &title)];
        for (field, cause) in change.fields.iter().zip(&object.causes) {
            lines.push(String::new());
            self.field(object, field, cause, &mut lines);
        }
        lines.extend(self.about(object).into_iter().map(|line| format!("  {line}")));
        let of_all = change.findings.iter().filter(|finding| finding.field.is_none());
        of_all.for_each(|finding| self.finding(finding, &mut lines));
        lines
    }

    fn field(&self, object: &Drifted, field: &FieldChange, cause: &Cause, lines: &mut Vec<String>) {
        let name = field.field();
        lines.push(visible(&name).into_owned());
        let texts =
            (field.old.as_ref().and_then(Node::as_str), field.new.as_ref().and_then(Node::as_str));
        let (red, green) = ("31", "32");
        let minus = |text: &str| format!("    {}", self.code(red, &format!("- {text}")));
        let plus = |text: &str| format!("    {}", self.code(green, &format!("+ {text}")));
        match (&field.old, &field.new) {
            _ if field.is_sealed() => {
                lines.push(format!("  ± sealed value change, {}", object.change.generations()));
            }
            _ if [texts.0, texts.1].into_iter().flatten().any(|text| text.contains('\n')) => {
                lines.push("  ± text change".to_owned());
                let (old, new) = (texts.0.unwrap_or_default(), texts.1.unwrap_or_default());
                let changed = unified(old, new).into_iter();
                lines.extend(changed.map(|line| format!("    {}", visible(&line))));
            }
            (Some(old), Some(new)) => {
                lines.push("  ± value change".to_owned());
                lines.extend([minus(&inline(old)), plus(&inline(new))]);
            }
            (None, new) => {
                lines.push("  + only in Git".to_owned());
                lines.extend(new.as_ref().map(|new| plus(&inline(new))));
            }
            (Some(old), None) => {
                lines.push("  - only in the cluster".to_owned());
                lines.push(minus(&inline(old)));
            }
        }
        lines.push(format!("  {}", visible(&why(field, cause))));
        let is_about = |finding: &&Finding| finding.field.as_deref() == Some(name.as_str());
        let found = object.change.findings.iter().filter(is_about);
        found.for_each(|finding| self.finding(finding, lines));
    }

    fn finding(&self, finding: &Finding, lines: &mut Vec<String>) {
        let code = match finding.level {
            Level::None => return,
            Level::Rollout => "36",
            Level::Credential => "35",
            Level::Blocked => "33",
            Level::DataLoss => "1;31",
        };
        let level = self.code(code, finding.level.name());
        lines.push(format!("  {level}: {}", finding.reason));
        lines.extend(finding.instead.iter().map(|it| format!("  what to do: {it}")));
    }

    /// What is so about the object as a whole.
    fn about(&self, object: &Drifted) -> Vec<String> {
        let mut lines = Vec::new();
        let engine = self.engine;
        match (object.state, &object.commit) {
            (State::Missing, Some(it)) => {
                lines.push(format!("its manifest was added by commit {}", commit(it)));
            }
            (State::Unknown, Some(it)) => {
                lines.push(format!("its manifest was removed by commit {}", commit(it)));
            }
            (State::Unknown, None) => {
                lines.push("no commit of this branch shows its manifest".to_owned());
            }
            _ => {}
        }
        if !object.finalizers.is_empty() {
            let names = object.finalizers.join(", ");
            lines.push(format!("it waits for its finalizers: {}", visible(&names)));
        }
        match object.reaction {
            Reaction::LeavesAlone => {
                lines.push(format!("{engine} leaves it alone: its annotations say so"));
            }
            Reaction::Prunes => lines.push(format!("{engine} deletes it, if {engine} applied it")),
            Reaction::PutsBack | Reaction::Nobody => {}
        }
        lines
    }
}

/// Why a field differs.
pub(super) fn why(field: &FieldChange, cause: &Cause) -> String {
    match cause {
        Cause::NotApplied(it) => {
            format!("not applied yet: the cluster has what commit {} had", commit(it))
        }
        Cause::Changed(Changed { by, like }) => {
            let by = match by {
                Some(Writer { manager, time: Some(time), .. }) => {
                    format!(" by {manager} at {time}")
                }
                Some(Writer { manager, time: None, .. }) => format!(" by {manager}"),
                None if field.old.is_none() => ": no field manager has it any more".to_owned(),
                None => String::new(),
            };
            let like = like.as_ref().map(|it| format!(", to what commit {} had", commit(it)));
            format!("changed in the cluster{by}{}", like.unwrap_or_default())
        }
    }
}

fn commit(Commit { id, time }: &Commit) -> String {
    format!("{} of {}", id.get(..10).unwrap_or(id), time.get(..10).unwrap_or(time))
}

/// How many objects have each risk.
fn risks(drift: &Drift) -> String {
    let of = |level: Level| drift.objects.iter().filter(|it| it.change.level() == level).count();
    let levels = Level::ALL.into_iter().rev().filter(|level| *level > Level::None);
    let counts = levels.map(|level| (of(level), level.name())).filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, name)| format!("{count} {name}")).collect();
    if counts.is_empty() { String::new() } else { format!("; risks: {}", counts.join(", ")) }
}

/// The numbers, and what the engine does.
pub(super) fn summary(drift: &Drift) -> String {
    let Drift { cluster, compared, objects, .. } = drift;
    let secrets = match drift.secrets {
        0 => String::new(),
        count => format!("; {} not compared", number(count, "encrypted Secret")),
    };
    let accepted = match drift.accepted.len() {
        0 => String::new(),
        count => format!("; {count} accepted in {ACCEPTED_FILE}"),
    };
    let all = number(*compared, "object");
    if objects.is_empty() {
        return format!("no drift: {all} of {cluster} compared{secrets}{accepted}\n");
    }
    let counts = State::ALL.into_iter().map(|state| (drift.count(state), state.words()));
    let counts = counts.filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, words)| format!("{count} {words}")).collect();
    let counts = counts.join(", ");
    let mut out = format!(
        "drift of {cluster}, {all} compared: {counts}{secrets}{accepted}{}\n",
        risks(drift)
    );
    for (kind, count) in &drift.absent {
        let objects = number(*count, "object");
        out.push_str(&format!("the dump has no {kind}, and Git has {objects} of this kind\n"));
    }
    out.push_str(match drift.engine {
        Engine::Flux => "Flux puts the manifests back at its next reconciliation\n",
        Engine::Argocd => "Argo CD puts the manifests back at its next sync\n",
        Engine::None => {
            "no GitOps engine: nobody puts the manifests back until somebody applies them\n"
        }
    });
    out
}
