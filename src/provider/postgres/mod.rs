//! PostgreSQL through CloudNativePG (`postgresql.cnpg.io/v1`).
//!
//! Every reference of CloudNativePG is a bare name. So all objects of a server, those of its sites'
//! databases too, are in one namespace.

mod check;
mod context;
mod delivered;
mod derived;
mod idle;
mod instance;
mod objects;
mod risks;
mod server;
mod settings;

use super::{DatabaseSpec, DeliveredKind, OwnFields, Provider, ReadRights, ServerSpec, SiteDraft};
use crate::diagnostic::Checked;
use crate::language;
use crate::layers::Origin;
use crate::object::ObjectType;
use crate::operator::Operator;
use crate::risk::Risks;
use server::PostgresServer;

/// The provider.
#[derive(Debug)]
pub(super) struct Postgres;

/// The label `app.kubernetes.io/name` of PostgreSQL's objects.
const APP: &str = "postgresql";

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
            server: &[&["instances"], &["settings"], &["metrics", "podMonitor"]],
            site: &[],
        }
    }

    fn object_types(&self) -> &'static [&'static ObjectType] {
        &objects::ALL
    }

    fn risks(&self) -> &'static Risks {
        &risks::RISKS
    }

    fn server(
        &self,
        fields: language::DatabaseServer,
        origin: &Origin,
    ) -> Checked<Box<dyn ServerSpec>> {
        Ok(Box::new(PostgresServer::new(fields, origin)?))
    }

    fn dedicated(&self, _: language::Database, site: &SiteDraft) -> Checked<Box<dyn DatabaseSpec>> {
        Err(vec![check::no_sites(site)])
    }

    fn connected(
        &self,
        _: language::Connection,
        site: &SiteDraft,
    ) -> Checked<Box<dyn DatabaseSpec>> {
        Err(vec![check::no_sites(site)])
    }
}
