//! Transcripts of the command line. Each `tests/cmd/*.md` is a session in an empty folder: its
//! `console` blocks hold commands after `$ `, what they print, and `? N` where the exit code is not 0.
//! A line of `...` stands for any lines. `UPDATE_EXPECT=1` rewrites what commands print, except in
//! blocks with such a line.

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    const FENCE: &str = "```console\n";

    /// Runs a line in a shell that finds this build's sitewright; what it printed, and its exit code.
    fn run(line: &str, folder: &Path) -> String {
        let binary = Path::new(env!("CARGO_BIN_EXE_sitewright")).parent().unwrap();
        let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
        let output = Command::new("sh")
            .args(["-c", &format!("{{ {line}\n}} 2>&1")])
            .current_dir(folder)
            .env("PATH", path)
            .env_remove("NO_COLOR")
            .output()
            .unwrap();
        let mut said = String::from_utf8(output.stdout).unwrap();
        if !said.is_empty() && !said.ends_with('\n') {
            said.push('\n');
        }
        match output.status.code() {
            Some(0) => {}
            code => said += &format!("? {}\n", code.unwrap()),
        }
        said
    }

    /// Whether a text is as expected, where a line of `...` is any lines.
    fn matches(expected: &[&str], found: &[&str]) -> bool {
        match (expected, found) {
            ([], found) => found.is_empty(),
            (["...", rest @ ..], found) => {
                (0..=found.len()).any(|skipped| matches(rest, &found[skipped..]))
            }
            ([expected, rest @ ..], [line, after @ ..]) => expected == line && matches(rest, after),
            (_, []) => false,
        }
    }

    /// A session with what its commands print now, where that is not what it says.
    fn replayed(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, block)) = rest.split_once(FENCE) {
            let (block, after) = block.split_once("```\n").unwrap();
            out += before;
            out += FENCE;
            for step in format!("\n{block}").split("\n$ ").skip(1) {
                let (line, expected) = step.split_once('\n').unwrap_or((step, ""));
                let said = run(line, folder.path());
                let wanted: Vec<&str> = expected.lines().collect();
                let printed: Vec<&str> = said.lines().collect();
                let fits = matches(&wanted, &printed);
                let shown = if fits { expected.trim_end() } else { said.trim_end() };
                out += &format!("$ {line}\n");
                if !shown.is_empty() {
                    out += &format!("{shown}\n");
                }
            }
            out += "```\n";
            rest = after;
        }
        out + rest
    }

    #[test]
    fn transcripts_are_true() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
        let mut sessions: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        sessions.sort();
        assert!(sessions.len() >= 6);
        for session in sessions {
            let text = fs::read_to_string(&session).unwrap();
            let replayed = replayed(&text);
            if std::env::var_os("UPDATE_EXPECT").is_some() {
                fs::write(&session, &replayed).unwrap();
                continue;
            }
            assert_eq!(replayed, text, "{}: UPDATE_EXPECT=1 rewrites it", session.display());
        }
    }

    #[test]
    fn dots_stand_for_any_lines() {
        for (expected, found, fits) in [
            (&["a", "...", "c"][..], &["a", "b", "b", "c"][..], true),
            (&["...", "c"], &["c"], true),
            (&["a", "..."], &["a"], true),
            (&["a", "...", "c"], &["a", "c", "d"], false),
            (&[], &["a"], false),
        ] {
            assert_eq!(matches(expected, found), fits, "{expected:?} {found:?}");
        }
    }
}
