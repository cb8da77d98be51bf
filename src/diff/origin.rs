//! Where the new value of a changed field is stated: the line of the definition, of a plan or of defaults.

use crate::diagnostic::Span;
use crate::object::candidates;
use crate::plan::stated_fields;
use crate::resolve::{Fleet, Unit};
use crate::risk::{FieldChange, Finding, ObjectChange};
use std::collections::HashMap;

/// The values of all definitions after a change.
#[derive(Debug)]
pub struct Origins<'f, 'p> {
    units: HashMap<String, Unit<'f, 'p>>,
}

impl<'f, 'p> Origins<'f, 'p> {
    /// The values of a fleet.
    pub fn new(fleet: &'f Fleet<'p>) -> Self {
        let path = |unit: &Unit| unit.common().origin.definition.path();
        Self { units: fleet.units().map(|unit| (path(&unit), unit)).collect() }
    }

    /// Where the value is stated that a finding is about. For a finding about a changed object as a whole, it is that of
    /// the first field of which the place is known. `None` if no file states the value, or if the language has no field
    /// that decides the object's field.
    pub fn of(&self, change: &ObjectChange, finding: &Finding) -> Option<Span> {
        let unit = self.units.get(change.definition())?;
        let is_meant = |field: &&FieldChange| {
            finding.field.as_ref().is_none_or(|meant| *meant == field.field())
        };
        let mut fields = change.fields.iter().filter(is_meant);
        fields.find_map(|field| stated(unit, change, &field.path))
    }
}

fn stated(unit: &Unit, change: &ObjectChange, path: &[String]) -> Option<Span> {
    let origin = &unit.common().origin;
    let found = candidates(stated_fields(), &change.key.kind, path, origin.definition.kind);
    found.iter().find_map(|candidate| {
        let keys: Vec<&str> = candidate.field.iter().map(String::as_str).collect();
        origin.layers.stated(&keys)
    })
}
