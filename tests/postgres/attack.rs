//! What a site does in its own database, and what it tries elsewhere. In every statement `{m}` is the
//! site's own database and role, `{o}` another's.

/// What a site keeps, for others to try.
const KEPT: [&str; 5] = [
    "CREATE TABLE kept (id INT PRIMARY KEY, secret TEXT)",
    "INSERT INTO kept VALUES (1, 'nobody else may know ü')",
    "CREATE VIEW kept_view AS SELECT * FROM kept",
    "CREATE FUNCTION kept_function() RETURNS BIGINT LANGUAGE sql AS 'SELECT count(*) FROM kept'",
    "SELECT lo_from_bytea(4711, 'nobody else may know')",
];

/// What Frappe, its migrations, backups and jobs do.
const WORK: [&str; 34] = [
    "CREATE TABLE work (name VARCHAR(140) PRIMARY KEY, n INT, creation TIMESTAMP(6))",
    "CREATE TABLE other (name VARCHAR(140) PRIMARY KEY, FOREIGN KEY (name) REFERENCES work (name))",
    "INSERT INTO work (name, n) VALUES ('a', 1), ('b', 2)",
    "INSERT INTO work (name, n) VALUES ('a', 1) ON CONFLICT DO NOTHING",
    "ALTER TABLE work ADD COLUMN c TEXT, ALTER COLUMN n TYPE BIGINT",
    "CREATE UNIQUE INDEX once ON work (n)",
    "CREATE INDEX IF NOT EXISTS by_c ON work (c)",
    "DROP INDEX once",
    "BEGIN",
    "SAVEPOINT one",
    "UPDATE work SET n = 3 WHERE name = 'a'",
    "SELECT * FROM work FOR UPDATE",
    "ROLLBACK TO SAVEPOINT one",
    "DELETE FROM work WHERE name = 'b'",
    "COMMIT",
    "CREATE TEMPORARY TABLE scratch AS SELECT * FROM work",
    "DROP TABLE scratch",
    "CREATE OR REPLACE VIEW seen AS SELECT name FROM work",
    "DROP VIEW seen",
    "CREATE SEQUENCE numbers",
    "SELECT nextval('numbers')",
    "SELECT setval('numbers', 9, false)",
    "DROP SEQUENCE numbers",
    "SELECT kept_function()",
    "SELECT pg_advisory_lock(1), pg_advisory_unlock(1)",
    "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'public'",
    "SELECT column_name FROM information_schema.columns WHERE table_name = 'work'",
    "ANALYZE work",
    "VACUUM work",
    "TRUNCATE TABLE work CASCADE",
    "DROP TABLE other",
    "DROP TABLE work",
    "CREATE SCHEMA again",
    "DROP SCHEMA again",
];

/// What a site may do to nobody, although it is logged in to its own database.
const FORBIDDEN: [&str; 31] = [
    "SET ROLE \"{o}\"",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION \"{o}\"",
    "GRANT \"{o}\" TO \"{m}\"",
    "GRANT pg_read_all_data TO \"{m}\"",
    "GRANT pg_read_server_files TO \"{m}\"",
    "ALTER ROLE \"{m}\" SUPERUSER",
    "ALTER ROLE \"{m}\" CREATEROLE",
    "ALTER ROLE \"{m}\" CONNECTION LIMIT -1",
    "ALTER ROLE \"{o}\" PASSWORD 'x'",
    "ALTER ROLE \"{o}\" SET search_path TO public",
    "DROP ROLE \"{o}\"",
    "CREATE ROLE intruder LOGIN",
    "CREATE DATABASE intruder",
    "CREATE DATABASE copy TEMPLATE \"{o}\"",
    "DROP DATABASE \"{o}\"",
    "ALTER DATABASE \"{o}\" OWNER TO \"{m}\"",
    "ALTER DATABASE \"{o}\" RENAME TO intruder",
    "ALTER DATABASE \"{o}\" SET search_path TO public",
    "COMMENT ON DATABASE \"{o}\" IS 'x'",
    "REASSIGN OWNED BY \"{o}\" TO \"{m}\"",
    "DROP OWNED BY \"{o}\"",
    "SELECT rolpassword FROM pg_authid",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    "COPY kept TO '/tmp/kept'",
    "COPY kept FROM PROGRAM 'id'",
    "ALTER SYSTEM SET work_mem TO '1GB'",
    "CREATE TABLESPACE intruder LOCATION '/tmp'",
    "CREATE EVENT TRIGGER intruder ON ddl_command_end EXECUTE FUNCTION kept_function()",
];

/// A grant without the right to make it is a warning, and grants nothing.
pub(crate) fn grant(own: &str, other: &str) -> Vec<String> {
    each(["GRANT ALL ON DATABASE \"{o}\" TO \"{m}\""], own, other)
}

/// What a site may not read, if it could reach another's database at all.
const FOREIGN: [&str; 9] = [
    "SELECT * FROM kept",
    "SELECT * FROM kept_view",
    "SELECT lo_get(4711)",
    "INSERT INTO kept VALUES (2, 'x')",
    "UPDATE kept SET secret = 'x'",
    "DELETE FROM kept",
    "TRUNCATE kept",
    "ALTER TABLE kept ADD COLUMN x INT",
    "DROP TABLE kept",
];

/// The databases of the server itself.
pub(crate) const OF_THE_SERVER: [&str; 3] = ["postgres", "template1", "app"];

fn each<const N: usize>(statements: [&str; N], own: &str, other: &str) -> Vec<String> {
    let one = |statement: &str| statement.replace("{m}", own).replace("{o}", other);
    statements.into_iter().map(one).collect()
}

pub(crate) fn kept() -> Vec<String> {
    each(KEPT, "", "")
}

pub(crate) fn work() -> Vec<String> {
    each(WORK, "", "")
}

pub(crate) fn forbidden(own: &str, other: &str) -> Vec<String> {
    each(FORBIDDEN, own, other)
}

pub(crate) fn foreign() -> Vec<String> {
    each(FOREIGN, "", "")
}

/// Whether the server denied a statement: no right, no such role, or not in such a transaction. Anything
/// else, such as a mistake in the statement, proves nothing.
pub(crate) fn is_denied(state: Option<&str>) -> bool {
    matches!(state, Some("42501"))
}
