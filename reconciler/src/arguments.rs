//! The command line.

use crate::run::Options;
use clap::{Parser, ValueEnum};
use jiff::SignedDuration;
use std::net::SocketAddr;
use std::time::Duration;

/// Writes the status of SiteDatabase objects, and changes nothing else.
///
/// It finds the cluster as kubectl does, or by its ServiceAccount inside of one.
#[derive(Clone, Debug, Parser)]
#[command(name = "sitewright-reconciler", version)]
pub struct Arguments {
    /// The address of /healthz, /readyz and /metrics
    #[arg(long, default_value = "0.0.0.0:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// The namespaces whose SiteDatabases are watched, separated by commas. Default: all
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub namespaces: Vec<String>,
    /// A label selector for SiteDatabases, to share them between reconcilers
    #[arg(long, value_name = "SELECTOR")]
    pub selector: Option<String>,
    /// How long a failure that its operator tries to get over does not count
    #[arg(long, default_value = "5m", value_parser = duration, value_name = "DURATION")]
    pub grace: Duration,
    /// How often every site is looked at again
    #[arg(long, default_value = "10m", value_parser = duration, value_name = "DURATION")]
    pub resync: Duration,
    /// Adds a metric for each site
    #[arg(long)]
    pub metrics_per_site: bool,
    /// The form of the log
    #[arg(long, default_value = "json", value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// What is logged: error, warn, info, debug or trace, also for single modules, such as `info,kube=debug`
    #[arg(long, default_value = "info", value_name = "LEVEL")]
    pub log_level: String,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum LogFormat {
    /// One object a line
    Json,
    /// For people
    Text,
}

impl Arguments {
    /// What they mean for a reconciler.
    pub fn options(&self) -> Options {
        let mut namespaces = self.namespaces.clone();
        namespaces.retain(|it| !it.is_empty());
        namespaces.sort();
        namespaces.dedup();
        Options {
            namespaces,
            selector: self.selector.clone().filter(|it| !it.is_empty()),
            grace: self.grace,
            resync: self.resync,
            metrics_per_site: self.metrics_per_site,
        }
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration: SignedDuration =
        text.parse().map_err(|_| "expected a duration, such as 90s or 5m".to_owned())?;
    Duration::try_from(duration).map_err(|_| "a duration cannot be negative".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line() {
        Arguments::command().debug_assert();
        let arguments = Arguments::try_parse_from([
            "x",
            "--namespaces",
            "erp,web,erp,",
            "--grace",
            "90s",
            "--selector",
            "",
            "--listen",
            "127.0.0.1:0",
        ]);
        let options = arguments.unwrap().options();
        assert_eq!(options.namespaces, ["erp", "web"]);
        assert_eq!(options.selector, None);
        assert_eq!(
            (options.grace, options.resync),
            (Duration::from_secs(90), Duration::from_secs(600))
        );
        assert!(Arguments::try_parse_from(["x", "--grace", "-5m"]).is_err());
        assert!(Arguments::try_parse_from(["x", "--grace", "soon"]).is_err());
    }
}
