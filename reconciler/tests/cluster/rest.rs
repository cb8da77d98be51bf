//! What happens when nothing happens, when two reconcilers run, and how one ends.

use crate::objects::{mariadb, site_of};
use crate::reconciler::Reconciler;
use crate::recorder::Recorder;
use crate::stage::{LIMIT, Stage};
use crate::statuses::{ready, running};
use cluster::{eventually, steadily};
use serde_json::Value;
use std::time::Duration;

const SITES: usize = 20;

/// Sites that are all on one server.
fn sites(namespace: &str, server: &Value) -> Vec<Value> {
    let site = |number| site_of(namespace, &format!("site-{number}"), &[server]);
    (0..SITES).map(site).collect()
}

fn wait_for_all(stage: &Stage, phase: &str) {
    (0..SITES).for_each(|number| drop(stage.wait_for_phase(&format!("site-{number}"), phase)));
}

/// The status writes that the API server was asked for in the namespace.
fn writes(stage: &Stage) -> usize {
    let writes = stage.plane.writes().into_iter();
    let own = writes.filter(|write| {
        write.resource == "sitedatabases"
            && write.subresource == "status"
            && write.namespace == stage.namespace
    });
    own.count()
}

#[test]
fn a_resync_writes_nothing_and_a_change_is_one_write() {
    let Some(stage) = Stage::enter("resync") else { return };
    let server = mariadb("resync", "db");
    stage.apply(&[&[server.clone()][..], &sites("resync", &server)].concat());
    let mut reconciler = Reconciler::start(&stage.plane, "resync", &["--resync", "1s"]);
    reconciler.wait_until_ready();
    wait_for_all(&stage, "Pending");
    eventually("one write a site", LIMIT, || match writes(&stage) {
        SITES => Ok(()),
        other => Err(other),
    });
    // Four resyncs.
    steadily("no write without a change", Duration::from_secs(4), || match writes(&stage) {
        SITES => Ok(()),
        other => Err(other),
    });
    stage.set(&server, &running());
    wait_for_all(&stage, "Ready");
    steadily("one more write a site", Duration::from_secs(3), || match writes(&stage) {
        found if found == 2 * SITES => Ok(()),
        other => Err(other),
    });
    let metrics = reconciler.metrics();
    assert_eq!(metrics.sum("sitewright_sites", "phase=\"Ready\""), SITES as f64, "{metrics:?}");
    let patches = metrics.sum("sitewright_patches_total", "");
    assert_eq!(patches, 2.0 * SITES as f64, "{metrics:?}");
    assert_eq!(reconciler.get("/healthz").unwrap().0, 200);
    assert!(reconciler.terminate().success());
}

#[test]
fn two_reconcilers_do_no_harm_and_end_when_asked() {
    let Some(stage) = Stage::enter("two") else { return };
    let server = mariadb("two", "db");
    stage.apply(&[&[server.clone()][..], &sites("two", &server)].concat());
    let recorder = Recorder::start(&stage);
    let start = || Reconciler::start(&stage.plane, "two", &["--resync", "1s"]);
    let mut both = [start(), start()];
    both.iter_mut().for_each(Reconciler::wait_until_ready);
    wait_for_all(&stage, "Pending");
    let mut walked = vec!["Pending"];
    for _ in 0..3 {
        stage.set(&server, &running());
        wait_for_all(&stage, "Ready");
        stage.set(&server, &ready("False", "Suspended", "Suspended"));
        wait_for_all(&stage, "Failed");
        walked.extend(["Ready", "Failed"]);
    }
    // They agree: neither writes what the other wrote.
    let versions = || -> Vec<Value> {
        let sites = stage.kubectl().list("sitedatabases", Some("two"));
        sites.into_iter().map(|mut site| site["metadata"]["resourceVersion"].take()).collect()
    };
    let settled = versions();
    steadily("they agree", Duration::from_secs(3), || {
        if versions() == settled { Ok(()) } else { Err("a SiteDatabase was written again") }
    });
    // Where both write the same change, the later time of the two may win. The phases are the same.
    for number in 0..SITES {
        assert_eq!(recorder.phases(&stage, &format!("site-{number}")), walked);
    }
    for reconciler in both {
        assert!(reconciler.terminate().success());
    }
}
