//! Reads texts and folders.

use sitewright::diagnostic::{self, Reported, Sources};
use sitewright::live::{self, Input, LiveObject, Options, Read};
use std::io::Cursor;
use std::path::Path;

/// A MariaDB, as `kubectl get -o yaml` prints one.
pub(crate) const SERVER: &str = "apiVersion: k8s.mariadb.com/v1alpha1
kind: MariaDB
metadata:
  name: a
  namespace: b
spec:
  replicas: 1
";

/// The input of this text.
pub(crate) fn text(name: &str, text: impl Into<Vec<u8>>) -> Input {
    Input::Stream { shown: name.to_owned(), from: Box::new(Cursor::new(text.into())) }
}

/// Reads everything but Pods.
pub(crate) fn read(inputs: Vec<Input>) -> Reported<Read<LiveObject>> {
    let options = Options { wanted: &|_, kind| kind != "Pod", managers: true, statuses: false };
    live::read(inputs, &options, &Some)
}

/// The objects of a text that has no problem.
pub(crate) fn objects(of: impl Into<Vec<u8>>) -> Vec<LiveObject> {
    let Reported { value, diagnostics } = read(vec![text("-", of)]);
    assert_eq!(diagnostics, []);
    value.objects
}

/// The problems of a text, as the report for people.
pub(crate) fn problems(of: impl Into<Vec<u8>>) -> String {
    report(vec![text("dump", of)])
}

/// The problems of inputs, as the report for people.
pub(crate) fn report(inputs: Vec<Input>) -> String {
    let found = read(inputs).diagnostics;
    diagnostic::text(&found, &Sources::default(), false)
}

/// The input of this path.
pub(crate) fn path(root: &Path, shown: &str) -> Input {
    Input::named(shown, root)
}
