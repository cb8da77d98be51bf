//! `sitewright status`: its document, its runs of kubectl, large fleets. The transcript has the texts.

#[cfg(test)]
mod project;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod watched;
