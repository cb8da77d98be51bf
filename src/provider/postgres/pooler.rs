//! A pooler of connections (PgBouncer) in front of a PostgreSQL server.
//!
//! It looks up the password of an account on the server and then connects as that account, so the
//! server's own rules decide who reaches which database (source: `pkg/management/pgbouncer/config` and
//! `hbaTemplateString` in `pkg/postgres/configuration.go` of CloudNativePG 1.30.0).

use super::super::Owner;
use super::context::PoolerContext;
use super::names;
use super::settings::Settings;
use crate::diagnostic::{Code, Diagnostic};
use crate::language::{self, ParameterName, ParameterValue, ResourceName, Resources};

/// A pooler of a server.
#[derive(Debug)]
pub(super) struct Pooler {
    instances: u32,
    pub(super) resources: Option<Resources>,
    settings: Settings,
}

/// The settings that are stated if a definition states no others. PgBouncer itself takes 100
/// connections, which one site alone may open.
const SETTINGS: [(&str, &str); 2] = [("default_pool_size", "20"), ("max_client_conn", "1000")];

impl Pooler {
    pub(super) fn new(stated: language::Pooler) -> Self {
        let mut settings = stated.settings.unwrap_or_default();
        for (name, value) in SETTINGS {
            if let (Ok(name), Ok(value)) = (ParameterName::new(name), ParameterValue::new(value)) {
                settings.entry(name).or_insert(value);
            }
        }
        Self { instances: stated.instances.unwrap_or(1), resources: stated.resources, settings }
    }

    /// What its template sees. `server` is its Cluster.
    pub(super) fn context<'a>(
        &'a self,
        server: ResourceName,
        owner: Owner<'a>,
    ) -> PoolerContext<'a> {
        PoolerContext {
            name: names::pooler(&server),
            namespace: owner.common.namespace.as_str(),
            server,
            instances: self.instances,
            resources: self.resources.as_ref(),
            parameters: &self.settings,
        }
    }

    /// The problems of its settings.
    pub(super) fn check(&self, owner: Owner) -> Vec<Diagnostic> {
        let operator = owner.cluster.profiles.cloudnative_pg;
        let span = |name: &str| owner.common.origin.span(&["pooler", "settings", name]);
        let problem = |(name, value): (&ParameterName, &ParameterValue)| {
            if let Some(operator) = operator
                && operator.pooler_parameters.binary_search(&name.as_str()).is_err()
            {
                let message =
                    format!("CloudNativePG {} takes no setting `{name}` of PgBouncer", operator.id);
                // SW104: a setting that the operator does not take.
                let problem = Diagnostic::new(Code::BadValue, span(name), message);
                return Some(
                    problem.help("remove it: the operator refuses a pooler that states it"),
                );
            }
            // Other ways of asking for a password are none, or ignore the operator's own rules.
            let opens = name.as_str() == "auth_type" && !value.eq_ignore_ascii_case("hba");
            // SW411: an unsafe server setting.
            opens.then(|| {
                let message = format!("`{name}: {value}` changes who must state a password");
                Diagnostic::new(Code::UnsafeSetting, span(name), message)
                    .help("remove it: the rules of the operator ask every account for its password")
            })
        };
        self.settings.iter().filter_map(problem).collect()
    }
}
