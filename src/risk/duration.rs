//! Durations as Kubernetes writes them.

/// A duration of Go in nanoseconds: `1h` and `60m0s` are equal.
pub(crate) fn duration(text: &str) -> Option<i128> {
    let mut total = 0_i128;
    let mut rest = text;
    while !rest.is_empty() {
        let split = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i128 = rest[..split].parse().ok()?;
        rest = &rest[split..];
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "ns" => 1,
            "us" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[end..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        assert_eq!(duration("1h"), duration("60m0s"));
        assert_eq!(duration("1h0m0s"), duration("3600s"));
        assert_ne!(duration("10s"), duration("10m"));
        assert_eq!(duration("1ms"), duration("1000us"));
        assert_eq!(duration("1us1ns"), Some(1_001));
        assert_eq!(duration("1s"), duration("999ms1000us"));
        for broken in ["", "1", "h", "1x"] {
            assert_eq!(duration(broken), None, "{broken}");
        }
    }
}
