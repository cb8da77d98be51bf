//! What a release consists of: the scripts of `packaging/` make it here of the program that the tests have built.

#[cfg(test)]
mod archives;
#[cfg(test)]
mod container;
#[cfg(test)]
mod debian;
#[cfg(test)]
mod materials;
#[cfg(test)]
mod page;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod stage;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;
#[cfg(test)]
mod workflow;
