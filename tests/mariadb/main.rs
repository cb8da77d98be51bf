//! Tenants on a real MariaDB: what is rendered is done to it as mariadb-operator does it, and then each
//! site tries what it may do and what it may not.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod attack;
#[cfg(test)]
mod binary_log;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
#[path = "../secrets/opening.rs"]
mod opening;
#[cfg(test)]
mod operator;
#[cfg(test)]
#[path = "../samples/mod.rs"]
mod samples;
#[cfg(test)]
mod server;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod tenants;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;
#[cfg(test)]
mod traces;
