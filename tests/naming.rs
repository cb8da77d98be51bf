//! Names against the operator's own, and their rules over arbitrary sites.

use proptest::prelude::*;
use serde_json::Value;
use sitewright::naming::{MAX_SQL_NAME, NameError, NameInputs, Scheme};
use std::collections::BTreeMap;

/// The name a scheme computes, whether or not a grant can carry it: the vectors hold both kinds.
fn computed(scheme: Scheme, subject: NameInputs, expected: &str) -> String {
    match scheme.sql_name(subject) {
        Ok(name) => name.as_str().to_owned(),
        Err(NameError::Panics { .. }) => "PANIC".to_owned(),
        Err(NameError::TooLong { escaped }) => {
            let expected_escaped = expected.len() + expected.matches('_').count();
            assert_eq!(escaped, expected_escaped, "{subject:?}");
            assert!(escaped > MAX_SQL_NAME, "{subject:?}");
            expected.to_owned()
        }
    }
}

#[test]
fn every_vector_comes_out_equal() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("naming-vectors.json")).unwrap();
    assert_eq!(vectors.len(), 66);
    let mut carried = 0;
    for vector in &vectors {
        let field = |name: &str| vector[name].as_str().unwrap();
        let subject = NameInputs {
            cluster: "any",
            namespace: field("namespace"),
            name: field("name"),
            site_name: field("siteName"),
        };
        let (v23, v26) = (Scheme::FrappeOperator23, Scheme::FrappeOperator26);
        assert_eq!(computed(v23, subject, field("dbName")), field("dbName"), "{subject:?}");
        assert_eq!(computed(v26, subject, field("v26DbName")), field("v26DbName"), "{subject:?}");
        assert_eq!(v23.operators_own_user(subject).unwrap(), field("dbUser"), "{subject:?}");
        assert_eq!(v26.operators_own_user(subject).unwrap(), field("v26DbUser"), "{subject:?}");
        carried += usize::from(v26.sql_name(subject).is_ok());
    }
    assert!(carried > 40, "only {carried} of the vectors are names that a grant can carry");
}

fn label() -> impl Strategy<Value = String> {
    "[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?"
}

fn site_name() -> impl Strategy<Value = String> {
    prop::collection::vec(label(), 1..8).prop_map(|labels| labels.join("."))
}

const SCHEMES: [Scheme; 3] = [Scheme::FrappeOperator23, Scheme::FrappeOperator26, Scheme::Sha256];

proptest! {
    #[test]
    fn names_fit_escaped_and_hold_only_allowed_characters(
        cluster in label(), namespace in label(), name in label(), site_name in site_name(),
    ) {
        let subject = NameInputs {
            cluster: &cluster, namespace: &namespace, name: &name, site_name: &site_name,
        };
        for scheme in SCHEMES {
            let Ok(sql) = scheme.sql_name(subject) else { continue };
            prop_assert!(sql.escaped().chars().count() <= MAX_SQL_NAME);
            let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
            prop_assert!(sql.as_str().chars().all(allowed));
            prop_assert!(!sql.escaped().replace("\\_", "").contains('_'));
            prop_assert_eq!(sql.escaped().replace('\\', ""), sql.as_str());
        }
    }

    #[test]
    fn ours_always_has_a_name(
        cluster in label(), namespace in label(), name in label(), site_name in site_name(),
    ) {
        let subject = NameInputs {
            cluster: &cluster, namespace: &namespace, name: &name, site_name: &site_name,
        };
        prop_assert!(Scheme::Sha256.sql_name(subject).is_ok());
    }

    #[test]
    fn a_longer_site_name_never_collides_by_being_cut(
        namespace in label(), names in prop::collection::btree_set(label(), 2..20),
        site_name in site_name(), tail in "[a-z0-9]{1,60}",
    ) {
        let longer = site_name.clone() + &tail;
        for scheme in SCHEMES {
            let mut seen = BTreeMap::new();
            for name in &names {
                for site_name in [&site_name, &longer] {
                    let subject = NameInputs {
                        cluster: "c", namespace: &namespace, name, site_name,
                    };
                    let Ok(sql) = scheme.sql_name(subject) else { continue };
                    // The two forms of one site may be equal once cut; two sites never are.
                    let owner = seen.entry(sql.clone()).or_insert_with(|| name.clone());
                    prop_assert_eq!(&*owner, name, "{} of two sites", sql.as_str());
                }
            }
        }
    }
}
