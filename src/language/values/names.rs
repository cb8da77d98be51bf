//! Names of objects that are made from the names of definitions.

use super::{Domain, ObjectName, ResourceName, SiteName};

impl ObjectName {
    /// The name of an object that belongs to the definition: its own name and an ending such as
    /// `-db`. A definition's name has at most 63 characters and an ending has few, so the result
    /// fits.
    #[must_use]
    pub fn followed_by(&self, ending: &str) -> ResourceName {
        ResourceName([self, ending].concat().into())
    }
}

impl From<&ObjectName> for ResourceName {
    /// The name of the object that stands for the definition.
    fn from(name: &ObjectName) -> Self {
        ResourceName(name.0.clone())
    }
}

impl From<&SiteName> for Domain {
    /// The domain that is the site's name. Both have one format.
    fn from(name: &SiteName) -> Self {
        Domain(name.0.clone())
    }
}

impl ResourceName {
    /// The name of an object that belongs to the object of this name.
    #[must_use]
    pub fn followed_by(&self, ending: &str) -> ResourceName {
        ResourceName([self, ending].concat().into())
    }

    /// The name with another ending.
    #[must_use]
    pub fn with_ending(&self, ending: &str, other: &str) -> ResourceName {
        let start = self.strip_suffix(ending).unwrap_or(self);
        ResourceName([start, other].concat().into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DOMAIN, SITE_NAME};
    use super::*;

    #[test]
    fn every_site_name_is_a_domain() {
        assert_eq!((SITE_NAME.pattern, SITE_NAME.max_length), (DOMAIN.pattern, DOMAIN.max_length));
        let name = SiteName::new("erp.acme.com").unwrap();
        assert_eq!(Domain::from(&name), Domain::new("erp.acme.com").unwrap());
    }

    #[test]
    fn names_are_made_from_names() {
        let acme = ObjectName::new("acme").unwrap();
        assert_eq!(acme.followed_by("-db"), "acme-db");
        assert_eq!(ResourceName::from(&acme), "acme");
        assert_eq!(acme.followed_by("-mariadb").followed_by("-root"), "acme-mariadb-root");
        let secret = acme.followed_by("-db-password");
        assert_eq!(secret.with_ending("db-password", "db-credentials"), "acme-db-credentials");
    }
}
