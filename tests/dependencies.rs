//! The compiler runs on laptops and in CI, without a cluster: it takes no client of Kubernetes, and none of
//! what comes with one.

#[cfg(test)]
mod tests {
    use std::process::Command;

    /// The names of the crates that a package is built of.
    fn crates(package: &str) -> Vec<String> {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["tree", "--locked", "--offline", "--edges", "normal,build"]);
        cargo.args(["--prefix", "none", "--format", "{lib}", "--package", package]);
        let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    const OF_A_CLIENT: [&str; 7] =
        ["kube", "k8s_openapi", "tokio", "axum", "hyper", "rustls", "prometheus_client"];

    #[test]
    fn the_compiler_has_no_client_of_kubernetes() {
        let compiler = crates("sitewright");
        assert!(compiler.iter().any(|name| name == "minijinja"), "{compiler:?}");
        for name in OF_A_CLIENT {
            assert!(!compiler.iter().any(|it| it == name), "the compiler depends on {name}");
        }
    }

    /// Else the names above could be wrong ones.
    #[test]
    fn the_reconciler_has_one() {
        let reconciler = crates("sitewright-reconciler");
        for name in OF_A_CLIENT {
            assert!(reconciler.iter().any(|it| it == name), "the reconciler lacks {name}");
        }
    }
}
