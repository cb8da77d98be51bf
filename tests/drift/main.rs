//! `sitewright drift`, with the real binary and the real Git. The clusters are made from the manifests:
//! `tests/cluster_drift/` has those that a real API server returns.

#[cfg(test)]
mod accepted;
#[cfg(test)]
mod adopted;
#[cfg(test)]
mod causes;
#[cfg(test)]
mod every_field;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod kubectl;
#[cfg(test)]
mod project;
#[cfg(test)]
mod readings;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod support;
