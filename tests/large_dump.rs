//! A dump that does not fit into memory. No other test runs in the process, because memory is measured.

#[cfg(test)]
mod tests {
    use sitewright::live::{self, Input, Options};
    use std::io::{self, Read};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A dump of unrelated objects that is made while it is read.
    struct Endless {
        start: &'static [u8],
        item: Vec<u8>,
        end: Vec<u8>,
        /// How many items are still to come.
        items: usize,
        rest: Vec<u8>,
    }

    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.rest.is_empty() {
                self.rest = match self.items {
                    _ if !self.start.is_empty() => std::mem::take(&mut self.start).to_vec(),
                    0 => std::mem::take(&mut self.end),
                    _ => {
                        self.items -= 1;
                        self.item.clone()
                    }
                };
            }
            let length = into.len().min(self.rest.len());
            into[..length].copy_from_slice(&self.rest[..length]);
            self.rest.drain(..length);
            Ok(length)
        }
    }

    /// The most memory that this process has had so far, in KiB (Linux).
    fn peak() -> Option<usize> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    }

    fn counted(dump: Endless) -> (usize, usize) {
        let seen = AtomicUsize::new(0);
        let options =
            Options { wanted: &|_, kind| kind == "MariaDB", managers: false, statuses: false };
        let input = Input::Stream { shown: "-".into(), from: Box::new(dump) };
        let found = live::read(vec![input], &options, &|_| {
            seen.fetch_add(1, Ordering::Relaxed);
            None::<()>
        });
        assert_eq!(found.diagnostics, []);
        (seen.into_inner(), found.value.summary.left_alone.into_values().sum())
    }

    /// 96 MiB of each form. The batches in memory have a few MiB, whatever the size.
    #[test]
    fn unrelated_objects_take_no_memory() {
        const SIZE: usize = 64 << 10;
        const ITEMS: usize = (96 << 20) / SIZE;
        let filler = "x".repeat(SIZE);
        let before = peak();
        let json = Endless {
            start: b"{\"apiVersion\":\"v1\",\"items\":[",
            item: format!("{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"a\":\"{filler}\"}},").into(),
            end: br#"{"apiVersion":"k8s.mariadb.com/v1alpha1","kind":"MariaDB","metadata":{"name":"a"}}],"kind":"List"}"#.to_vec(),
            items: ITEMS,
            rest: Vec::new(),
        };
        assert_eq!(counted(json), (1, ITEMS));
        let server = "apiVersion: k8s.mariadb.com/v1alpha1\n  kind: MariaDB\n  metadata: {name: a}";
        let yaml = Endless {
            start: b"apiVersion: v1\nitems:\n",
            item: format!("- apiVersion: v1\n  kind: Pod\n  a: {filler}\n").into(),
            end: format!("- {server}\nkind: List\n").into(),
            items: ITEMS,
            rest: Vec::new(),
        };
        assert_eq!(counted(yaml), (1, ITEMS));
        if let (Some(before), Some(after)) = (before, peak()) {
            assert!(after - before < 64 << 10, "{} KiB", after - before);
        }
    }
}
