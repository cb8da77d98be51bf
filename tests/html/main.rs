//! The HTML reports: their bytes, and what a browser makes of them.

#[cfg(test)]
mod chromium;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod large;
#[cfg(test)]
mod pages;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;
