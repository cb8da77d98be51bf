//! SQLite, which no site can use. Frappe has it from version 16 on, as an experiment.

use super::Unsupported;
use crate::language;

/// The reasons. The script of frappe-operator 2.3 that makes a site on SQLite also installs erpnext
/// (`ensureSiteInitialized` in `controllers/frappesite_controller.go` of v2.3.0), and ERPNext does
/// not run on SQLite (frappe/erpnext#56443, open in June 2026).
pub(super) const UNSUPPORTED: Unsupported = Unsupported {
    system: language::Provider::Sqlite,
    on_site: |frappe| frappe.no_sqlite,
    on_server: "SQLite has no server: the database of a site is a file on the volume of its bench",
};
