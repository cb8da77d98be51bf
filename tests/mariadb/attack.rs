//! What a site does in its own database, and what it tries elsewhere. In every statement `{m}` is the
//! site's own database and account, `{o}` another's.

use crate::server::{Server, is_there};

/// What a site keeps, for others to try; root makes the same for somebody else.
const KEPT: [&str; 8] = [
    "CREATE TABLE `{m}`.plain (id INT)",
    "CREATE TABLE `{m}`.kept (id INT PRIMARY KEY, secret TEXT)",
    "INSERT INTO `{m}`.kept VALUES (1, 'nobody else may know ü')",
    "CREATE VIEW `{m}`.kept_view AS SELECT * FROM `{m}`.kept",
    "CREATE PROCEDURE `{m}`.kept_procedure() SELECT * FROM `{m}`.kept",
    "CREATE PROCEDURE `{m}`.kept_insert() INSERT INTO `{m}`.plain VALUES (1)",
    "CREATE EVENT `{m}`.kept_event ON SCHEDULE EVERY 1 DAY DO SELECT 1",
    "CREATE SEQUENCE `{m}`.kept_sequence",
];

/// The same of what MariaDB guards where it writes a binary log.
const GUARDED: [&str; 2] = [
    "CREATE FUNCTION `{m}`.kept_function() RETURNS INT DETERMINISTIC RETURN 1",
    "CREATE TRIGGER `{m}`.kept_trigger BEFORE INSERT ON `{m}`.kept FOR EACH ROW SET @kept = 1",
];

/// What is done with them.
const CALLS: [&str; 7] = [
    "USE `{m}`",
    "SELECT kept_function()",
    "INSERT INTO kept VALUES (2, 'x')",
    "SHOW CREATE TRIGGER kept_trigger",
    "ALTER FUNCTION kept_function COMMENT 'work'",
    "DROP TRIGGER kept_trigger",
    "DROP FUNCTION kept_function",
];

/// What Frappe and its migrations, backups and jobs do, beyond that.
const WORK: [&str; 44] = [
    "USE `{m}`",
    "CREATE TABLE work (name VARCHAR(140) PRIMARY KEY, n INT, KEY (n)) ENGINE=InnoDB",
    "CREATE TABLE other (name VARCHAR(140) PRIMARY KEY, FOREIGN KEY (name) REFERENCES work (name))",
    "INSERT INTO work VALUES ('a', 1), ('b', 2)",
    "ALTER TABLE work ADD COLUMN c TEXT, ADD INDEX by_n (n), MODIFY n BIGINT",
    "CREATE UNIQUE INDEX once ON work (n)",
    "DROP INDEX once ON work",
    "START TRANSACTION",
    "UPDATE work SET n = 3 WHERE name = 'a'",
    "SELECT * FROM work FOR UPDATE",
    "DELETE FROM work WHERE name = 'b'",
    "COMMIT",
    "CREATE TEMPORARY TABLE scratch AS SELECT * FROM work",
    "DROP TEMPORARY TABLE scratch",
    "CREATE OR REPLACE VIEW seen AS SELECT name FROM work",
    "SHOW CREATE VIEW seen",
    "CREATE OR REPLACE VIEW seen AS SELECT n FROM work",
    "DROP VIEW seen",
    "CALL kept_procedure()",
    "CALL kept_insert()",
    "SELECT NEXT VALUE FOR kept_sequence",
    "ALTER PROCEDURE kept_procedure COMMENT 'work'",
    "SHOW CREATE PROCEDURE kept_procedure",
    "ALTER EVENT kept_event DISABLE",
    "LOCK TABLES work READ, kept WRITE",
    "UNLOCK TABLES",
    "ANALYZE TABLE work",
    "OPTIMIZE TABLE work",
    "RENAME TABLE other TO renamed",
    "DROP TABLE renamed",
    "TRUNCATE TABLE work",
    "DROP TABLE work",
    "SHOW GRANTS",
    // Everything goes, as before a restore, and begins again.
    "DROP EVENT kept_event",
    "DROP PROCEDURE kept_procedure",
    "DROP VIEW kept_view",
    "DROP SEQUENCE kept_sequence",
    "DROP DATABASE `{m}`",
    "CREATE DATABASE `{m}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
    "USE `{m}`",
    "CREATE TABLE again (id INT)",
    "INSERT INTO again VALUES (1)",
    "SELECT * FROM again",
    "DROP TABLE again",
];

