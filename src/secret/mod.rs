//! Passwords: which there are, what is recorded of each, and the Secrets that carry them.
//!
//! Ciphertext is an input, never an output: a value is made once, sealed once and recorded beside its
//! definition ([`record`]), and rendering copies the record. So nothing churns, and only who makes a new
//! password needs randomness, and nobody here a private key.
//!
//! [`settle()`] compares what is wanted with what is recorded, [`mint()`] makes what is missing,
//! [`manifests()`] says which objects carry it, [`store`] writes the records, [`plain`] the Secrets in
//! clear text that never leave the machine.

mod adopt;
mod as_written;
mod carried;
mod certificate;
mod clear_text;
mod manifests;
mod mint;
mod names;
mod need;
mod password;
mod passwords;
pub mod plain;
pub mod record;
pub mod record_file;
mod records;
mod seal;
mod settle;
pub mod store;
mod strays;

pub use adopt::{Adopted, Candidate, Change, adopt, candidates};

pub use certificate::{Certificate, Certificates};
pub use clear_text::in_clear_text;
pub use manifests::{carries, manifests};
pub use mint::{Known, Minted, mint};
pub use names::former_names;
pub use need::{Carried, Need, Settled, State, Unused};
pub use password::Password;
pub use passwords::{Missing, Passwords};
pub use record::{Held, Policy, Record};
pub use record_file::Store;
pub use records::Records;
pub use seal::seal;
pub use settle::{Settlement, settle};
