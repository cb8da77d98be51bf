//! `sitewright diff`, with the real binary and the real Git.

#[cfg(test)]
mod assembly;
#[cfg(test)]
mod files;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod moves;
#[cfg(test)]
mod property;
#[cfg(test)]
mod removals;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod support;
