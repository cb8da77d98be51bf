//! The program itself: its command line, and how it ends.
#![cfg(unix)]

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpListener;
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    fn program() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright-reconciler"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn finish(mut child: Child, within: Duration) -> (bool, String) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > within {
                child.kill().unwrap();
                panic!("it does not end");
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let mut text = String::new();
        child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        (status.success(), text)
    }

    /// It has an API server that takes connections and never answers.
    #[test]
    fn sigterm_ends_it_within_five_seconds() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let folder =
            std::env::temp_dir().join(format!("sitewright-reconciler-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let kubeconfig = folder.join("kubeconfig");
        let address = silent.local_addr().unwrap();
        let text = format!(
            "{{apiVersion: v1, kind: Config, current-context: c, \
             clusters: [{{name: c, cluster: {{server: 'http://{address}'}}}}], \
             users: [{{name: c, user: {{}}}}], \
             contexts: [{{name: c, context: {{cluster: c, user: c}}}}]}}"
        );
        std::fs::write(&kubeconfig, text).unwrap();
        let child = program()
            .args(["--listen", "127.0.0.1:0"])
            .env("KUBECONFIG", &kubeconfig)
            .spawn()
            .unwrap();
        // It has reached the API server.
        let connection = silent.accept().unwrap();
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let (succeeded, log) = finish(child, Duration::from_secs(5));
        drop(connection);
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(succeeded, "{log}");
        let last = log.lines().last().unwrap();
        let last: serde_json::Value = serde_json::from_str(last).unwrap();
        assert_eq!(last["message"], "ended", "{log}");
    }

    #[test]
    fn a_wrong_start_is_told() {
        for (arguments, expected) in [
            (["--grace", "soon"], "expected a duration"),
            (["--log-level", "a=b=c"], "--log-level"),
        ] {
            let child = program().args(arguments).env("KUBECONFIG", "/nowhere").spawn().unwrap();
            let (succeeded, log) = finish(child, Duration::from_secs(20));
            assert!(!succeeded && log.contains(expected), "{log}");
        }
    }
}
