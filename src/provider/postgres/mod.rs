//! PostgreSQL through CloudNativePG (`postgresql.cnpg.io/v1`).
//!
//! Every reference of CloudNativePG is a bare name. So all objects of a server, those of its sites'
//! databases too, are in one namespace.

mod backup;
mod check;
mod context;
mod database;
mod delivered;
mod derived;
mod idle;
mod instance;
mod names;
mod objects;
mod pooler;
mod risks;
mod schedule;
mod server;
mod settings;
mod spec;
mod sql;
mod stated;

use super::sql::SqlFacts;
use super::{
    DatabaseSpec, DeliveredKind, OwnFields, Provider, ReadRights, ServerSpec, SiteDraft, Support,
    UnsupportedApp,
};
use crate::diagnostic::Checked;
use crate::language::{self, Acknowledgement};
use crate::layers::Origin;
use crate::object::{ObjectType, StatedField};
use crate::operator::Operator;
use crate::risk::Risks;
use database::PostgresDatabase;
use server::PostgresServer;

/// The provider.
#[derive(Debug)]
pub(super) struct Postgres;

/// The label `app.kubernetes.io/name` of PostgreSQL's objects.
const APP: &str = "postgresql";

/// The API group of CloudNativePG.
const GROUP: &str = "postgresql.cnpg.io";

impl Provider for Postgres {
    fn system(&self) -> language::Provider {
        language::Provider::Postgres
    }

    fn operator(&self) -> Operator {
        Operator::CloudNativePg
    }

    fn defaults(&self) -> &'static str {
        include_str!("defaults.yaml")
    }

    /// frappe-operator reaches a database of PostgreSQL by a Secret, and reads no other object.
    fn read_by_frappe(&self) -> Option<&'static ReadRights> {
        None
    }

    fn delivered_kinds(&self) -> &'static [DeliveredKind] {
        &delivered::KINDS
    }

    fn own_fields(&self) -> OwnFields {
        OwnFields {
            server: &[
                &["instances"],
                &["settings"],
                &["metrics", "podMonitor"],
                &["backup"],
                &["bootstrapFrom"],
                &["pooler"],
            ],
            site: &[
                &["database", "instances"],
                &["database", "settings"],
                &["database", "metrics", "podMonitor"],
                &["database", "bootstrapFrom"],
                &["backup"],
            ],
        }
    }

    fn support(&self) -> &'static Support {
        &Support {
            oldest_frappe: Some((
                16,
                "its support of PostgreSQL is experimental, and images of older versions lack it",
            )),
            unsupported_apps: &[UnsupportedApp {
                app: "erpnext",
                why: "ERPNext does not support PostgreSQL",
                acknowledged_by: Acknowledgement::PostgresErpnext,
            }],
        }
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
        &sql::PostgresFacts
    }

    fn server(
        &self,
        fields: language::DatabaseServer,
        origin: &Origin,
    ) -> Checked<Box<dyn ServerSpec>> {
        Ok(Box::new(PostgresServer::new(fields, origin)?))
    }

    fn dedicated(
        &self,
        fields: language::Database,
        site: &SiteDraft,
    ) -> Checked<Box<dyn DatabaseSpec>> {
        Ok(Box::new(PostgresDatabase::dedicated(fields, site)?))
    }

    fn connected(
        &self,
        connection: language::Connection,
        site: &SiteDraft,
    ) -> Checked<Box<dyn DatabaseSpec>> {
        Ok(Box::new(PostgresDatabase::connected(connection, site)?))
    }
}
