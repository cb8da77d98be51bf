//! A server outside the cluster: the ExternalMariaDB, with which mariadb-operator creates databases
//! on it.

use super::names;
use crate::cluster::Common;
use crate::diagnostic::{Checked, both};
use crate::language::{self, Host, Namespace, ResourceName};
use crate::layers::{Origin, require};
use crate::object::{KeyReference, SecretPurpose, SecretSpec};
use serde::Serialize;

/// A server outside the cluster.
#[derive(Debug)]
pub(super) struct ExternalServer {
    /// Whether sitewright renders the ExternalMariaDB.
    pub(super) managed: bool,
    /// Its host.
    pub(super) host: Host,
    /// Its port.
    pub(super) port: u16,
    /// The account with which mariadb-operator creates databases and users.
    pub(super) username: String,
    /// The Secret with the account's password.
    pub(super) password_secret: ResourceName,
    /// The key in that Secret.
    pub(super) password_key: String,
    /// How mariadb-operator's connection to the server is encrypted.
    pub(super) tls: ExternalTls,
}

/// How mariadb-operator's connection to a server outside the cluster is encrypted.
#[derive(Debug)]
pub(super) enum ExternalTls {
    /// Not encrypted, because nothing is stated.
    Unstated,
    /// Not encrypted, as the definition states.
    Off,
    /// Encrypted with the server's certificate.
    On {
        /// The Secret with the certificate of the server's certificate authority.
        server_ca: ResourceName,
        /// The Secret with the operator's client certificate.
        client: Option<ResourceName>,
    },
}

impl ExternalServer {
    /// The server that a definition states.
    pub(super) fn new(stated: language::External, managed: bool, origin: &Origin) -> Checked<Self> {
        let why = "the server's host name";
        let host = require(stated.host, origin, &["external", "host"], why);
        // The name of a definition is already checked with its file.
        let name = ResourceName::new(origin.definition.name()).map_err(|_| Vec::new())?;
        let (host, tls) = both(host, resolved_tls(stated.tls, origin))?;
        let secret = stated.password_secret_ref.unwrap_or_default();
        Ok(Self {
            managed,
            host,
            port: stated.port.unwrap_or(3306),
            username: stated.username.map_or("root".to_owned(), |name| name.to_string()),
            password_secret: secret.name.unwrap_or_else(|| names::root_secret(&name)),
            password_key: secret.key.map_or("password".to_owned(), |key| key.to_string()),
            tls,
        })
    }
}

/// If TLS is on and no Secrets are stated, mariadb-operator reads Secrets with default names that
/// nothing creates (`api/v1alpha1/external_mariadb_keys.go` of 25.10.4 and 26.6.0). It can then no
/// longer reach the server.
fn resolved_tls(stated: Option<language::ExternalTls>, origin: &Origin) -> Checked<ExternalTls> {
    let Some(tls) = stated else { return Ok(ExternalTls::Unstated) };
    if tls.enabled == Some(false) {
        return Ok(ExternalTls::Off);
    }
    let secret = |stated: Option<language::SecretRef>, field, why| {
        let path = ["external", "tls", field, "name"];
        require(stated.and_then(|secret| secret.name), origin, &path, why)
    };
    let why = "the Secret with the certificate of the server's authority, in the key `ca.crt`";
    let server_ca = secret(tls.server_ca_secret_ref, "serverCASecretRef", why)?;
    let client = match tls.mutual.unwrap_or(tls.client_cert_secret_ref.is_some()) {
        true => {
            let why = "the Secret with the operator's own certificate, in the keys `tls.crt` and `tls.key`; \
                       or state `mutual: false`";
            Some(secret(tls.client_cert_secret_ref, "clientCertSecretRef", why)?)
        }
        false => None,
    };
    Ok(ExternalTls::On { server_ca, client })
}

/// `external`: a server outside the cluster.
#[derive(Serialize)]
pub(super) struct External<'a> {
    name: &'a str,
    namespace: &'a str,
    host: &'a str,
    port: u16,
    username: &'a str,
    password: KeyReference,
    /// `none` if the definition states nothing.
    tls: Option<Tls<'a>>,
}

/// How mariadb-operator's connection is encrypted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tls<'a> {
    enabled: bool,
    /// Whether the operator presents a client certificate. `none` without TLS.
    mutual: Option<bool>,
    /// The Secret with the certificate of the server's certificate authority.
    server_ca: Option<&'a str>,
    /// The Secret with the operator's certificate.
    client_cert: Option<&'a str>,
}

impl<'a> External<'a> {
    pub(super) fn new(common: &'a Common, server: &'a ExternalServer) -> Self {
        Self {
            name: common.name.as_str(),
            namespace: common.namespace.as_str(),
            host: server.host.as_str(),
            port: server.port,
            username: &server.username,
            password: KeyReference {
                name: server.password_secret.clone(),
                key: server.password_key.clone().into(),
            },
            tls: tls(&server.tls),
        }
    }
}

fn tls(stated: &ExternalTls) -> Option<Tls<'_>> {
    let off = Tls { enabled: false, mutual: None, server_ca: None, client_cert: None };
    match stated {
        ExternalTls::Unstated => None,
        ExternalTls::Off => Some(off),
        ExternalTls::On { server_ca, client } => Some(Tls {
            enabled: true,
            // The operator's default is true even if there is no client certificate.
            mutual: Some(client.is_some()),
            server_ca: Some(server_ca),
            client_cert: client.as_deref(),
        }),
    }
}

/// The password of the account with which mariadb-operator logs in.
const ADMIN: SecretPurpose =
    SecretPurpose::of_the_user("password", "the account that makes databases");

/// The authority that signs the server's certificate.
const SERVER_CA: SecretPurpose =
    SecretPurpose::of_the_user("certificate", "the server's authority");

/// The certificate that mariadb-operator shows the server.
const CLIENT_CERT: SecretPurpose = SecretPurpose::of_the_user("certificate", "mariadb-operator");

/// The Secrets with which mariadb-operator logs in.
pub(super) fn secrets(namespace: &Namespace, server: &ExternalServer) -> Vec<SecretSpec> {
    let (name, key) = (&server.password_secret, &server.password_key);
    let mut secrets = vec![SecretSpec::of_the_user(&ADMIN, namespace, name.clone(), key)];
    if let (true, ExternalTls::On { server_ca, client }) = (server.managed, &server.tls) {
        secrets.push(SecretSpec::of_the_user(&SERVER_CA, namespace, server_ca.clone(), "ca.crt"));
        secrets.extend(client.iter().map(|name| {
            SecretSpec::of_the_user(&CLIENT_CERT, namespace, name.clone(), "tls.crt")
                .having("tls.key")
        }));
    }
    secrets
}