/// What a site may do nowhere but at home; what destroys comes last.
const FOREIGN: [&str; 58] = [
    "USE `{o}`",
    "SHOW TABLES FROM `{o}`",
    "SHOW CREATE DATABASE `{o}`",
    "SHOW EVENTS FROM `{o}`",
    "SHOW TRIGGERS FROM `{o}`",
    "SHOW TABLE STATUS FROM `{o}`",
    "SHOW CREATE TABLE `{o}`.kept",
    "SHOW COLUMNS FROM `{o}`.kept",
    "SHOW INDEX FROM `{o}`.kept",
    "SELECT * FROM `{o}`.kept",
    "SELECT * FROM `{o}`.kept_view",
    "SELECT `{o}`.kept_function()",
    "SELECT NEXT VALUE FOR `{o}`.kept_sequence",
    "CALL `{o}`.kept_procedure()",
    "HANDLER `{o}`.kept OPEN",
    "LOCK TABLES `{o}`.kept READ",
    "CHECKSUM TABLE `{o}`.kept",
    "ANALYZE TABLE `{o}`.kept",
    "OPTIMIZE TABLE `{o}`.kept",
    "CREATE TABLE `{m}`.x LIKE `{o}`.kept",
    "CREATE TABLE `{m}`.x AS SELECT * FROM `{o}`.kept",
    "CREATE TABLE `{m}`.x (id INT, FOREIGN KEY (id) REFERENCES `{o}`.kept (id))",
    "CREATE VIEW `{m}`.x AS SELECT * FROM `{o}`.kept",
    "CREATE TRIGGER `{o}`.y AFTER INSERT ON `{o}`.kept FOR EACH ROW SET @x = 1",
    "INSERT INTO `{m}`.plain SELECT id FROM `{o}`.kept",
    "INSERT INTO `{o}`.kept VALUES (7, 'x')",
    "UPDATE `{o}`.kept SET secret = 'x'",
    "DELETE FROM `{o}`.kept",
    "UPDATE `{m}`.kept, `{o}`.kept AS theirs SET theirs.secret = 'x'",
    "CREATE TABLE `{o}`.x (id INT)",
    "CREATE TEMPORARY TABLE `{o}`.x (id INT)",
    "CREATE VIEW `{o}`.x AS SELECT 1",
    "CREATE PROCEDURE `{o}`.x() SELECT 1",
    "CREATE TRIGGER `{o}`.x BEFORE INSERT ON `{o}`.kept FOR EACH ROW SET @x = 1",
    "CREATE EVENT `{o}`.x ON SCHEDULE EVERY 1 DAY DO SELECT 1",
    "CREATE INDEX x ON `{o}`.kept (id)",
    "ALTER TABLE `{o}`.kept ADD x INT",
    "RENAME TABLE `{m}`.plain TO `{o}`.x",
    "RENAME TABLE `{o}`.plain TO `{m}`.x",
    "CREATE DATABASE `{o}`",
    "ALTER DATABASE `{o}` CHARACTER SET latin1",
    "GRANT SELECT ON `{m}`.* TO '{o}'@'%'",
    "GRANT SELECT ON `{o}`.* TO '{m}'@'%'",
    "GRANT USAGE ON *.* TO '{o}'@'%' IDENTIFIED BY 'x'",
    "SET PASSWORD FOR '{o}'@'%' = PASSWORD('x')",
    "ALTER USER '{o}'@'%' IDENTIFIED BY 'x'",
    "SHOW GRANTS FOR '{o}'@'%'",
    "SHOW CREATE USER '{o}'@'%'",
    "CREATE DEFINER='{o}'@'%' PROCEDURE `{m}`.x() SELECT 1",
    "CREATE DEFINER='{o}'@'%' VIEW `{m}`.x AS SELECT 1",
    "CREATE DEFINER='{o}'@'%' EVENT `{m}`.x ON SCHEDULE EVERY 1 DAY DO SELECT 1",
    "DROP EVENT `{o}`.kept_event",
    "DROP TRIGGER `{o}`.kept_trigger",
    "DROP PROCEDURE `{o}`.kept_procedure",
    "TRUNCATE TABLE `{o}`.kept",
    "DROP TABLE `{o}`.kept",
    "DROP DATABASE `{o}`",
    "DROP USER '{o}'@'%'",
];

