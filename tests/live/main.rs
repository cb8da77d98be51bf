//! Objects of dumps and of other people's folders, through the library: what is read, and what is refused and
//! how that is said. Properties of the reader are beside it, in `src/live/tests.rs`.

#[cfg(test)]
mod folders;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod support;
