//! `/healthz`, `/readyz` and `/metrics`.

use crate::index::Seconds;
use crate::metrics::Metrics;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// A loop that has not turned for so long is stuck.
const STUCK: Seconds = 60;

/// What the answers are made of. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    pub(crate) metrics: Metrics,
    /// Whether all watches have listed once.
    pub(crate) is_ready: Arc<AtomicBool>,
    /// When the loop last turned.
    pub(crate) turned: Arc<AtomicI64>,
}

pub(crate) fn router(health: Health) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(health)
}

async fn healthz(State(health): State<Health>) -> (StatusCode, &'static str) {
    match crate::clock::now() - health.turned.load(Ordering::Relaxed) < STUCK {
        true => (StatusCode::OK, "ok\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "the loop is stuck\n"),
    }
}

async fn readyz(State(health): State<Health>) -> (StatusCode, &'static str) {
    match health.is_ready.load(Ordering::Relaxed) {
        true => (StatusCode::OK, "ok\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not every watch has listed yet\n"),
    }
}

async fn metrics(State(health): State<Health>) -> impl IntoResponse {
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match health.metrics.text() {
        Ok(text) => (StatusCode::OK, [(header::CONTENT_TYPE, content_type)], text),
        Err(_) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            [(header::CONTENT_TYPE, "text/plain")],
            "the metrics have no text\n".to_owned(),
        ),
    }
}
