//! Values of objects in the words of definitions, for a whole definition and for one value of it.

/// The version of an image that sitewright would compute from it. It stands between two texts.
pub(crate) fn version<'i>(image: &'i str, before: &str, after: &str) -> Option<&'i str> {
    let version = image.strip_prefix(before)?.strip_suffix(after)?;
    crate::language::Version::new(version).is_ok().then_some(version)
}

/// The hours of a number of days, such as `30d`.
pub(crate) fn hours(days: &str) -> Option<String> {
    let days: u32 = days.strip_suffix('d')?.parse().ok()?;
    Some(format!("{}h", u64::from(days) * 24))
}

/// The five fields of a schedule with six. The first of six is for seconds.
pub(crate) fn five_fields(schedule: &str) -> Option<&str> {
    schedule.strip_prefix("0 ")
}

/// The host of an address, and whether it is encrypted.
pub(crate) fn endpoint(address: &str) -> Option<(&str, bool)> {
    let (scheme, host) = address.split_once("://")?;
    Some((host, scheme != "http"))
}

/// The bucket of an address such as `s3://bucket/folder`, and the folder in it.
pub(crate) fn bucket(address: &str) -> Option<(&str, &str)> {
    address.strip_prefix("s3://")?.split_once('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_a_version_only_if_it_is_the_image_of_that_version() {
        let mariadb = |image| version(image, "mariadb:", "");
        assert_eq!(mariadb("mariadb:10.11"), Some("10.11"));
        assert_eq!(mariadb("registry.example/mariadb:10.11"), None);
        assert_eq!(mariadb("mariadb"), None);
        let postgres = |image| version(image, "cnpg/postgresql:", "-system-trixie");
        assert_eq!(postgres("cnpg/postgresql:18.4-system-trixie"), Some("18.4"));
        assert_eq!(postgres("cnpg/postgresql:18.4"), None);
    }

    #[test]
    fn times_and_addresses_are_read() {
        assert_eq!(hours("30d").as_deref(), Some("720h"));
        assert_eq!(hours("4w"), None);
        assert_eq!(five_fields("0 30 1 * * *"), Some("30 1 * * *"));
        assert_eq!(five_fields("5 30 1 * * *"), None, "the language has no seconds");
        assert_eq!(endpoint("http://minio:9000"), Some(("minio:9000", false)));
        assert_eq!(bucket("s3://backups/eu/erp"), Some(("backups", "eu/erp")));
    }
}
