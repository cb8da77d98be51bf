//! sitewright
pub mod diagnostic;
pub mod source;
