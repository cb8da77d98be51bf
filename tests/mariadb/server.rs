//! A MariaDB server of the machine's own, on the loopback address, in a folder that goes with it.

use crate::tools::needed;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What is lost in a crash is lost with the folder.
const CARELESS: [&str; 6] = [
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-flush-method=nosync",
    "--innodb-log-file-size=16M",
    "--sync-frm=OFF",
    "--debug-no-sync",
];

/// A running server. It stops, and leaves nothing behind, when this goes.
pub(crate) struct Server {
    process: Child,
    port: u16,
    _folder: TempDir,
    _empty: Arc<TempDir>,
}

/// What a client's statements came to.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The rows, with tabs between their columns.
    pub(crate) rows: Vec<String>,
    /// The number of each statement that failed, the first is 1, with the error's; 0 is the login.
    pub(crate) errors: Vec<(usize, u32)>,
}

impl Said {
    /// The error of a statement, if it failed.
    pub(crate) fn error(&self, number: usize) -> Option<u32> {
        let found = self.errors.iter().find(|(failed, _)| *failed == number);
        found.map(|(_, error)| *error)
    }
}

/// The server's programs, where they are on the PATH.
pub(crate) fn is_there() -> bool {
    ["mariadbd", "mariadb", "mariadb-install-db"].iter().all(|program| needed(program).is_some())
}

/// It refuses to run as root unless it is told to.
fn user() -> String {
    let name = Command::new("id").arg("-un").output().unwrap().stdout;
    format!("--user={}", String::from_utf8(name).unwrap().trim())
}

/// Two servers would take each other's files away in the machine's own.
fn scratch(folder: &Path) -> String {
    format!("--tmpdir={}", folder.display())
}

/// The data of a server that has none yet, which every server begins with a copy of. They go with the last
/// server.
fn empty() -> Arc<TempDir> {
    static EMPTY: Mutex<Weak<TempDir>> = Mutex::new(Weak::new());
    let mut known = EMPTY.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(empty) = known.upgrade() {
        return empty;
    }
    let folder = tempfile::tempdir().unwrap();
    let installed = Command::new("mariadb-install-db")
        .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
        .arg(user())
        .arg(format!("--datadir={}", folder.path().join("data").display()))
        .arg(scratch(folder.path()))
        .args(CARELESS)
        .output()
        .unwrap();
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
    let empty = Arc::new(folder);
    *known = Arc::downgrade(&empty);
    empty
}

impl Server {
    /// Starts a server with these settings beside what the tests need.
    pub(crate) fn start(option_file: &str) -> Self {
        let empty = empty();
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut copy = Command::new("cp");
        copy.arg("-r").arg(empty.path().join("data")).arg(&data);
        assert!(copy.status().unwrap().success());
        let options = folder.path().join("my.cnf");
        std::fs::write(&options, option_file).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let process = Command::new("mariadbd")
            .arg(format!("--defaults-file={}", options.display()))
            .arg(user())
            .arg(format!("--datadir={}", data.display()))
            .arg(format!("--socket={}", folder.path().join("s").display()))
            .arg(format!("--pid-file={}", folder.path().join("pid").display()))
            .arg(format!("--port={port}"))
            .arg(scratch(folder.path()))
            // As the operator runs it.
            .arg("--skip-name-resolve")
            .args(["--bind-address=127.0.0.1", "--max-connections=500"])
            .args(CARELESS)
            // Tables come and go by the thousand.
            .arg("--innodb-file-per-table=OFF")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut server = Self { process, port, _folder: folder, _empty: empty };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log =
                std::fs::read_to_string(server._folder.path().join("log")).unwrap_or_default();
            let ended = server.process.try_wait().unwrap();
            assert!(ended.is_none() && start.elapsed() < Duration::from_secs(60), "{log}");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// A client, which goes on after an error.
    pub(crate) fn client(&self, user: &str, password: &str) -> Command {
        let mut client = Command::new("mariadb");
        client
            .args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--force", "--batch"])
            .args(["--skip-column-names", "--skip-ssl"])
            .arg(format!("--port={}", self.port))
            .arg(format!("--user={user}"))
            .env("MYSQL_PWD", password)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        client
    }

    /// Runs statements, each in one line.
    pub(crate) fn run(&self, user: &str, password: &str, statements: &[String]) -> Said {
        assert!(statements.iter().all(|statement| !statement.contains('\n')));
        let mut child = self.client(user, password).spawn().unwrap();
        let text: String = statements.iter().map(|statement| format!("{statement};\n")).collect();
        let mut input = child.stdin.take().unwrap();
        // It answers while it is asked.
        let asking = std::thread::spawn(move || _ = input.write_all(text.as_bytes()));
        let output = child.wait_with_output().unwrap();
        asking.join().unwrap();
        let rows = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
        let errors = String::from_utf8_lossy(&output.stderr);
        let errors = errors.lines().filter_map(error).collect();
        Said { rows, errors }
    }

    /// Runs statements as root, which must not fail.
    #[track_caller]
    pub(crate) fn root(&self, statements: &[String]) -> Vec<String> {
        let said = self.run("root", "", statements);
        let failed = said.errors.first().map(|(number, error)| (statements.get(number - 1), error));
        assert!(failed.is_none(), "{failed:?}");
        said.rows
    }
}

/// A client that is logged in until this goes.
pub(crate) struct Session {
    client: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Session {
    /// Logs in.
    pub(crate) fn open(server: &Server, user: &str, password: &str) -> Self {
        let mut client = server
            .client(user, password)
            .arg("--unbuffered")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = client.stdin.take();
        let output = BufReader::new(client.stdout.take().unwrap()).lines();
        let mut session = Self { client, input, output };
        assert_eq!(session.ask("SELECT 'logged in'"), ["logged in"]);
        session
    }

    /// The rows that a statement gives; none where it fails.
    pub(crate) fn ask(&mut self, statement: &str) -> Vec<String> {
        const END: &str = "that was all";
        writeln!(self.input.as_mut().unwrap(), "{statement};\nSELECT '{END}';").unwrap();
        let lines = self.output.by_ref().map(|line| line.unwrap());
        let mut rows: Vec<String> = Vec::new();
        for line in lines {
            if line == END {
                return rows;
            }
            rows.push(line);
        }
        panic!("the session ended at {statement}: {rows:?}");
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.client.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `ERROR 1044 (42000) at line 3: …`, or without a line where nobody is logged in.
fn error(line: &str) -> Option<(usize, u32)> {
    let rest = line.strip_prefix("ERROR ")?;
    let code = rest.split(' ').next()?.parse().ok()?;
    let number =
        rest.split_once(" at line ").and_then(|(_, rest)| rest.split(':').next()?.parse().ok());
    Some((number.unwrap_or(0), code))
}
