//! A server outside the cluster: the ExternalMariaDB, with which mariadb-operator creates databases
//! on it.

use crate::object::{KeyReference, SecretSpec};
use crate::resolve::{Common, ExternalServer, ExternalTls};
use serde::Serialize;

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
                key: server.password_key.clone(),
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

/// The Secrets with which mariadb-operator logs in.
pub(super) fn secrets(namespace: &str, server: &ExternalServer) -> Vec<SecretSpec> {
    let (name, key) = (&server.password_secret, &server.password_key);
    let of = "the account that makes databases";
    let mut secrets = vec![SecretSpec::of_the_user(namespace, name, key, of)];
    if let (true, ExternalTls::On { server_ca, client }) = (server.managed, &server.tls) {
        let of = "the server's authority";
        secrets.push(SecretSpec::certificate(namespace, server_ca, "ca.crt", of));
        secrets.extend(client.iter().map(|name| {
            SecretSpec::certificate(namespace, name, "tls.crt", "mariadb-operator")
                .having("tls.key")
        }));
    }
    secrets
}
