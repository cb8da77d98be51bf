//! What a template writes as it is told: the fields by which operators and MariaDB find whose an object is.
//! The checks that no two definitions share an account, a database or a siteName know these from the
//! definitions; a template that states others would slip past them, into another tenant's data. The same goes
//! for the encryption of passwords on their way to a server.

/// A field, and the variable that a template writes there; the field is not there where nothing is told.
#[derive(Debug)]
pub struct Fixed {
    /// The field's path in the object.
    pub field: &'static [&'static str],
    /// The variable's path in what templates see.
    pub value: &'static [&'static str],
}

macro_rules! fixed {
    ($($($field:ident).+ = $($value:ident).+;)*) => {
        &[$(Fixed { field: &[$(stringify!($field)),+], value: &[$(stringify!($value)),+] }),*]
    };
}

const SERVER_OF_DATABASE: &[Fixed] = fixed! {
    spec.mariaDbRef.name = database.server.name;
    spec.mariaDbRef.namespace = database.server.namespace;
    spec.mariaDbRef.kind = database.server.kind;
};

const SERVER_OF_BACKUP: &[Fixed] = fixed! {
    spec.mariaDbRef.name = backup.server.name;
    spec.mariaDbRef.namespace = backup.server.namespace;
    spec.mariaDbRef.kind = backup.server.kind;
};

const DATABASE: &[Fixed] = fixed! {
    spec.name = database.name;
};

const USER: &[Fixed] = fixed! {
    spec.name = database.name;
    spec.passwordSecretKeyRef.name = database.password.name;
    spec.passwordSecretKeyRef.key = database.password.key;
};

// Without a database, a Grant is one of all: `*` is the default of its schema.
const GRANT: &[Fixed] = fixed! {
    spec.username = database.name;
    spec.database = database.pattern;
};

const MARIADB: &[Fixed] = fixed! {
    spec.rootPasswordSecretKeyRef.name = instance.rootPassword.name;
    spec.rootPasswordSecretKeyRef.key = instance.rootPassword.key;
    spec.myCnf = instance.myCnf;
};

const EXTERNAL_MARIADB: &[Fixed] = fixed! {
    spec.host = external.host;
    spec.username = external.username;
    spec.passwordSecretKeyRef.name = external.password.name;
    spec.passwordSecretKeyRef.key = external.password.key;
    spec.tls.enabled = external.tls.enabled;
    spec.tls.mutual = external.tls.mutual;
    spec.tls.serverCASecretRef.name = external.tls.serverCa;
    spec.tls.clientCertSecretRef.name = external.tls.clientCert;
};

const BACKUP: &[Fixed] = fixed! {
    spec.databases = backup.databases;
};

const FRAPPE_SITE: &[Fixed] = fixed! {
    spec.siteName = site.siteName;
    spec.domain = site.domain;
    spec.benchRef.name = site.bench;
    spec.benchRef.namespace = site.namespace;
    spec.adminPasswordSecretRef.name = site.adminSecret;
    spec.adminPasswordSecretRef.namespace = site.namespace;
    spec.dbConfig.provider = dbConfig.provider;
    spec.dbConfig.mode = dbConfig.mode;
    spec.dbConfig.mariadbRef.name = dbConfig.mariadbRef.name;
    spec.dbConfig.mariadbRef.namespace = dbConfig.mariadbRef.namespace;
    spec.dbConfig.connectionSecretRef.name = dbConfig.connectionSecretRef.name;
    spec.dbConfig.connectionSecretRef.namespace = dbConfig.connectionSecretRef.namespace;
    spec.dbConfig.host = dbConfig.host;
    spec.dbConfig.port = dbConfig.port;
};

/// What a template writes as it is told.
pub fn fixed(template: &str) -> impl Iterator<Item = &'static Fixed> {
    let (server, own) = match template {
        "mariadb/database.yaml.j2" => (SERVER_OF_DATABASE, DATABASE),
        "mariadb/user.yaml.j2" => (SERVER_OF_DATABASE, USER),
        "mariadb/grant.yaml.j2" => (SERVER_OF_DATABASE, GRANT),
        "mariadb/backup.yaml.j2" => (SERVER_OF_BACKUP, BACKUP),
        "mariadb/physicalbackup.yaml.j2" => (SERVER_OF_BACKUP, &[][..]),
        "mariadb/mariadb.yaml.j2" => (&[][..], MARIADB),
        "mariadb/externalmariadb.yaml.j2" => (&[][..], EXTERNAL_MARIADB),
        "frappe/frappesite.yaml.j2" => (&[][..], FRAPPE_SITE),
        _ => (&[][..], &[][..]),
    };
    server.iter().chain(own)
}
