//! The whole reconciler against an API server in memory: the requests that it makes, and what it does when
//! they fail.
#![cfg(test)]

mod api;

use api::{Answer, Api, DATABASES, SITES, database, site};
use http::Method;
use serde_json::json;
use sitewright_reconciler::run::{Options, run};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

struct Running {
    task: JoinHandle<()>,
    stop: oneshot::Sender<()>,
    address: std::net::SocketAddr,
}

async fn start(api: &Api, options: Options) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async { _ = stopped.await };
    let task = tokio::spawn(run(api.client(), options, listener, shutdown));
    Running { task, stop, address }
}

impl Running {
    /// Ends it, and says how long that took.
    async fn end(self) -> Duration {
        let start = Instant::now();
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
        start.elapsed()
    }

    async fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

/// Waits, in the time of the test, until something holds.
#[track_caller]
fn until(what: impl Fn() -> bool) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        for _ in 0..4000 {
            if what() {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("it never holds: {caller}");
    }
}

fn phase(name: &str, reason: &str) -> (String, String) {
    (name.to_owned(), reason.to_owned())
}

/// An API server with the site `acme` and its Database.
fn with_acme() -> Api {
    let api = Api::default();
    api.put(SITES, "erp", "acme", site("acme"));
    api.put(DATABASES, "erp", "acme", database("True", ""));
    api
}

#[tokio::test(start_paused = true)]
async fn a_status_is_applied_by_one_request() {
    let api = with_acme();
    let running = start(&api, Options::default()).await;
    until(|| api.phase("acme") == phase("Ready", "DatabaseReady")).await;
    let patches = api.patches();
    assert_eq!(patches.len(), 1);
    let patch = &patches[0];
    assert_eq!(
        patch.path,
        "/apis/sitewright.dev/v1alpha1/namespaces/erp/sitedatabases/acme/status"
    );
    let mut query: Vec<_> = patch.query.split('&').filter(|it| !it.is_empty()).collect();
    query.sort_unstable();
    assert_eq!(query, ["fieldManager=sitewright-reconciler", "force=true"]);
    assert_eq!(patch.content_type, "application/apply-patch+yaml");
    let since = &patch.body["status"]["conditions"][0]["lastTransitionTime"];
    assert_eq!(
        patch.body,
        json!({
            "apiVersion": "sitewright.dev/v1alpha1", "kind": "SiteDatabase",
            "metadata": {"name": "acme", "namespace": "erp"},
            "status": {
                "observedGeneration": 1,
                "databaseStatus": {"phase": "Ready", "host": "db", "port": 3306, "database": "_a"},
                "conditions": [{
                    "type": "Ready", "status": "True", "observedGeneration": 1,
                    "lastTransitionTime": since, "reason": "DatabaseReady",
                    "message": "its object is ready",
                }],
            },
        })
    );
    // Nothing else is written, and nothing but the two types is read.
    for asked in api.asked() {
        assert!(asked.method == Method::GET || asked.path == patch.path, "{asked:?}");
        assert!([SITES, DATABASES, &patch.path].contains(&&*asked.path), "{asked:?}");
    }
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_when_nothing_changes() {
    let api = with_acme();
    let options = Options { resync: Duration::from_secs(10), ..Options::default() };
    let running = start(&api, options.clone()).await;
    until(|| api.patches().len() == 1).await;
    sleep(Duration::from_secs(45)).await;
    assert_eq!(api.patches().len(), 1);
    running.end().await;
    // Nor by the next process.
    let running = start(&api, options).await;
    sleep(Duration::from_secs(45)).await;
    assert_eq!(api.patches().len(), 1);
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_others_left_in_a_status_is_removed_once() {
    let api = with_acme();
    let mut site = site("acme");
    // `foreign` tells the API server of the test which fields apply does not remove.
    site["foreign"] = json!(["lastError"]);
    site["status"] = json!({"databaseStatus": {"phase": "Failed", "lastError": "an old one"}});
    api.put(SITES, "erp", "acme", site);
    let options = Options { resync: Duration::from_secs(10), ..Options::default() };
    let running = start(&api, options).await;
    until(|| api.patches().len() == 2).await;
    sleep(Duration::from_secs(45)).await;
    let patches = api.patches();
    assert_eq!(patches.len(), 2);
    assert_eq!(patches[1].path, patches[0].path);
    assert_eq!(patches[1].query, "fieldManager=sitewright-reconciler");
    assert_eq!(patches[1].content_type, "application/json-patch+json");
    let path = "/status/databaseStatus/lastError";
    let operations = json!([
        {"op": "test", "path": path, "value": "an old one"},
        {"op": "remove", "path": path},
    ]);
    assert_eq!(patches[1].body, operations);
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn conditions_of_others_are_left_alone() {
    let api = with_acme();
    let running = start(&api, Options::default()).await;
    until(|| api.patches().len() == 1).await;
    running.end().await;
    let mut site = site("acme");
    site["status"] = api.patches()[0].body["status"].clone();
    // With a reason that this reconciler does not know.
    let other = json!({"type": "Audited", "status": "True", "reason": "Weekly", "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z"});
    site["status"]["conditions"].as_array_mut().unwrap().push(other);
    api.put(SITES, "erp", "acme", site);
    let options = Options { resync: Duration::from_secs(10), ..Options::default() };
    let running = start(&api, options).await;
    sleep(Duration::from_secs(45)).await;
    assert_eq!(api.patches().len(), 1);
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_patch_is_sent_again() {
    for answer in
        [Answer::Status(409), Answer::Status(500), Answer::Status(403), Answer::Status(429)]
    {
        let api = with_acme();
        api.answer_with([answer]);
        let running = start(&api, Options::default()).await;
        until(|| api.phase("acme") == phase("Ready", "DatabaseReady")).await;
        let patches = api.patches();
        assert_eq!(patches.len(), 2, "{answer:?}");
        assert_eq!(patches[0].body, patches[1].body);
        let waited = patches[1].at - patches[0].at;
        assert!(
            waited >= Duration::from_millis(250) && waited < Duration::from_secs(1),
            "{waited:?}"
        );
        running.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honoured() {
    for status in [429, 503] {
        let api = with_acme();
        api.answer_with([Answer::RetryAfter(status, 7)]);
        let running = start(&api, Options::default()).await;
        until(|| api.patches().len() == 2).await;
        let patches = api.patches();
        let waited = patches[1].at - patches[0].at;
        assert!(waited >= Duration::from_secs(7) && waited < Duration::from_secs(8), "{waited:?}");
        running.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn each_failure_doubles_the_wait() {
    let api = with_acme();
    api.answer_with([Answer::Status(500); 6]);
    let running = start(&api, Options::default()).await;
    until(|| api.patches().len() == 7).await;
    let patches = api.patches();
    let last = patches[6].at - patches[5].at;
    assert!(last >= Duration::from_secs(8) && last <= Duration::from_secs(17), "{last:?}");
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_patch_without_an_answer_times_out() {
    let api = with_acme();
    api.answer_with([Answer::Never]);
    let running = start(&api, Options::default()).await;
    until(|| api.patches().len() == 2).await;
    let patches = api.patches();
    let waited = patches[1].at - patches[0].at;
    assert!(waited >= Duration::from_secs(10) && waited < Duration::from_secs(12), "{waited:?}");
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_site_that_is_gone_is_not_tried_again() {
    let api = with_acme();
    api.answer_with([Answer::Status(404)]);
    let running = start(&api, Options::default()).await;
    until(|| api.patches().len() == 1).await;
    sleep(Duration::from_secs(120)).await;
    assert_eq!(api.patches().len(), 1);
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_newest_status_wins() {
    let api = with_acme();
    api.answer_with([Answer::Slow(Duration::from_secs(5))]);
    let running = start(&api, Options::default()).await;
    until(|| api.patches().len() == 1).await;
    for message in ["first", "second", "third"] {
        api.put(DATABASES, "erp", "acme", database("False", message));
        sleep(Duration::from_millis(500)).await;
    }
    until(|| api.phase("acme") == phase("Provisioning", "Retrying")).await;
    sleep(Duration::from_secs(30)).await;
    let patches = api.patches();
    assert_eq!(patches.len(), 2);
    let error = &patches[1].body["status"]["databaseStatus"]["lastError"];
    assert_eq!(error, "Database erp/acme: third");
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn at_most_eight_patches_are_on_their_way() {
    let api = Api::default();
    for number in 0..20 {
        let name = format!("site-{number}");
        api.put(SITES, "erp", &name, site(&name));
        api.put(DATABASES, "erp", &name, database("True", ""));
    }
    api.answer_with([Answer::Slow(Duration::from_secs(5)); 20]);
    let running = start(&api, Options::default()).await;
    until(|| !api.patches().is_empty()).await;
    sleep(Duration::from_secs(4)).await;
    assert_eq!(api.patches().len(), 8);
    until(|| api.patches().len() == 20).await;
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_too_old_lists_again() {
    let api = with_acme();
    let running = start(&api, Options::default()).await;
    until(|| api.phase("acme") == phase("Ready", "DatabaseReady")).await;
    // As an event of the watch, and as the answer to a watch.
    api.put_unseen(DATABASES, "erp", "acme", database("False", "seen by a list only"));
    api.break_watch(DATABASES, 410);
    until(|| api.phase("acme") == phase("Provisioning", "Retrying")).await;
    api.put_unseen(DATABASES, "erp", "acme", database("True", ""));
    api.cut_watch(DATABASES, 410);
    until(|| api.phase("acme") == phase("Ready", "DatabaseReady")).await;
    // An API server that is away for a moment: the watch goes on.
    api.cut_watch(DATABASES, 503);
    sleep(Duration::from_secs(5)).await;
    api.put(DATABASES, "erp", "acme", database("False", "after the restart"));
    until(|| api.phase("acme") == phase("Provisioning", "Retrying")).await;
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_type_that_is_not_installed_is_waited_for() {
    let api = Api::default();
    api.put(SITES, "erp", "acme", site("acme"));
    let running = start(&api, Options::default()).await;
    until(|| api.phase("acme") == phase("Pending", "TypeMissing")).await;
    sleep(Duration::from_secs(300)).await;
    assert_eq!(api.patches().len(), 1);
    let lists = api.asked().iter().filter(|it| it.path == DATABASES).count();
    assert!((8..40).contains(&lists), "{lists}");
    api.install(DATABASES);
    until(|| api.phase("acme") == phase("Pending", "ObjectMissing")).await;
    api.put(DATABASES, "erp", "acme", database("True", ""));
    until(|| api.phase("acme") == phase("Ready", "DatabaseReady")).await;
    running.end().await;
}

/// An API server that starts answers 404 or 403 for a moment.
#[tokio::test(start_paused = true)]
async fn a_type_that_is_refused_for_a_moment_changes_no_status() {
    let api = with_acme();
    let running = start(&api, Options::default()).await;
    until(|| api.phase("acme") == phase("Ready", "DatabaseReady")).await;
    for status in [404, 403, 401] {
        api.cut_watch(DATABASES, status);
        api.cut_watch(SITES, status);
        sleep(Duration::from_secs(20)).await;
    }
    assert_eq!(api.patches().len(), 1);
    api.put(DATABASES, "erp", "acme", database("False", "after it"));
    until(|| api.phase("acme") == phase("Provisioning", "Retrying")).await;
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_site_that_comes_later_is_complete() {
    let api = with_acme();
    api.put(DATABASES, "erp", "globex", database("True", ""));
    let running = start(&api, Options::default()).await;
    until(|| api.phase("acme") == phase("Ready", "DatabaseReady")).await;
    api.put(SITES, "erp", "globex", site("globex"));
    until(|| api.phase("globex") == phase("Ready", "DatabaseReady")).await;
    let path = "/apis/k8s.mariadb.com/v1alpha1/namespaces/erp/databases/globex";
    assert_eq!(api.asked().iter().filter(|it| it.path == path).count(), 1);
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn many_sites_that_come_later_make_one_list() {
    let api = with_acme();
    let running = start(&api, Options::default()).await;
    until(|| api.phase("acme") == phase("Ready", "DatabaseReady")).await;
    for number in 0..900 {
        let name = format!("site-{number}");
        api.put_unseen(DATABASES, "erp", &name, database("True", ""));
        api.put(SITES, "erp", &name, site(&name));
    }
    let last = "site-899";
    until(|| api.phase(last) == phase("Ready", "DatabaseReady")).await;
    let reads = api.asked().iter().filter(|it| it.path.contains("/databases/")).count();
    let lists =
        api.asked().iter().filter(|it| it.path == DATABASES && it.query.contains("limit")).count();
    // Those that came after the new list began are asked for again.
    assert!(lists == 2 && reads < 800, "{lists} {reads}");
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn events_tell_changes_of_the_phase_only() {
    let api = with_acme();
    let running = start(&api, Options::default()).await;
    until(|| api.phase("acme") == phase("Ready", "DatabaseReady")).await;
    let events = || {
        let is_event = |it: &api::Asked| it.path.starts_with("/apis/events.k8s.io/");
        api.asked().into_iter().filter(is_event).collect::<Vec<_>>()
    };
    // The first status is no change.
    sleep(Duration::from_secs(5)).await;
    assert_eq!(events().len(), 0);
    api.put(DATABASES, "erp", "acme", database("False", "a"));
    until(|| events().len() == 1).await;
    api.put(DATABASES, "erp", "acme", database("False", "b"));
    until(|| api.patches().len() == 3).await;
    sleep(Duration::from_secs(5)).await;
    assert_eq!(events().len(), 1);
    let event = &events()[0];
    assert_eq!(event.path, "/apis/events.k8s.io/v1/namespaces/erp/events");
    assert_eq!(event.body["note"], "Database erp/acme: a");
    assert_eq!(event.body["reason"], "Provisioning");
    assert_eq!(event.body["regarding"]["uid"], "uid-acme");
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn namespaces_and_a_selector_bound_what_is_read() {
    let api = Api::default();
    let here = "/apis/sitewright.dev/v1alpha1/namespaces/erp/sitedatabases";
    let databases = "/apis/k8s.mariadb.com/v1alpha1/namespaces/erp/databases";
    api.put(here, "erp", "acme", site("acme"));
    api.put(databases, "erp", "acme", database("True", ""));
    let options = Options {
        namespaces: vec!["erp".to_owned()],
        selector: Some("shard=1".to_owned()),
        ..Options::default()
    };
    let running = start(&api, options).await;
    until(|| !api.patches().is_empty()).await;
    for asked in api.asked().iter().filter(|it| it.method == Method::GET) {
        assert!([here, databases].contains(&&*asked.path), "{asked:?}");
        assert_eq!(
            asked.query.contains("labelSelector=shard%3D1"),
            asked.path == here,
            "{asked:?}"
        );
        if !asked.query.contains("watch=true") {
            assert!(asked.query.contains("limit=500"), "{asked:?}");
        }
    }
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_decided_is_written_before_the_end() {
    let api = with_acme();
    let running = start(&api, Options::default()).await;
    until(|| api.phase("acme") == phase("Ready", "DatabaseReady")).await;
    api.answer_with([Answer::Slow(Duration::from_secs(2))]);
    api.put(DATABASES, "erp", "acme", database("False", "a"));
    until(|| api.patches().len() == 2).await;
    let took = running.end().await;
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(api.phase("acme"), phase("Provisioning", "Retrying"));
    // A patch that gets no answer does not hold up the end.
    api.answer_with([Answer::Never]);
    api.put(DATABASES, "erp", "acme", database("True", ""));
    let running = start(&api, Options::default()).await;
    until(|| api.patches().len() == 3).await;
    let took = running.end().await;
    assert!(took < Duration::from_secs(5), "{took:?}");
}

/// In real time, since sockets are real.
#[tokio::test]
async fn health_and_metrics() {
    let api = Api::default();
    let running = start(&api, Options { metrics_per_site: true, ..Options::default() }).await;
    assert!(running.get("/healthz").await.starts_with("HTTP/1.1 200"));
    api.put(SITES, "erp", "acme", site("acme"));
    // A type that is not installed does not keep it from being ready.
    while !running.get("/readyz").await.starts_with("HTTP/1.1 200") {
        sleep(Duration::from_millis(50)).await;
    }
    let expected = [
        r#"sitewright_sites{phase="Pending"} 1"#,
        r#"sitewright_type_missing{kind="Database.v1alpha1.k8s.mariadb.com"} 1"#,
        r#"sitewright_watch_listed{kind="SiteDatabase"} 1"#,
        r#"sitewright_patches_total{result="ok"} 1"#,
        r#"sitewright_site_phase{namespace="erp",site="acme",phase="Pending"} 1"#,
        "sitewright_queue_length 0",
        "sitewright_oldest_event_seconds 0",
    ];
    let mut text = String::new();
    for _ in 0..200 {
        text = running.get("/metrics").await;
        if expected.iter().all(|line| text.lines().any(|it| it == *line)) {
            running.end().await;
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{text}");
}
