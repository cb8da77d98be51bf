//! From the rows of a site's objects to the status of its SiteDatabase: the worst object decides.

use super::rows::{Known, Object, Part, Site, State, Unavailable};
use super::{Change, Index, QUIET, Seconds};
use crate::message::one_line;
use crate::rules::{Fact, Verdict};
use jiff::Timestamp;
use sitewright_api::{
    Condition, ConditionStatus, DatabaseStatus, Phase, READY, Reason, SiteDatabaseStatus,
};

/// How bad a part is. Later ones are worse.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Grade {
    Ready,
    Provisioning,
    Unobserved,
    Retrying,
    Pending,
    Deleting,
    Missing,
    TypeMissing,
    Failed,
    NeedsPerson,
}

impl Grade {
    fn means(self) -> (Phase, Reason) {
        match self {
            Self::Ready => (Phase::Ready, Reason::DatabaseReady),
            Self::Provisioning => (Phase::Provisioning, Reason::Provisioning),
            Self::Unobserved => (Phase::Provisioning, Reason::WaitingForOperator),
            Self::Retrying => (Phase::Provisioning, Reason::Retrying),
            Self::Pending => (Phase::Pending, Reason::WaitingForOperator),
            Self::Deleting => (Phase::Pending, Reason::Deleting),
            Self::Missing => (Phase::Pending, Reason::ObjectMissing),
            Self::TypeMissing => (Phase::Pending, Reason::TypeMissing),
            Self::Failed => (Phase::Failed, Reason::ProvisioningFailed),
            Self::NeedsPerson => (Phase::Failed, Reason::NeedsAttention),
        }
    }
}

/// The place of a phase in [`Phase::ALL`].
pub(super) fn position(phase: Phase) -> usize {
    Phase::ALL.iter().position(|it| *it == phase).unwrap_or_default()
}

impl Index {
    /// The status of a site, if it differs from what the API server has or is about to get.
    pub(super) fn settle(&mut self, id: u32, seen: Seconds, now: Seconds) -> Option<Change> {
        let site = &self.sites[id as usize];
        let (grade, message, is_failing) = self.worst(site, now)?;
        let (phase, reason) = grade.means();
        let ready = match grade {
            Grade::Ready => ConditionStatus::True,
            _ => ConditionStatus::False,
        };
        let status = self.status(site, phase, reason, message, (ready, site.since(ready, now)));
        let known = Known::of(&status);
        let (namespace, name) = (self.names.text(site.namespace), self.names.text(site.name));
        let (namespace, name) = (namespace.into(), name.into());
        let row = &mut self.sites[id as usize];
        // From now on its grace periods are counted here.
        row.is_held &= is_failing;
        let before = row.phase.replace(phase);
        if before != Some(phase) {
            self.phases[position(phase)] += 1;
            before.into_iter().for_each(|before| self.phases[position(before)] -= 1);
        }
        if row.sent.or(row.observed).is_some_and(|it| it.hash == known.hash) {
            return None;
        }
        let left = before.or(row.observed.and_then(|it| it.phase)).filter(|it| *it != phase);
        row.sent = Some(known);
        row.is_overdue = false;
        Some(Change { namespace, name, status, hash: known.hash, left, seen })
    }

    /// The worst of a site's objects, what to say about it, and whether any is failing. `None` if something is
    /// not known yet. Of equals the first decides: objects stand in the order in which they depend.
    fn worst(&self, site: &Site, now: Seconds) -> Option<(Grade, String, bool)> {
        let mut worst: Option<(Grade, &Part)> = None;
        let mut is_failing = false;
        for part in &site.parts {
            let grade = match part {
                Part::Unknown(_) => Grade::TypeMissing,
                Part::Object(id) => {
                    let object = &self.objects[*id as usize];
                    is_failing |= object.is_failing(now);
                    self.grade(object, site.is_held, now)?
                }
            };
            if worst.is_none_or(|(known, _)| grade > known) {
                worst = Some((grade, part));
            }
        }
        let Some((grade, part)) = worst else {
            return Some((Grade::Pending, "it refers to no object".to_owned(), false));
        };
        let message = match part {
            _ if grade == Grade::Ready => all_are_ready(site.parts.len()),
            Part::Unknown(text) => text.to_string(),
            Part::Object(id) => {
                let object = &self.objects[*id as usize];
                format!("{}: {}", self.label(&object.key), self.explain(object, now))
            }
        };
        Some((grade, one_line(&message), is_failing))
    }

