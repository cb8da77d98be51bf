//! The recipe of the container image. No image is built here: what the recipe says must agree with the workspace and
//! with the Deployment that runs the image.

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_yaml::Value;
    use sitewright_reconciler::arguments::Arguments;
    use std::path::{Path, PathBuf};

    const RECIPE: &str = include_str!("../Containerfile");

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
    }

    /// What follows an instruction of the recipe, each time that it stands there.
    fn all(instruction: &str) -> Vec<&'static str> {
        let lines = RECIPE.lines();
        let found = lines.filter_map(|line| line.strip_prefix(instruction)?.strip_prefix(' '));
        found.collect()
    }

    fn only(instruction: &str) -> &'static str {
        let [one] = all(instruction)[..] else { panic!("{instruction} does not stand there once") };
        one
    }

    fn program() -> &'static str {
        let built = Path::new(env!("CARGO_BIN_EXE_sitewright-reconciler"));
        built.file_stem().unwrap().to_str().unwrap()
    }

    #[test]
    fn it_builds_this_package_with_the_rust_of_the_workspace() {
        let [build, run] = all("FROM")[..] else { panic!("two stages") };
        let rust = env!("CARGO_PKG_RUST_VERSION");
        assert_eq!(build, format!("docker.io/library/rust:{rust}-slim-trixie AS build"));
        // trixie is Debian 13.
        assert_eq!(run, "gcr.io/distroless/cc-debian13:nonroot");
        let command =
            format!("cargo build --locked --release --package {}", env!("CARGO_PKG_NAME"));
        assert_eq!(only("RUN"), command);
    }

    #[test]
    fn it_copies_and_starts_the_program() {
        let place = format!("/usr/local/bin/{}", program());
        let from = format!("--from=build /workspace/target/release/{} {place}", program());
        assert_eq!(all("COPY"), [". .", &from]);
        assert_eq!(only("WORKDIR"), "/workspace");
        assert_eq!(only("ENTRYPOINT"), format!("[\"{place}\"]"));
    }

    /// Cargo reads the manifest of every member, and looks for the files of the package at the root.
    #[test]
    fn what_is_left_out_is_not_needed() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let members = manifest.lines().find_map(|line| line.strip_prefix("members = ")).unwrap();
        let mut needed: Vec<String> = serde_yaml::from_str(members).unwrap();
        assert!(needed.contains(&"reconciler".to_owned()));
        needed.extend(["src", "benches", "tests"].map(str::to_owned));
        let left_out = include_str!("../Containerfile.dockerignore").lines();
        for path in left_out.filter(|line| !line.starts_with('#')) {
            let folder = path.trim_start_matches("**/");
            let is_in = |place: &String| place.split('/').any(|part| part == folder);
            assert!(!needed.iter().any(is_in), "{path} is needed");
        }
    }

    /// The Deployment states the user again, and the port.
    #[test]
    fn it_agrees_with_the_deployment() {
        let folder = root().join("examples/status/gitops/production/reconciler");
        let file = folder.join("deployment-sitewright-reconciler.yaml");
        let deployment: Value =
            serde_yaml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let pod = &deployment["spec"]["template"]["spec"];
        let context = &pod["securityContext"];
        let [user, group] = ["runAsUser", "runAsGroup"].map(|it| context[it].as_u64().unwrap());
        assert_eq!(only("USER"), format!("{user}:{group}"));
        assert!(user > 0 && context["runAsNonRoot"] == Value::Bool(true));
        let [container] = &pod["containers"].as_sequence().unwrap()[..] else { panic!("not one") };
        assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], Value::Bool(true));
        // The recipe names the program.
        assert!(container.get("command").is_none());

        let arguments: Vec<String> = serde_yaml::from_value(container["args"].clone()).unwrap();
        let given = [program().to_owned()].into_iter().chain(arguments);
        let arguments = Arguments::try_parse_from(given).unwrap();
        let port = container["ports"][0]["containerPort"].as_u64().unwrap();
        assert_eq!(u64::from(arguments.listen.port()), port);
        assert_eq!(only("EXPOSE"), port.to_string());
        assert!(arguments.listen.ip().is_unspecified(), "a kubelet and Prometheus ask the pod");
        assert_eq!(Arguments::parse_from([program()]).listen, arguments.listen);
    }
}
