//! Schedules as CloudNativePG reads them: with a field for seconds before the five others (source:
//! `validate` in `internal/webhook/v1/scheduledbackup_webhook.go` of 1.30.0, which reads them with
//! robfig/cron 1.2.0).

use crate::language::Cron;

/// The words for whole schedules. The webhook warns of a word, because it has no six fields.
const NAMED: [(&str, &str); 7] = [
    ("@yearly", "0 0 0 1 1 *"),
    ("@annually", "0 0 0 1 1 *"),
    ("@monthly", "0 0 0 1 * *"),
    ("@weekly", "0 0 0 * * 0"),
    ("@daily", "0 0 0 * * *"),
    ("@midnight", "0 0 0 * * *"),
    ("@hourly", "0 0 * * * *"),
];

/// The schedule with six fields. It comes at the same times.
pub(super) fn six_fields(schedule: &Cron) -> String {
    let schedule = schedule.as_str();
    if let Some((_, fields)) = NAMED.iter().find(|(word, _)| *word == schedule) {
        return (*fields).to_owned();
    }
    let fields = schedule.split_ascii_whitespace().enumerate().map(|(place, field)| match place {
        2 => without_open_steps(field, "1-31"),
        4 => without_open_steps(field, "0-6"),
        _ => field.to_owned(),
    });
    let fields: Vec<String> = ["0".to_owned()].into_iter().chain(fields).collect();
    fields.join(" ")
}

/// A schedule comes when its day of the month or its day of the week does, unless one of them is
/// open: then both must. In robfig/cron 3, which reads schedules with five fields, `*/2` is not open.
/// In 1.2.0 it is (`getRange` and `dayMatches` there), so the field states its range.
fn without_open_steps(field: &str, range: &str) -> String {
    let part = |part: &str| match part.split_once('/') {
        Some(("*" | "?", step)) if step.parse() != Ok(1_u32) => format!("{range}/{step}"),
        _ => part.to_owned(),
    };
    field.split(',').map(part).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_gets_a_field_for_seconds() {
        for (five, six) in [
            ("0 3 * * *", "0 0 3 * * *"),
            ("*/15 0-6,22 1 jan mon-fri", "0 */15 0-6,22 1 jan mon-fri"),
            ("0 3 */2 * mon", "0 0 3 1-31/2 * mon"),
            ("0 3 1 * ?/3,1", "0 0 3 1 * 0-6/3,1"),
            ("0 3 */1 * */1", "0 0 3 */1 * */1"),
            ("@daily", "0 0 0 * * *"),
            ("@weekly", "0 0 0 * * 0"),
        ] {
            assert_eq!(six_fields(&Cron::new(five).unwrap()), six, "{five}");
        }
    }

    #[test]
    fn every_word_has_its_fields() {
        let words = ["yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"];
        for word in words {
            let six = six_fields(&Cron::new(&format!("@{word}")).unwrap());
            assert_eq!(six.split(' ').count(), 6, "{word}");
        }
    }
}
