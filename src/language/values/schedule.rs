//! Schedules in cron's notation, and whether they ever run.
//!
//! mariadb-operator and Kubernetes' CronJobs read schedules with robfig/cron's standard parser.
//! They wait forever for a schedule that matches no date.

use super::Complaint;

const NAMED: [&str; 7] =
    ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// A field of a schedule: its lowest and highest number, and the names of its numbers.
type Range = (u32, u32, &'static [&'static str]);

const MINUTES: Range = (0, 59, &[]);
const HOURS: Range = (0, 23, &[]);
const DAYS: Range = (1, 31, &[]);
const MONTHS: Range =
    (1, 12, &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]);
const WEEKDAYS: Range = (0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]);

/// The days of each month, in a leap year.
const LENGTHS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Whether a text is a day of the calendar, as `2027-01-31`.
pub(super) fn is_date(text: &str) -> bool {
    let is_form = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    let parts =
        if is_form { (number(0..4), number(5..7), number(8..10)) } else { (None, None, None) };
    let (Some(year), Some(month), Some(day)) = parts else { return false };
    let Some(last) = month.checked_sub(1).and_then(|at| LENGTHS.get(at as usize)) else {
        return false;
    };
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = if month == 2 && !is_leap { 28 } else { *last };
    (1..=last).contains(&day)
}

/// The numbers that a field allows.
struct Field {
    /// A bit for each number.
    numbers: u64,
    /// Whether the field is `*` or `?`.
    is_open: bool,
}

impl Field {
    fn read(text: &str, (low, high, names): Range) -> Option<Self> {
        let number = |text: &str| -> Option<u32> {
            let named = names.iter().position(|name| text.eq_ignore_ascii_case(name));
            let named = named.and_then(|at| u32::try_from(at).ok()).map(|at| at + low);
            named.or(text.parse().ok()).filter(|number| (low..=high).contains(number))
        };
        let mut field = Self { numbers: 0, is_open: false };
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, Some(step.parse().ok().filter(|step| *step > 0)?)),
                None => (part, None),
            };
            let any = range == "*" || range == "?";
            let (from, to) = match range.split_once('-') {
                _ if any => (low, high),
                Some((from, to)) => (number(from)?, number(to)?),
                // `5/10` continues to the highest number.
                None => (number(range)?, if step.is_some() { high } else { number(range)? }),
            };
            if from > to {
                return None;
            }
            let step = step.unwrap_or(1);
            field.is_open |= any && step == 1;
            field.numbers |= (from..=to).step_by(step).fold(0, |bits, number| bits | 1 << number);
        }
        Some(field)
    }

    fn has(&self, number: u32) -> bool {
        self.numbers & (1 << number) != 0
    }
}

/// The days and the months of a schedule with five fields, and whether it leaves the day of the
/// week open.
fn dates(text: &str) -> Option<(Field, Field, bool)> {
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else { return None };
    Field::read(minute, MINUTES)?;
    Field::read(hour, HOURS)?;
    let weekday = Field::read(weekday, WEEKDAYS)?;
    Some((Field::read(day, DAYS)?, Field::read(month, MONTHS)?, weekday.is_open))
}

/// Finds a schedule whose months have none of its days, and returns the length of its longest
/// month. A schedule that states a day of the week always has a date.
fn too_short(text: &str) -> Option<u32> {
    let (days, months, any_weekday) = dates(text)?;
    let lengths = (1..=12).zip(LENGTHS).filter(|(month, _)| months.has(*month));
    let longest = lengths.map(|(_, length)| length).max()?;
    let comes = !any_weekday || (1..=longest).any(|day| days.has(day));
    (!comes).then_some(longest)
}

/// Whether a text is a schedule that runs at some time.
pub(super) fn comes(text: &str) -> bool {
    NAMED.contains(&text) || (dates(text).is_some() && too_short(text).is_none())
}

/// What is wrong with a schedule that never runs.
pub(super) fn fault(text: &str) -> Option<Complaint> {
    // February has 29 days only in leap years.
    let last = too_short(text)?.max(28);
    let last = if last == 29 { 28 } else { last };
    let mut fields: Vec<String> = text.split_ascii_whitespace().map(str::to_owned).collect();
    *fields.get_mut(2)? = last.to_string();
    Some(Complaint {
        message: format!("`{text}` never runs: these months do not have this day"),
        help: format!("write `{}`, or another day", fields.join(" ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_of_the_calendar() {
        for date in ["2027-01-31", "2028-02-29", "2000-02-29", "0001-12-01"] {
            assert!(is_date(date), "{date}");
        }
        for date in [
            "2027-02-29",
            "2100-02-29",
            "2027-13-01",
            "2027-00-01",
            "2027-01-00",
            "2027-1-31",
            "27-01-31",
            "2027-01-3x",
            "",
            "2027/01/31",
            "２０２",
        ] {
            assert!(!is_date(date), "{date}");
        }
    }

    #[test]
    fn schedules_are_those_of_cron() {
        for good in
            ["0 3 * * *", "*/15 0-6,22 1 jan mon-fri", "@daily", "0 0 ? * 0", "5/10 * * * *"]
        {
            assert!(comes(good), "{good}");
        }
        for bad in [
            "",
            "0 3 * *",
            "60 3 * * *",
            "0 3 * * 7",
            "0 3 * * * *",
            "@never",
            "5-1 * * * *",
            "*/0 * * * *",
        ] {
            assert!(!comes(bad), "{bad}");
            assert_eq!(fault(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_date_that_never_comes_is_told_from_one_that_is_rare() {
        for (never, better) in [
            ("0 3 30 2 *", "0 3 28 2 *"),
            ("0 3 30,31 feb ?", "0 3 28 feb ?"),
            ("0 3 31 4,6 *", "0 3 30 4,6 *"),
            ("0 3 31 9-9 */1", "0 3 30 9-9 */1"),
        ] {
            let complaint = fault(never).unwrap();
            assert!(complaint.help.contains(&format!("`{better}`")), "{complaint:?}");
            assert!(!comes(never) && comes(better), "{never}");
        }
        for rare in ["0 3 29 2 *", "0 3 31 2,3 *", "0 3 30 2 mon", "0 3 31 4 */2", "0 3 * 2 *"] {
            assert!(comes(rare), "{rare}");
        }
    }
}
