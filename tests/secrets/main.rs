//! Passwords, with the real binary: made, recorded, kept, rotated, adopted, rendered and opened. The
//! keys in `tests/keys/` are public and worthless.

#[cfg(test)]
mod ages;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod encrypted;
#[cfg(test)]
mod given;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod lost;
#[cfg(test)]
mod merge;
#[cfg(test)]
mod modes;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod pairs;
#[cfg(test)]
mod project;
#[cfg(test)]
mod records;
#[cfg(test)]
mod renamed;
