//! The settings of a server from its option file.

use super::value::{boolean, int, string};
use crate::source::node::{Entry, Node, Value};

/// The settings of the section `[mariadb]` as a definition states them: words with `_`, switches as booleans. The
/// other sections have no field in the language. The proof shows what a render writes in another way.
pub(crate) fn settings(file: &str) -> Node {
    let mut section = "";
    let mut entries: Vec<Entry> = Vec::new();
    for line in file.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
            continue;
        }
        if section != "mariadb" || line.is_empty() || line.starts_with(['#', ';', '!']) {
            continue;
        }
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name.trim(), setting(value.trim())),
            None => (line, boolean(true)),
        };
        let name = name.replace('-', "_");
        // The server obeys the last line of a setting.
        entries.retain(|entry| *entry.key != *name);
        entries.push(Entry::new(&name, value));
    }
    Node::from(Value::Map(entries))
}

fn setting(text: &str) -> Node {
    match text {
        "ON" => boolean(true),
        "OFF" => boolean(false),
        // Other forms of a number, such as `007`, would not come back as they were.
        _ => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => int(number),
            _ => string(text),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::value::at;

    #[test]
    fn settings_are_those_of_the_server_in_the_words_of_definitions() {
        let file = "[mariadb]\n# text\nbind-address=*\nmax_allowed_packet = 256M\nevent_scheduler=OFF\n\
                    slow_query_log=ON\nskip_name_resolve\nlong_query_time=2\nlong_query_time=3\nfoo=007\n\n\
                    [client]\ndefault_character_set=utf8mb4\n";
        let settings = settings(file);
        let keys: Vec<&str> = settings.entries().iter().map(|entry| &*entry.key).collect();
        let expected = [
            "bind_address",
            "max_allowed_packet",
            "event_scheduler",
            "slow_query_log",
            "skip_name_resolve",
            "long_query_time",
            "foo",
        ];
        assert_eq!(keys, expected);
        let value = |key: &str| at(&settings, &[key]).unwrap().clone();
        assert_eq!(value("bind_address"), string("*"));
        assert_eq!(value("event_scheduler"), boolean(false));
        assert_eq!(value("skip_name_resolve"), boolean(true));
        assert_eq!(value("long_query_time"), int(3));
        assert_eq!(value("foo"), string("007"));
    }
}
