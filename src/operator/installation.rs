//! How an administrator installs a version of an operator.

use super::Releases;

/// How an administrator installs a version of an operator. In the commands, `{release}` stands for the newest
/// known release.
#[derive(Clone, Copy, Debug)]
pub struct Installation {
    /// Where the commands run, if not anywhere.
    pub place: Option<&'static str>,
    /// The commands that install its CRDs. Helm upgrades no CRDs in the folder `crds` of a chart, so they are a
    /// step of their own.
    pub crds: &'static [&'static str],
    /// The commands that install the operator.
    pub operator: &'static [&'static str],
    /// How the containers that it runs in the pods of servers with replicas become those of its own version. They
    /// must do so with an upgrade.
    pub data_plane: Option<DataPlane>,
}

/// How the containers of an operator in the pods of a server become those of its own version. `{namespace}` and
/// `{name}` are the server's.
#[derive(Clone, Copy, Debug)]
pub struct DataPlane {
    /// The command that lets the operator replace them.
    pub follow: &'static str,
    /// The command that keeps them as they are from then on.
    pub stay: &'static str,
}

/// The namespace in which frappe-operator is installed (config/default and the chart's documentation).
pub const OPERATOR_NAMESPACE: &str = "frappe-operator-system";

/// The commands for the newest of these releases.
pub fn installation_commands(commands: &[&str], releases: Releases) -> Vec<String> {
    let release = releases.newest().unwrap_or_default();
    commands.iter().map(|command| command.replace("{release}", release)).collect()
}
