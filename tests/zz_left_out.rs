//! The last of the tests, by its name: what the others left out for want of a program or folder.

#[cfg(test)]
mod tools;

#[cfg(test)]
mod tests {
    use super::tools::needed;

    /// Says it once more, where nobody overlooks it; `tests/run` fails instead.
    #[test]
    fn what_was_left_out() {
        for name in [
            "kubectl",
            "mariadbd",
            "mariadb",
            "mariadb-install-db",
            "promtool",
            "redis-server",
            "crds-by-version",
            "measured",
            "cluster",
            "unshare",
            "script",
            "chromium",
            "nvim",
        ] {
            needed(name);
        }
    }
}
