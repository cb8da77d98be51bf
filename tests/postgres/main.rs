//! Tenants on a real PostgreSQL: what is rendered is done to it as CloudNativePG does it, and then each
//! site tries what it may do and what it may not.
//!
//! `rendered/` holds the objects of sites. `src/render/on_postgres.rs` keeps them current.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod attack;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod server;
#[cfg(test)]
mod tenants;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;
