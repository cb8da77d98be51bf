//! Passwords: the list of them, their records, and the Secrets that carry them.
//!
//! Ciphertext is an input of rendering and never computed by it. A value is created once, sealed
//! once and recorded beside its definition ([`record`]). Rendering copies the record. So repeated
//! renders give the same bytes, only a new password needs randomness, and sitewright never needs a
//! private key.
//!
//! [`settle()`] compares the needed passwords with the records. [`mint()`] creates missing
//! passwords. [`manifests()`] lists the objects that carry them. [`store`] writes the records. The
//! folder `backend` has one file for each mode of `secrets.mode`: it says where values of that mode
//! are, what their records say, and which objects carry them.

mod adopt;
mod backend;
mod canonical_reader;
mod carried;
mod carrier;
mod certificate;
mod clear_text;
mod manifests;
mod mint;
mod names;
mod need;
mod offer;
mod pairs;
mod password;
mod passwords;
mod plain_folder;
mod recipient;
pub mod record;
pub mod record_file;
mod records;
mod risks;
mod seal;
mod settle;
pub mod store;
mod strays;
mod take_over;

pub use adopt::{Candidate, adopt, candidate, candidates};
pub use backend::{Listed, Settings, listed, local_folders, settings};
pub(crate) use backend::{
    carrier_kinds, carrier_types, forget_local, local_files, locals, must_be_given, remove_local,
    share_local,
};
pub use certificate::{Certificate, Certificates};
pub use clear_text::in_clear_text;
pub(crate) use manifests::reported_by;
pub use manifests::{carries, manifests};
pub use mint::{KnownPassword, Minted, mint};
pub use names::former_names;
pub use need::{Carried, Need, Settled, State, Unused};
pub use offer::{Adopted, Change};
pub use pairs::partners;
pub use password::Password;
pub use passwords::{Missing, Passwords};
pub use recipient::{RECIPIENTS, recipients};
pub use record::{Policy, Record, SealedValue};
pub use record_file::RecordFile;
pub use records::Records;
pub(crate) use risks::RISKS;
pub use seal::seal;
pub use settle::{Settlement, needs, settle};
pub use take_over::{InUse, taking_over};
