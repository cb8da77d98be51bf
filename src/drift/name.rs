//! The names of objects in reports and in `drift.yaml`.

use crate::risk::Key;

/// The name of an object, such as `Database/erp/acme-db`.
pub(super) fn of(key: &Key) -> String {
    match key.namespace.as_str() {
        "" => format!("{}/{}", key.kind, key.name),
        namespace => format!("{}/{namespace}/{}", key.kind, key.name),
    }
}
