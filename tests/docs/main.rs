//! Documents are current, their links lead somewhere, and their examples work.

#[cfg(test)]
mod generated;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod texts;
