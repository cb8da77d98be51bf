//! A PostgreSQL server of the machine's own, on the loopback address, in a folder that goes with it.

use crate::tools::needed;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The rule that CloudNativePG writes after all others (source: `hbaTemplateString` in
/// `pkg/postgres/configuration.go` of 1.30.0).
const DEFAULT_RULE: &str = "host all all all scram-sha-256";
/// Nothing outlives a crash of the test.
const CARELESS: [&str; 3] = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/// A running server. It stops, and leaves nothing behind, when this goes.
pub(crate) struct Server {
    process: Child,
    port: u16,
    folder: TempDir,
}

/// What a client's statements came to.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The rows.
    pub(crate) rows: Vec<String>,
    /// The number of each statement that failed, the first is 1, with its SQLSTATE.
    pub(crate) errors: Vec<(usize, String)>,
    /// Why nobody is logged in.
    pub(crate) refused: Option<String>,
}

/// The server's programs, where they are on the PATH.
pub(crate) fn is_there() -> bool {
    ["initdb", "postgres", "psql"].iter().all(|program| needed(program).is_some())
}

/// A program as an account that the server accepts: it refuses to run as root.
fn program(name: &str) -> Command {
    let path = needed(name).unwrap();
    match account() {
        None => Command::new(path),
        Some((user, group)) => {
            let mut command = Command::new("setpriv");
            command.args([&format!("--reuid={user}"), &format!("--regid={group}")]);
            command.args(["--clear-groups", "--"]).arg(path);
            command
        }
    }
}

/// The account of Debian's package, where the test runs as root.
fn account() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    (id(&["-u"]) == Some(0)).then(|| {
        let of = |flag| id(&[flag, "postgres"]).expect("the account of the package");
        (of("-u"), of("-g"))
    })
}

impl Server {
    /// Starts a server with these rules of the definition, as CloudNativePG orders rules.
    pub(crate) fn start(rules: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if let Some((user, group)) = account() {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let data = folder.path().join("data");
        let made = program("initdb")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"])
            .args(["--no-sync", "--no-instructions"])
            .arg(format!("--pgdata={}", data.display()))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let local = "local all all trust".to_owned();
        let rules = [&[local][..], rules, &[DEFAULT_RULE.to_owned()]].concat();
        std::fs::write(data.join("pg_hba.conf"), rules.join("\n") + "\n").unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut command = program("postgres");
        command.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        let socket = format!("unix_socket_directories={}", folder.path().display());
        let settings = ["listen_addresses=127.0.0.1", "max_connections=300", &socket];
        for setting in settings.into_iter().chain(CARELESS) {
            command.args(["-c", setting]);
        }
        command.current_dir(folder.path()).stdin(Stdio::null());
        let process = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let mut server = Self { process, port, folder };
        let start = Instant::now();
        while server.root("postgres", &["SELECT 1".to_owned()]).refused.is_some() {
            let log = std::fs::read_to_string(server.folder.path().join("log"));
            let ended = server.process.try_wait().unwrap();
            assert!(ended.is_none() && start.elapsed() < Duration::from_secs(60), "{log:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// A client, which goes on after an error.
    fn client(&self, host: &Path, user: &str, database: &str) -> Command {
        let mut client = Command::new("psql");
        client
            .args(["--no-psqlrc", "--no-password", "--tuples-only", "--no-align", "--quiet"])
            .args(["--set=VERBOSITY=sqlstate", "--set=ON_ERROR_STOP=0", "--file=-"])
            .arg(format!("--port={}", self.port))
            .arg(format!("--host={}", host.display()))
            .args([format!("--username={user}"), format!("--dbname={database}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        client
    }

    /// Runs statements, each in one line, as a site does it.
    pub(crate) fn run(
        &self,
        user: &str,
        password: &str,
        database: &str,
        statements: &[String],
    ) -> Said {
        let mut client = self.client(&PathBuf::from("127.0.0.1"), user, database);
        client.env("PGPASSWORD", password);
        asked(client, statements)
    }

    /// Runs statements as the operator does it, from within the pod.
    pub(crate) fn root(&self, database: &str, statements: &[String]) -> Said {
        asked(self.client(self.folder.path(), "postgres", database), statements)
    }

    /// Runs statements as the operator, which must not fail.
    #[track_caller]
    pub(crate) fn operate(&self, statements: &[String]) -> Vec<String> {
        let said = self.root("postgres", statements);
        let failed = said.errors.first().map(|(at, state)| (statements.get(at - 1), state));
        assert!(failed.is_none() && said.refused.is_none(), "{failed:?} {:?}", said.refused);
        said.rows
    }
}

/// What the client with these options prints of a script, which runs without an error. The options that make its output
/// terse are not set.
pub(crate) fn psql(server: &Server, options: &[&str], script: &str) -> String {
    let mut client = Command::new("psql");
    client.args(["--no-psqlrc", "--no-password", "--username=postgres", "--dbname=postgres"]);
    client.args(options).arg(format!("--port={}", server.port));
    client.arg(format!("--host={}", server.folder.path().display()));
    client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = client.spawn().unwrap();
    let (mut input, script) = (child.stdin.take().unwrap(), script.to_owned());
    let asking = std::thread::spawn(move || input.write_all(script.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    asking.join().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "the script runs as it is");
    String::from_utf8(output.stdout).unwrap()
}

fn asked(mut client: Command, statements: &[String]) -> Said {
    assert!(statements.iter().all(|statement| !statement.contains('\n')));
    let mut child = client.spawn().unwrap();
    let text: String = statements.iter().map(|statement| format!("{statement};\n")).collect();
    let mut input = child.stdin.take().unwrap();
    // It answers while it is asked. Who is not logged in reads nothing.
    let asking = std::thread::spawn(move || _ = input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    asking.join().unwrap();
    let rows = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    let errors = String::from_utf8_lossy(&output.stderr);
    let refused = errors.lines().find(|line| line.starts_with("psql: error:"));
    Said {
        rows,
        errors: errors.lines().filter_map(error).collect(),
        refused: refused.map(str::to_owned),
    }
}

/// `psql:<stdin>:3: ERROR:  42501`.
fn error(line: &str) -> Option<(usize, String)> {
    let rest = line.strip_prefix("psql:<stdin>:")?;
    let (number, rest) = rest.split_once(": ")?;
    let state = rest.strip_prefix("ERROR:  ").or(rest.strip_prefix("FATAL:  "))?;
    Some((number.parse().ok()?, state.trim().to_owned()))
}

impl Drop for Server {
    fn drop(&mut self) {
        // The fast end, which leaves no process behind (SIGINT).
        let _ = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}
