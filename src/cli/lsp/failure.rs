//! The errors of the protocol.

use serde_json::{Value, json};

pub(super) const PARSE_ERROR: i32 = -32700;
pub(super) const INVALID_REQUEST: i32 = -32600;
pub(super) const METHOD_NOT_FOUND: i32 = -32601;
pub(super) const INVALID_PARAMS: i32 = -32602;
pub(super) const INTERNAL_ERROR: i32 = -32603;
pub(super) const NOT_INITIALIZED: i32 = -32002;
pub(super) const CANCELLED: i32 = -32800;

/// Why there is no result.
#[derive(Debug)]
pub(super) struct Failure(pub(super) i32, pub(super) String);

impl Failure {
    /// The client has cancelled the request.
    pub(super) fn cancelled() -> Self {
        Self(CANCELLED, "the client cancelled the request".to_owned())
    }

    /// The answer to the request of an id.
    pub(super) fn answer(&self, id: &Value) -> Value {
        let Self(code, message) = self;
        json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
    }
}
