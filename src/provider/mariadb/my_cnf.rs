//! The option file of a server.

use crate::language::{SettingName, SettingText};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Settings of a my.cnf section.
pub(super) type MyCnf = BTreeMap<SettingName, SettingText>;

/// The option file: the settings of the server, sorted by name, and the character set of clients
/// that run in the same pod.
pub(super) fn option_file(settings: &MyCnf) -> String {
    let mut file = String::from("[mariadb]\n");
    for (name, value) in settings {
        // Writing to a String cannot fail.
        let _ = match value {
            // A `skip` option has no value: it is either present or absent.
            SettingText::Switch(true) if name.as_str().starts_with("skip_") => {
                writeln!(file, "{name}")
            }
            SettingText::Switch(false) if name.as_str().starts_with("skip_") => Ok(()),
            SettingText::Switch(true) => writeln!(file, "{name}=ON"),
            SettingText::Switch(false) => writeln!(file, "{name}=OFF"),
            SettingText::Text(text) => writeln!(file, "{name}={text}"),
        };
    }
    file.push_str("\n[client]\ndefault_character_set=utf8mb4\n");
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_file_is_sorted_and_knows_switches() {
        let settings = [
            ("skip_name_resolve", SettingText::Switch(true)),
            ("skip_networking", SettingText::Switch(false)),
            ("innodb_file_per_table", SettingText::Switch(true)),
            ("event_scheduler", SettingText::Switch(false)),
            ("max_allowed_packet", SettingText::Text("256M".into())),
        ];
        let settings: MyCnf =
            settings.map(|(name, value)| (SettingName::new(name).unwrap(), value)).into();
        assert_eq!(
            option_file(&settings),
            "[mariadb]\nevent_scheduler=OFF\ninnodb_file_per_table=ON\nmax_allowed_packet=256M\n\
             skip_name_resolve\n\n[client]\ndefault_character_set=utf8mb4\n"
        );
    }
}
