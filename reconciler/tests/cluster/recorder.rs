//! Every version of the SiteDatabases of a namespace, as a watch by kubectl prints them.

use crate::stage::{LIMIT, Stage};
use cluster::{Process, eventually};
use serde_json::{Deserializer, Value};

/// The watch, until it is dropped.
pub(crate) struct Recorder {
    process: Process,
}

impl Recorder {
    /// Starts it, and waits until it has seen the SiteDatabases that are there.
    pub(crate) fn start(stage: &Stage) -> Self {
        let folder = stage.plane.workplace().folder(&format!("recorder-{}", stage.namespace));
        let kubectl = stage.plane.programs().program("kubectl");
        let process = Process::start("kubectl-watch", &kubectl, &folder, |command| {
            command.args(["get", "sitedatabases", "--watch", "--output=json"]);
            command.arg(format!("--namespace={}", stage.namespace));
            command.env("KUBECONFIG", stage.kubectl().kubeconfig());
        });
        let recorder = Self { process };
        eventually("the watch has seen a SiteDatabase", LIMIT, || {
            if recorder.versions().is_empty() { Err("nothing yet") } else { Ok(()) }
        });
        recorder
    }

    fn versions(&self) -> Vec<Value> {
        let log = self.process.log();
        // The last may be half written.
        Deserializer::from_str(&log).into_iter().map_while(Result::ok).collect()
    }

    /// The statuses that a SiteDatabase has had, in order, each once.
    pub(crate) fn statuses(&self, name: &str) -> Vec<Value> {
        let versions = self.versions().into_iter();
        let its = versions.filter(|site| site["metadata"]["name"] == name);
        let mut statuses: Vec<Value> = its.map(|mut site| site["status"].take()).collect();
        statuses.retain(|status| !status.is_null());
        statuses.dedup();
        statuses
    }

    /// Fails the test if a transition time of a SiteDatabase moved without a transition.
    pub(crate) fn assert_times_are_kept(&self, name: &str) {
        for pair in self.statuses(name).windows(2) {
            let [before, after] = [&pair[0]["conditions"][0], &pair[1]["conditions"][0]];
            let [since, then] = [&before["lastTransitionTime"], &after["lastTransitionTime"]];
            assert!(before["status"] != after["status"] || since == then, "{before}, {after}");
        }
    }

    /// The phases that a SiteDatabase has had, in order, up to the status that it has now.
    pub(crate) fn phases(&self, stage: &Stage, name: &str) -> Vec<String> {
        let last = stage.site(name)["status"].take();
        // The watch may tell a moment later what was read already.
        eventually("the watch has seen the last status", LIMIT, || {
            let seen = self.statuses(name).pop();
            if seen.as_ref() == Some(&last) { Ok(()) } else { Err(seen) }
        });
        let statuses = self.statuses(name);
        let phase = |status: &Value| status["databaseStatus"]["phase"].as_str().unwrap().to_owned();
        let mut phases: Vec<String> = statuses.iter().map(phase).collect();
        phases.dedup();
        phases
    }
}
