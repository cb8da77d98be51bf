//! Days of the calendar by their numbers, counted from 1970-01-01.

use super::values::Date;

/// The seconds of a day.
pub const SECONDS: u64 = 86_400;

const MONTHS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn length_of_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

/// The lengths of the months of a year.
fn months(year: u64) -> impl Iterator<Item = u64> {
    let leap_day = move |month| u64::from(month == 1 && is_leap(year));
    MONTHS.iter().enumerate().map(move |(month, length)| length + leap_day(month))
}

/// The date of a day, such as `2026-11-28`.
pub fn date(mut day: u64) -> String {
    let mut year = 1970;
    while day >= length_of_year(year) {
        day -= length_of_year(year);
        year += 1;
    }
    let mut month = 1;
    for length in months(year) {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", day + 1)
}

/// The number of a date. A date before 1970 has the number 0.
pub fn number(date: &Date) -> u64 {
    let mut parts = date.split('-').map(|part| part.parse::<u64>().unwrap_or_default());
    let mut part = || parts.next().unwrap_or_default();
    let (year, month, day) = (part(), part(), part());
    if year < 1970 {
        return 0;
    }
    let years: u64 = (1970..year).map(length_of_year).sum();
    let whole = usize::try_from(month.saturating_sub(1)).unwrap_or_default();
    years + months(year).take(whole).sum::<u64>() + day.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        for (day, expected) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_454, "2026-01-01"),
            (20_785, "2026-11-28"),
            (20_818, "2026-12-31"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(date(day), expected);
            assert_eq!(number(&Date::new(expected).unwrap()), day);
        }
        assert_eq!(number(&Date::new("1969-12-31").unwrap()), 0);
    }

    #[test]
    fn each_day_of_400_years_has_its_own_date() {
        for day in 0..146_097 {
            assert_eq!(number(&Date::new(&date(day)).unwrap()), day);
        }
    }
}
