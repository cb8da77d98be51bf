//! The reconciler is killed again and again while operators write. What it writes must be true at each moment:
//! a start must not show a site as Pending that is Ready, and must not bring back an older state.

use crate::objects::{bench, frappe_site, mariadb, site_of, sql};
use crate::reconciler::Reconciler;
use crate::recorder::Recorder;
use crate::stage::{Stage, database_status};
use crate::statuses::{created, initialized, running, site_provisioning, site_ready};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const NAMESPACE: &str = "killed";
const KILLS: u64 = 50;
const SITES: [&str; 4] = ["acme", "globex", "initech", "umbrella"];

/// The name that the database has in a step: what a SiteDatabase shows says which step it saw.
fn database(step: usize) -> String {
    format!("_{step}")
}

/// Whether the FrappeSites are ready in a step.
fn is_ready(step: usize) -> bool {
    !step.is_multiple_of(3)
}

/// Writes one step to the FrappeSites of all sites, as frappe-operator would.
fn write(stage: &Stage, sites: &[Value], step: usize) {
    let database = database(step);
    let status =
        if is_ready(step) { site_ready(&database, 1) } else { site_provisioning(&database) };
    let statuses: Vec<(&Value, &Value)> = sites.iter().map(|site| (site, &status)).collect();
    stage.kubectl().set_statuses(&statuses);
}

/// Sites that are ready but for their FrappeSite; the FrappeSites.
fn given(stage: &Stage) -> Vec<Value> {
    let (server, bench) = (mariadb(NAMESPACE, "db"), bench(NAMESPACE, "bench"));
    let mut objects = vec![server.clone(), bench.clone()];
    let mut statuses = vec![(server.clone(), running()), (bench.clone(), initialized())];
    let mut frappe = Vec::new();
    for name in SITES {
        let [database, user, grant] = sql(NAMESPACE, name);
        let site = frappe_site(NAMESPACE, name);
        let all = [&server, &database, &user, &grant, &bench, &site];
        objects.push(site_of(NAMESPACE, name, &all));
        statuses.extend([&database, &user, &grant].map(|object| (object.clone(), created())));
        objects.extend([database, user, grant, site.clone()]);
        frappe.push(site);
    }
    stage.apply(&objects);
    let statuses: Vec<(&Value, &Value)> = statuses.iter().map(|(one, its)| (one, its)).collect();
    stage.kubectl().set_statuses(&statuses);
    frappe
}

#[test]
fn killed_again_and_again_it_never_writes_what_was_not_so() {
    let Some(stage) = Stage::enter(NAMESPACE) else { return };
    let sites = given(&stage);
    write(&stage, &sites, 1);
    let start = || Reconciler::start(&stage.plane, NAMESPACE, &["--grace", "1h", "--resync", "1s"]);
    let first = start();
    let recorder = Recorder::start(&stage);
    SITES.iter().for_each(|name| drop(stage.wait_for_phase(name, "Ready")));
    first.kill();

    let is_over = AtomicBool::new(false);
    let last = std::thread::scope(|scope| {
        let operators = scope.spawn(|| {
            // It ends with a step in which the sites are ready.
            let steps = 2..;
            let write = |step: &usize| write(&stage, &sites, *step);
            let is_last = |step: &usize| is_over.load(Ordering::Relaxed) && is_ready(*step);
            steps.inspect(write).find(is_last)
        });
        for kill in 0..KILLS {
            let reconciler = start();
            // From before its first request to after its first writes.
            std::thread::sleep(Duration::from_millis(40 + kill * 97 % 700));
            reconciler.kill();
        }
        is_over.store(true, Ordering::Relaxed);
        operators.join().unwrap().unwrap()
    });

    let reconciler = start();
    for name in SITES {
        let final_one = |site: &Value| database_status(site)["database"] == database(last).as_str();
        let site = stage.wait(name, "has the last state", final_one);
        assert_eq!(database_status(&site)["phase"], "Ready");
        assert!(seen(&recorder, name) > 5, "the reconciler was killed before it wrote anything");
        recorder.assert_times_are_kept(name);
    }
    assert!(reconciler.terminate().success());
}

/// How many states of a site were recorded. The test fails if one is no state that the operators wrote, or older
/// than the one before.
fn seen(recorder: &Recorder, name: &str) -> usize {
    let statuses = recorder.statuses(name);
    let mut newest = 0;
    for status in &statuses {
        let database = status["databaseStatus"]["database"].as_str().unwrap_or_default();
        let step: usize = database.strip_prefix('_').and_then(|step| step.parse().ok()).unwrap();
        assert!(step >= newest, "{name} went from step {newest} back to {status}");
        newest = step;
        let phase = if is_ready(step) { "Ready" } else { "Provisioning" };
        assert_eq!(status["databaseStatus"]["phase"], phase, "{name}: {status}");
    }
    statuses.len()
}