    fn grade(&self, object: &Object, is_held: bool, now: Seconds) -> Option<Grade> {
        let verdict = match object.state {
            State::Unknown => return None,
            State::Missing => return Some(Grade::Missing),
            State::Unavailable(_) => return Some(Grade::TypeMissing),
            State::Here(verdict) => verdict,
        };
        let is_past = is_held
            || object.failing.as_ref().is_some_and(|it| now >= it.since.saturating_add(self.grace));
        let is_failing = object.is_failing(now);
        Some(match verdict {
            Verdict::Ready => Grade::Ready,
            Verdict::NeedsPerson => Grade::NeedsPerson,
            Verdict::Deleting => Grade::Deleting,
            _ if is_failing && is_past => Grade::Failed,
            Verdict::Waiting => Grade::Provisioning,
            _ if is_failing => Grade::Retrying,
            Verdict::Retried => Grade::Retrying,
            Verdict::Provisioning => Grade::Provisioning,
            Verdict::Unobserved => Grade::Unobserved,
            Verdict::Pending => Grade::Pending,
        })
    }

    fn explain<'a>(&self, object: &'a Object, now: Seconds) -> &'a str {
        match object.state {
            State::Missing => "it does not exist",
            State::Unavailable(Unavailable::NotInstalled) => {
                "its type is not installed in the cluster"
            }
            State::Unavailable(Unavailable::Forbidden) => {
                "the reconciler has no right to list its type"
            }
            State::Unknown | State::Here(_) => {
                let earlier = object.failing.as_ref().filter(|_| !object.state.fails());
                let earlier = earlier.filter(|_| object.is_failing(now));
                let message = earlier.map_or(&object.message, |it| &it.message);
                message.as_deref().unwrap_or_default()
            }
        }
    }

    fn status(
        &self,
        site: &Site,
        phase: Phase,
        reason: Reason,
        message: String,
        (ready, since): (ConditionStatus, Seconds),
    ) -> SiteDatabaseStatus {
        let time = Timestamp::from_second(since).unwrap_or(Timestamp::UNIX_EPOCH);
        SiteDatabaseStatus {
            observed_generation: site.generation,
            database_status: Some(DatabaseStatus {
                phase,
                host: self.host(site),
                port: site.port,
                database: self.database(site),
                last_error: (phase != Phase::Ready).then(|| message.clone()),
            }),
            conditions: vec![Condition {
                type_: READY.to_owned(),
                status: ready,
                observed_generation: site.generation,
                last_transition_time: time.to_string(),
                reason,
                message,
            }],
        }
    }

    fn facts<'a>(&'a self, site: &'a Site) -> impl Iterator<Item = (&'a Object, &'a Fact)> {
        site.parts.iter().filter_map(|part| {
            let Part::Object(id) = part else { return None };
            let object = &self.objects[*id as usize];
            Some((object, object.fact.as_deref()?))
        })
    }

    fn database(&self, site: &Site) -> Option<String> {
        let live = self.facts(site).find_map(|(_, fact)| match fact {
            Fact::Database(name) => Some(name.clone()),
            Fact::Service(_) => None,
        });
        live.or_else(|| site.database.as_deref().map(str::to_owned))
    }

    /// The stated host, with the Service that a Cluster names in place of the one that it has by default. A
    /// host that leads to something else, such as a pooler, stays.
    fn host(&self, site: &Site) -> Option<String> {
        let stated = site.host.map(|host| self.names.text(host));
        let live = self.facts(site).find_map(|(object, fact)| match fact {
            Fact::Service(service) => Some((object, service)),
            Fact::Database(_) => None,
        });
        let Some((object, service)) = live else { return stated.map(str::to_owned) };
        let default = format!("{}-rw", self.names.text(object.key.name));
        match stated {
            None => Some(format!("{service}.{}.svc", self.names.text(object.key.namespace))),
            Some(stated) => Some(match stated.strip_prefix(&default) {
                Some(rest) if rest.is_empty() || rest.starts_with('.') => {
                    format!("{service}{rest}")
                }
                _ => stated.to_owned(),
            }),
        }
    }
}

fn all_are_ready(count: usize) -> String {
    match count {
        1 => "its object is ready".to_owned(),
        count => format!("all {count} objects are ready"),
    }
}

impl Site {
    /// Since when the condition has had this status: what is on its way counts first, then what the API server
    /// has. So two reconcilers agree: the one that wrote first takes over the time of the one that wrote last,
    /// and neither takes over a time that its own patch is about to replace.
    fn since(&self, ready: ConditionStatus, now: Seconds) -> Seconds {
        let known = [self.sent, self.observed].into_iter().flatten().filter_map(|it| it.ready);
        known.into_iter().find(|(status, _)| *status == ready).map_or(now, |(_, since)| since)
    }
}

impl Object {
    /// Whether it fails, or did a moment ago and has not become ready.
    fn is_failing(&self, now: Seconds) -> bool {
        self.state.fails() || self.failing.as_ref().is_some_and(|it| now < it.last + QUIET)
    }
}
