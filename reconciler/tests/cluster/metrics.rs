//! What `/metrics` says.

use std::collections::BTreeMap;

/// The samples of a scrape, by their names with labels.
#[derive(Debug)]
pub(crate) struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    /// Reads a scrape in Prometheus' text format.
    pub(crate) fn read(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let samples = lines.map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("{line}: no number")))
        });
        Self(samples.collect())
    }

    /// The sum over the series of a name that have this text among their labels.
    pub(crate) fn sum(&self, name: &str, label: &str) -> f64 {
        let own = self.0.iter().filter(|(series, _)| {
            let (found, labels) = series.split_once('{').unwrap_or((series, ""));
            found == name && labels.contains(label)
        });
        let values: Vec<f64> = own.map(|(_, value)| *value).collect();
        values.iter().sum()
    }

    /// Whether there is a series of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.keys().any(|series| series.split('{').next() == Some(name))
    }
}
