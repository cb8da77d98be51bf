//! The recipe of the image for pipelines. No image is built here: what the recipe says must agree with a release and with
//! the job that runs in it.

use crate::stage::{built, ended, released, repository, script};
use std::fs;
use std::process::Command;

fn recipe() -> String {
    fs::read_to_string(repository().join("packaging/Containerfile")).unwrap()
}

/// What follows an instruction, which stands there once. A line that ends with a backslash goes on.
fn only(instruction: &str) -> String {
    let joined = recipe().replace("\\\n", "");
    let found: Vec<&str> = joined
        .lines()
        .filter_map(|line| line.strip_prefix(instruction)?.strip_prefix(' '))
        .collect();
    let [one] = found[..] else { panic!("{instruction} does not stand there once") };
    one.to_owned()
}

#[test]
fn it_copies_the_package_of_the_architecture() {
    let Some(stage) = released() else { return };
    let architecture = if built().0.starts_with("x86_64") { "amd64" } else { "arm64" };
    assert_eq!(only("ARG"), "TARGETARCH");
    let copy = only("COPY");
    let (from, to) = copy.split_once(' ').unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", &format!("echo {from}")]).env("TARGETARCH", architecture);
    let copied = ended(&command.current_dir(stage.path("dist")).output().unwrap(), 0);
    assert!(stage.path("dist").join(copied.trim()).is_file(), "{copied}");
    assert!(only("RUN").contains(&format!(" {to}*.deb ")));
}

/// The commands of the image, with scripts in place of those that change a machine.
#[test]
fn it_installs_what_the_job_needs() {
    let Some(stage) = released() else { return };
    for name in ["apt-get", "rm", "git"] {
        script(&stage.path("container").join(name), &format!("echo {name} \"$@\""));
    }
    let mut command = Command::new("sh");
    let path = format!("{}:{}", stage.path("container").display(), std::env::var("PATH").unwrap());
    command.args(["-efc", &only("RUN")]).env("PATH", path);
    let said = ended(&command.output().unwrap(), 0);
    let installs = said.lines().nth(1).unwrap().strip_prefix("apt-get install ").unwrap();
    let installed: Vec<&str> = installs.split(' ').filter(|it| !it.starts_with("--")).collect();
    assert_eq!(installed, ["ca-certificates", "curl", "git", "/packages/*.deb"]);
    assert!(said.ends_with("git config --system --add safe.directory *\n"), "{said}");

    let job = fs::read_to_string(repository().join("integration/gitlab-ci.yml")).unwrap();
    assert!(job.contains("It needs an image with sitewright, git and curl."), "{job}");
}
