//! What a template writes as it is told: the fields by which operators and MariaDB find whose an object is.
//! The checks that no two definitions share an account, a database or a siteName know these from the
//! definitions; a template that states others would slip past them, into another tenant's data.

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

const DATABASE: &[Fixed] = fixed! {
    spec.name = database.name;
    spec.mariaDbRef.name = database.server.name;
    spec.mariaDbRef.namespace = database.server.namespace;
    spec.mariaDbRef.kind = database.server.kind;
};

const USER: &[Fixed] = fixed! {
    spec.name = database.name;
    spec.passwordSecretKeyRef.name = database.password.name;
    spec.passwordSecretKeyRef.key = database.password.key;
    spec.mariaDbRef.name = database.server.name;
    spec.mariaDbRef.namespace = database.server.namespace;
    spec.mariaDbRef.kind = database.server.kind;
};

// Without a database, a Grant is one of all: `*` is the default of its schema.
const GRANT: &[Fixed] = fixed! {
    spec.username = database.name;
    spec.database = database.pattern;
    spec.mariaDbRef.name = database.server.name;
    spec.mariaDbRef.namespace = database.server.namespace;
    spec.mariaDbRef.kind = database.server.kind;
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
};

const BACKUP: &[Fixed] = fixed! {
    spec.databases = backup.databases;
    spec.mariaDbRef.name = backup.server.name;
    spec.mariaDbRef.namespace = backup.server.namespace;
    spec.mariaDbRef.kind = backup.server.kind;
};

const PHYSICAL_BACKUP: &[Fixed] = fixed! {
    spec.mariaDbRef.name = backup.server.name;
    spec.mariaDbRef.namespace = backup.server.namespace;
};

const FRAPPE_SITE: &[Fixed] = fixed! {
    spec.siteName = site.siteName;
    spec.domain = site.domain;
    spec.benchRef.name = site.bench;
    spec.benchRef.namespace = site.namespace;
    spec.adminPasswordSecretRef.name = site.adminSecret;
    spec.dbConfig.provider = dbConfig.provider;
    spec.dbConfig.mode = dbConfig.mode;
    spec.dbConfig.mariadbRef.name = dbConfig.mariadbRef.name;
    spec.dbConfig.mariadbRef.namespace = dbConfig.mariadbRef.namespace;
    spec.dbConfig.connectionSecretRef.name = dbConfig.connectionSecret;
    spec.dbConfig.host = dbConfig.host;
    spec.dbConfig.port = dbConfig.port;
};

/// What a template writes as it is told.
pub fn fixed(template: &str) -> &'static [Fixed] {
    match template {
        "mariadb/database.yaml.j2" => DATABASE,
        "mariadb/user.yaml.j2" => USER,
        "mariadb/grant.yaml.j2" => GRANT,
        "mariadb/mariadb.yaml.j2" => MARIADB,
        "mariadb/externalmariadb.yaml.j2" => EXTERNAL_MARIADB,
        "mariadb/backup.yaml.j2" => BACKUP,
        "mariadb/physicalbackup.yaml.j2" => PHYSICAL_BACKUP,
        "frappe/frappesite.yaml.j2" => FRAPPE_SITE,
        _ => &[],
    }
}
