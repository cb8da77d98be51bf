//! The context of the templates of mariadb-operator's objects.

use super::backup::BootstrapContext;
use crate::language::{PodDisruptionBudget, Resources, ServiceMonitor, SettingText, Topology};
use crate::naming::SqlName;
use crate::object::{KeyReference, Reference};
use crate::resolve::{Database, MyCnf, Site};
use minijinja::Value;
use serde::Serialize;
use std::fmt::Write as _;

/// `database`: the Database, its User and its Grant. It is `none` for a database that already
/// exists.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DatabaseContext<'a> {
    /// The name of the database and of its user.
    name: &'a str,
    /// The name as a pattern for grants, in which `_` is a wildcard and `\_` is not.
    pattern: String,
    /// The privileges of the user in the database.
    privileges: &'static Value,
    max_user_connections: u32,
    /// `Skip` or `Delete`: what happens to the database when its object is deleted.
    cleanup_policy: &'static str,
    /// What happens to the user when its object is deleted.
    user_cleanup_policy: &'static str,
    /// The server.
    server: Reference,
    /// The Secret with the user's password.
    password: KeyReference,
}

impl<'a> DatabaseContext<'a> {
    pub(super) fn new(
        name: &'a SqlName,
        privileges: &'static Value,
        site: &Site,
        server: Reference,
        password: KeyReference,
    ) -> Self {
        // If the server is deleted too, its databases are not dropped one by one, so that no
        // deletion waits for the server.
        let is_dedicated = matches!(site.database, Database::Dedicated { .. });
        let with_server = is_dedicated && site.common.retired();
        Self {
            name: name.as_str(),
            pattern: name.escaped(),
            privileges,
            max_user_connections: site.max_user_connections,
            cleanup_policy: if site.common.drops_data && !with_server { "Delete" } else { "Skip" },
            // Dropping a user also drops its grants.
            user_cleanup_policy: if with_server { "Skip" } else { "Delete" },
            server,
            password,
        }
    }
}

/// `instance`: a MariaDB that sitewright renders.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InstanceContext<'a> {
    pub(super) name: String,
    pub(super) namespace: &'a str,
    pub(super) root_password: KeyReference,
    pub(super) image: &'a str,
    pub(super) storage_size: &'a str,
    pub(super) storage_class_name: Option<&'a str>,
    pub(super) resources: Option<&'a Resources>,
    /// The complete option file.
    pub(super) my_cnf: String,
    /// Whether the volumes are deleted together with the server.
    pub(super) drops_data: bool,
    /// `standalone`, `replication` or `galera`.
    pub(super) topology: Topology,
    pub(super) replicas: u32,
    pub(super) metrics: bool,
    /// The fields in the form of the MariaDB object.
    pub(super) service_monitor: Option<&'a ServiceMonitor>,
    pub(super) pod_disruption_budget: Option<&'a PodDisruptionBudget>,
    pub(super) bootstrap_from: Option<BootstrapContext<'a>>,
}

/// The option file: the settings of the server, sorted by name, and the character set of clients
/// that run in the same pod.
pub(super) fn option_file(settings: &MyCnf) -> String {
    let mut file = String::from("[mariadb]\n");
    for (name, value) in settings {
        // Writing to a String cannot fail.
        let _ = match value {
            // A `skip` option has no value: it is either present or absent.
            SettingText::Switch(true) if name.as_str().starts_with("skip_") => {
                writeln!(file, "{name}")
            }
            SettingText::Switch(false) if name.as_str().starts_with("skip_") => Ok(()),
            SettingText::Switch(true) => writeln!(file, "{name}=ON"),
            SettingText::Switch(false) => writeln!(file, "{name}=OFF"),
            SettingText::Text(text) => writeln!(file, "{name}={text}"),
        };
    }
    file.push_str("\n[client]\ndefault_character_set=utf8mb4\n");
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::SettingName;

    #[test]
    fn an_option_file_is_sorted_and_knows_switches() {
        let settings = [
            ("skip_name_resolve", SettingText::Switch(true)),
            ("skip_networking", SettingText::Switch(false)),
            ("innodb_file_per_table", SettingText::Switch(true)),
            ("event_scheduler", SettingText::Switch(false)),
            ("max_allowed_packet", SettingText::Text("256M".into())),
        ];
        let settings: MyCnf =
            settings.map(|(name, value)| (SettingName::new(name).unwrap(), value)).into();
        assert_eq!(
            option_file(&settings),
            "[mariadb]\nevent_scheduler=OFF\ninnodb_file_per_table=ON\nmax_allowed_packet=256M\n\
             skip_name_resolve\n\n[client]\ndefault_character_set=utf8mb4\n"
        );
    }
}