/// What concerns the whole server, and what is never a site's; `{e}` is the pattern of its grant.
const SERVER: [&str; 35] = [
    "USE mysql",
    "CREATE TABLE mysql.x (id INT)",
    "DROP DATABASE mysql",
    "CREATE DATABASE x",
    // The pattern is no name.
    "CREATE DATABASE `{e}`",
    "USE `{e}`",
    "CREATE USER x",
    "CREATE ROLE x",
    "GRANT ALL ON *.* TO '{m}'@'%'",
    "GRANT SELECT ON *.* TO CURRENT_USER",
    "GRANT SELECT ON `{m}`.* TO root@localhost",
    // Whoever may grant is denied by the name all the same, and let through by the pattern.
    "GRANT SELECT ON `{e}`.* TO root@localhost",
    "GRANT SELECT ON `{m}`.* TO '{m}'@'%' WITH GRANT OPTION",
    "ALTER USER '{m}'@'%' WITH MAX_USER_CONNECTIONS 0",
    "DROP USER root@localhost",
    "SHOW GRANTS FOR root@localhost",
    "SET PASSWORD FOR root@localhost = PASSWORD('x')",
    "SET GLOBAL max_user_connections = 0",
    "SET SESSION binlog_format = STATEMENT",
    "SET SESSION sql_log_bin = 0",
    "SHUTDOWN",
    "FLUSH PRIVILEGES",
    "FLUSH USER_RESOURCES",
    "FLUSH TABLES WITH READ LOCK",
    "BACKUP STAGE START",
    "SHOW BINARY LOGS",
    "SHOW BINLOG EVENTS",
    "SHOW ENGINE INNODB STATUS",
    "SHOW SLAVE STATUS",
    "INSTALL SONAME 'x'",
    "CREATE FUNCTION stolen RETURNS STRING SONAME 'x.so'",
    "CREATE SERVER x FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1')",
    "SELECT 1 INTO OUTFILE '/tmp/of_nobody'",
    "SELECT LOAD_FILE('/etc/passwd') INTO OUTFILE '/tmp/of_nobody'",
    "LOAD DATA INFILE '/etc/hostname' INTO TABLE `{m}`.kept",
];

/// Codes that say: you may not. Of a database, an account, a table, a column, a privilege, a routine.
const DENIED: [u32; 6] = [1044, 1045, 1142, 1143, 1227, 1370];

/// Making and dropping functions and triggers without being an administrator, on a server that logs.
pub(crate) const GUARD: u32 = 1419;

/// Whether a statement was refused for want of a privilege. Any other error, that a table is missing
/// too, comes from behind that door.
pub(crate) fn denied(statement: &str, error: Option<u32>) -> bool {
    error.is_some_and(|error| {
        DENIED.contains(&error) || error == GUARD && statement.contains("TRIGGER")
    })
}

fn filled(statements: &[&str], mine: &str, other: &str) -> Vec<String> {
    let fill = |statement: &&str| statement.replace("{m}", mine).replace("{o}", other);
    statements.iter().map(fill).collect()
}

/// Making what a site keeps, but for what is guarded.
pub(crate) fn keep(mine: &str) -> Vec<String> {
    filled(&KEPT, mine, "")
}

/// Making as little of it as will do: of a sequence and a trigger, the server says to everybody when
/// there is none.
pub(crate) fn keep_little(mine: &str) -> Vec<String> {
    filled(&[KEPT[1], KEPT[7], GUARDED[1]], mine, "")
}

/// Making the rest of it.
pub(crate) fn guarded(mine: &str) -> Vec<String> {
    filled(&GUARDED, mine, "")
}

/// All that is done with that, which leaves it there.
pub(crate) fn guarded_work(mine: &str) -> Vec<String> {
    [guarded(mine), filled(&CALLS, mine, ""), guarded(mine)].concat()
}

/// Making all of it.
pub(crate) fn keep_all(mine: &str) -> Vec<String> {
    [keep(mine), guarded(mine)].concat()
}

/// All of a site's work, which leaves what it keeps, but for what is guarded.
pub(crate) fn work(mine: &str) -> Vec<String> {
    [keep(mine), filled(&WORK, mine, ""), keep(mine)].concat()
}

/// What a site may not do to another.
pub(crate) fn foreign(mine: &str, other: &str) -> Vec<String> {
    filled(&FOREIGN, mine, other)
}

/// What a site may not do to its server, whose own tables are these.
pub(crate) fn on_server(mine: &str, pattern: &str, system: &[String]) -> Vec<String> {
    let server = filled(&SERVER, mine, "").into_iter();
    let server = server.map(|statement| statement.replace("{e}", pattern));
    let tables = system.iter().flat_map(|table| {
        [format!("SELECT * FROM mysql.`{table}`"), format!("DELETE FROM mysql.`{table}`")]
    });
    server.chain(tables).collect()
}

/// Each statement on others is one that somebody who may gets through with: it is denied to a site for
/// no other reason.
#[test]
fn whoever_may_is_denied_nothing() {
    if !is_there() {
        return;
    }
    let server = Server::start("");
    for statement in foreign("m", "o") {
        let fresh = ["m", "o"].map(|name| {
            let first = [
                format!("CREATE OR REPLACE DATABASE `{name}`"),
                format!("CREATE OR REPLACE USER '{name}'@'%'"),
            ];
            [first.to_vec(), keep_all(name)].concat()
        });
        server.root(&fresh.concat());
        let error = server.run("root", "", std::slice::from_ref(&statement)).error(1);
        // That a database is there, which a site is not even told.
        let there = statement.starts_with("CREATE DATABASE") && error == Some(1007);
        assert!(error.is_none() || there, "{statement}: {error:?}");
    }
}
