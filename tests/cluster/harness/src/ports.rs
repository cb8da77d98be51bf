//! Free ports on loopback.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the ports that Linux gives to outgoing connections by default, 32768 and up: between the
/// look and the use no connection takes one.
const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;

/// A port that nobody listens on now. No two calls of one process return the same one.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test programs that run side by side start at different places.
    let offset = u16::try_from(std::process::id() % 120).unwrap_or(0) * 100;
    for _ in FIRST..LAST {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + (offset.wrapping_add(step)) % (LAST - FIRST);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port from {FIRST} to {LAST} is free");
}
