//! Writes the status of SiteDatabase objects, and changes nothing else.
//!
//! The data flows one way: watches ([`observed`], [`kind`]) feed a pure index ([`index`]), which judges the
//! objects by [`rules`] and says which statuses differ from what the API server has.

pub mod index;
pub mod kind;
pub mod message;
pub mod observed;
pub mod rules;
