//! The output folder as its users meet it, on a real file system.

#[cfg(test)]
mod behaviour;
#[cfg(test)]
mod faults;
#[cfg(test)]
#[path = "../program/mod.rs"]
mod program;
#[cfg(test)]
mod property;
#[cfg(test)]
mod support;
