//! Input that files in Git cannot hold well: bytes that are no text, files of odd types, sizes and
//! permissions. Each is refused with one clear diagnostic, at once, and `rendered/` stays as it was.

#[cfg(test)]
mod refusal;

#[cfg(test)]
mod tests {
    use crate::refusal::Project;
    use std::time::{Duration, Instant};

    const CLUSTER: &str = "kind: Cluster\n\
                           operators: {frappe: \"2.6\", mariadb: \"26.6\"}\n\
                           namespace: frappe\n";
    const ACME: &str = "sites/production/acme.yaml";
    const SITE: &str = "kind: Site\nsiteName: erp.acme.com\n";

    /// A project of a cluster, with manifests rendered before.
    fn project() -> Project {
        let project = Project::new();
        project.put("sites/production/_cluster.yaml", CLUSTER);
        project.put_rendered();
        project
    }

    /// `code file:line:column message` of each diagnostic that the project gives.
    fn refusals(project: &Project) -> Vec<String> {
        let started = Instant::now();
        let diagnostics = project.refused();
        let took = started.elapsed();
        assert!(took < Duration::from_secs(5), "it took {took:?}");
        diagnostics.iter().map(line).collect()
    }

    fn line(diagnostic: &serde_json::Value) -> String {
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        assert!(diagnostic["help"].is_string(), "no help: {diagnostic}");
        let place = &diagnostic["place"];
        let at = match place["line"].is_null() {
            true => String::new(),
            false => format!(":{}:{}", place["line"], place["column"]),
        };
        let (code, file) = (text(&diagnostic["code"]), text(&place["file"]));
        format!("{code} {file}{at} {}", text(&diagnostic["message"]))
    }

    /// What is said about a file of these bytes.
    fn of_bytes(bytes: impl AsRef<[u8]>) -> Vec<String> {
        let project = project();
        project.put(ACME, bytes);
        refusals(&project)
    }

    #[test]
    fn a_file_that_is_not_utf_8_is_refused() {
        assert_eq!(
            of_bytes([SITE.as_bytes(), b"labels: {team: K\xf6ln}\n"].concat()),
            ["SW002 sites/production/acme.yaml:3:17 the file is not UTF-8"]
        );
        assert_eq!(
            of_bytes(b"\xff\xfek\0i\0n\0d\0"),
            ["SW002 sites/production/acme.yaml:1:1 the file is not UTF-8"]
        );
    }
}
