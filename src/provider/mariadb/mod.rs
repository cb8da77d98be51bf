//! MariaDB through mariadb-operator (`k8s.mariadb.com/v1alpha1`).
//!
//! The objects have the names that frappe-operator expects, so it adopts them: it reads each
//! object, creates it only if it is missing, and never updates it (source:
//! `controllers/database/mariadb_provider.go`).

mod backup;
mod check;
mod context;
mod database;
mod delivered;
mod derived;
mod external;
mod idle;
mod instance;
mod my_cnf;
mod names;
mod objects;
mod privileges;
mod risks;
mod secrets;
mod server;
mod settings;
mod spec;
mod sql;
mod stated;
mod topology;
mod volumes;

use super::sql::SqlFacts;
use super::{
    DatabaseSpec, DeliveredKind, OwnFields, Provider, ReadRights, ServerSpec, SiteDraft, Support,
};
use crate::diagnostic::Checked;
use crate::language;
use crate::layers::Origin;
use crate::object::{ObjectType, StatedField};
use crate::operator::Operator;
use crate::risk::Risks;
use database::MariadbDatabase;
use server::MariadbServer;

/// The provider.
#[derive(Debug)]
pub(super) struct Mariadb;

/// The label `app.kubernetes.io/name` of MariaDB's objects.
const APP: &str = "mariadb";

impl Provider for Mariadb {
    fn system(&self) -> language::Provider {
        language::Provider::Mariadb
    }

    fn operator(&self) -> Operator {
        Operator::Mariadb
    }

    fn defaults(&self) -> &'static str {
        include_str!("defaults.yaml")
    }

    fn read_by_frappe(&self) -> Option<&'static ReadRights> {
        Some(&ReadRights {
            role: "frappe-operator-reads-mariadb",
            group: delivered::GROUP,
            resources: &["mariadbs", "databases", "users", "grants"],
        })
    }

    fn delivered_kinds(&self) -> &'static [DeliveredKind] {
        &delivered::KINDS
    }

    fn own_fields(&self) -> OwnFields {
        OwnFields {
            server: &[
                &["topology"],
                &["replicas"],
                &["myCnf"],
                &["metrics", "serviceMonitor"],
                &["podDisruptionBudget"],
                &["backup"],
                &["backup", "stagingStorage"],
                &["bootstrapFrom"],
                &["external"],
            ],
            site: &[
                &["database", "name"],
                &["database", "myCnf"],
                &["database", "metrics", "serviceMonitor"],
                &["database", "podDisruptionBudget"],
                &["database", "bootstrapFrom"],
                &["backup"],
                &["backup", "stagingStorage"],
            ],
        }
    }

    fn support(&self) -> &'static Support {
        &Support { oldest_frappe: None, unsupported_apps: &[] }
    }

    fn object_types(&self) -> &'static [&'static ObjectType] {
        &objects::ALL
    }

    fn risks(&self) -> &'static Risks {
        &risks::RISKS
    }

    fn stated_fields(&self) -> &'static [StatedField] {
        stated::STATED
    }

    fn sql(&self) -> &'static dyn SqlFacts {
        &sql::MariadbFacts
    }

    fn server(
        &self,
        fields: language::DatabaseServer,
        origin: &Origin,
    ) -> Checked<Box<dyn ServerSpec>> {
        Ok(Box::new(MariadbServer::new(fields, origin)?))
    }

    fn dedicated(
        &self,
        fields: language::Database,
        site: &SiteDraft,
    ) -> Checked<Box<dyn DatabaseSpec>> {
        Ok(Box::new(MariadbDatabase::dedicated(fields, site)?))
    }

    fn connected(
        &self,
        connection: language::Connection,
        site: &SiteDraft,
    ) -> Checked<Box<dyn DatabaseSpec>> {
        Ok(Box::new(MariadbDatabase::connected(connection, site)?))
    }
}
