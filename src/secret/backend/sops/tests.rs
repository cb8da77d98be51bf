//! The format against files that the program sops wrote (`tests/keys/sops/`), and against itself.

use super::data_key::{DataKey, Identities};
use super::document::{Document, Section};
use super::mac::Mac;
use super::{fault, foreign, may_be_key, value};
use crate::diagnostic::FileId;
use crate::object::Form;
use crate::secret::recipient::Recipient;
use crate::source::node::Node;
use crate::source::yaml;
use proptest::prelude::*;
use std::collections::BTreeSet;

const PASSWORD: &[u8] = b"0123456789abcdefghijABCDEFGHIJzz";
const FIRST: &str = include_str!("../../../../tests/keys/sops/public-and-worthless.first.agekey");
const SECOND: &str = include_str!("../../../../tests/keys/sops/public-and-worthless.second.agekey");
const ONE_VALUE: &str = include_str!("../../../../tests/keys/sops/one-value.yaml");
const WHOLE_MAC: &str = include_str!("../../../../tests/keys/sops/whole-mac.yaml");
const IN_BASE64: &str = include_str!("../../../../tests/keys/sops/in-base64.yaml");

fn identities(text: &str) -> Identities {
    Identities::of_text(text).unwrap()
}

fn recipient(key_file: &str) -> Recipient {
    let line = key_file.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    Recipient::of("a.age.pub", line).unwrap()
}

fn object(text: &str) -> Node {
    yaml::read(text, FileId::NONE).unwrap()
}

#[test]
fn a_file_that_sops_wrote_is_recorded_as_it_is_and_decrypts() {
    let one = foreign::document(&object(ONE_VALUE), "password").unwrap();
    assert_eq!(one.section, Section::StringData);
    assert_eq!(one.check(), Ok(PASSWORD.len()));
    assert_eq!(one.decrypt("password", &identities(FIRST)).unwrap().as_slice(), PASSWORD);
    assert!(one.decrypt("password", &identities(SECOND)).is_none());
    // The value is bound to its place.
    assert!(one.decrypt("other", &identities(FIRST)).is_none());
    let data = foreign::document(&object(IN_BASE64), "password").unwrap();
    assert_eq!(data.section, Section::Data);
    for identity in [FIRST, SECOND] {
        let text = data.decrypt("password", &identities(identity)).unwrap();
        assert_eq!(text.as_slice(), b"MDEyMzQ1Njc4OWFiY2RlZmdoaWpBQkNERUZHSElKeno=");
    }
    assert_eq!(Document::of_text(&one.to_text()), Ok(one));
}

#[test]
fn the_mac_of_sops_fits_and_a_changed_file_does_not() {
    for text in [ONE_VALUE, WHOLE_MAC, IN_BASE64] {
        let found = foreign::decrypt(&object(text), "password", &identities(FIRST)).unwrap();
        assert_eq!(found.as_slice(), PASSWORD);
    }
    // Only the MAC over all values covers labels.
    let other_label = |text: &str| object(&text.replace("team: a", "team: b"));
    let decrypt = |object: Node| foreign::decrypt(&object, "password", &identities(FIRST));
    assert!(decrypt(other_label(ONE_VALUE)).is_ok());
    assert!(decrypt(other_label(WHOLE_MAC)).is_err());
    let other_time = |text: &str| object(&text.replace("lastmodified: \"20", "lastmodified: \"21"));
    assert!(decrypt(other_time(ONE_VALUE)).is_err());
}

#[test]
fn a_file_whose_mac_covers_more_is_not_recorded_as_it_is() {
    let refused = |text: &str| foreign::document(&object(text), "password").unwrap_err();
    assert!(refused(WHOLE_MAC).contains("mac_only_encrypted"));
    let clear = ONE_VALUE.replace("    password: ENC", "    other: ENC");
    assert!(refused(&clear).contains("only encrypted value"));
    let pgp = format!("{ONE_VALUE}    pgp:\n        - fp: A\n");
    assert!(refused(&pgp).contains("`pgp`"));
    let cut = ONE_VALUE.replace("-----END AGE", "-----AND AGE");
    assert!(refused(&cut).contains("is cut"));
}

#[test]
fn other_recipients_keep_the_value_and_the_mac() {
    let (first, second) = (recipient(FIRST), recipient(SECOND));
    let one = foreign::document(&object(ONE_VALUE), "password").unwrap();
    let both = [first.clone(), second.clone()];
    assert!(one.rewrapped(&both, &identities(SECOND)).is_err());
    let both = one.rewrapped(&both, &identities(FIRST)).unwrap();
    assert!(both.has_value_of(&one) && both != one);
    assert_eq!(both.age[0], one.age[0]);
    let text = both.decrypt("password", &identities(SECOND)).unwrap();
    assert_eq!(text.as_slice(), PASSWORD);
    let second = both.rewrapped(&[second], &identities(FIRST)).unwrap();
    assert!(second.decrypt("password", &identities(FIRST)).is_none());
}

#[test]
fn nothing_is_encrypted_twice_in_the_same_way() {
    let recipients = [recipient(FIRST)];
    let documents: Vec<Document> =
        (0..50).map(|_| Document::encrypt("password", PASSWORD, &recipients).unwrap()).collect();
    let texts = documents.iter().flat_map(|it| [&it.value, &it.mac, &it.age[0].enc]);
    assert_eq!(texts.collect::<BTreeSet<_>>().len(), 150);
}

#[test]
fn a_value_that_is_none_is_told() {
    let key = DataKey::new().unwrap();
    let good = value::encrypt(&key, "a:", b"b").unwrap();
    assert_eq!(value::length(&good), Ok(1));
    for (old, new) in [
        ("ENC[AES256_GCM,", "ENC[AES128_GCM,"),
        ("]", ""),
        ("type:str", "type:int"),
        (",iv:", ",iv:AA"),
        (",tag:", ",tag:AAAA"),
        ("data:", "data:!"),
        ("type:str", "type:str,type:str"),
    ] {
        assert!(value::length(&good.replacen(old, new, 1)).is_err(), "{new}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_encrypted_is_decrypted(text in prop::collection::vec(any::<u8>(), 0..80), key_name in "[a-z.-]{1,20}") {
        let document = Document::encrypt(&key_name, &text, &[recipient(FIRST)]).unwrap();
        let found = document.decrypt(&key_name, &identities(FIRST));
        prop_assert_eq!(found.map(|found| found.to_vec()), Some(text.clone()));
        if !text.is_empty() {
            prop_assert_eq!(Document::of_text(&document.to_text()), Ok(document.clone()));
            // Another text, another place or another time does not fit.
            let other = Document::encrypt(&key_name, &text, &[recipient(FIRST)]).unwrap();
            let mixed = Document { value: other.value, ..document.clone() };
            prop_assert!(mixed.decrypt(&key_name, &identities(FIRST)).is_none());
            let mixed = Document { lastmodified: "2020-01-01T00:00:00Z".to_owned(), ..document };
            prop_assert!(mixed.decrypt(&key_name, &identities(FIRST)).is_none());
        }
    }

    #[test]
    fn the_code_of_some_values_differs_from_that_of_all(text in prop::collection::vec(any::<u8>(), 0..80)) {
        let key = DataKey::new().unwrap();
        let mut all = Mac::of_all();
        all.add(&text);
        let code = all.encrypt(&key, "t").unwrap();
        prop_assert!(!Mac::of_encrypted([text.as_slice()]).is(&code, &key, "t"));
    }
}

/// Without an identity only the length of a value shows.
#[test]
fn an_identity_sees_what_is_no_encryption_key() {
    const NAME: &str = "encryption_key";
    let (right, other) = (identities(FIRST), identities(SECOND));
    for (text, may_be, is_key) in [
        (&b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MC0="[..], true, true),
        (b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MC0+", true, false),
        (b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MC0=\n", false, false),
        (PASSWORD, false, false),
    ] {
        let document = Document::encrypt(NAME, text, &[recipient(FIRST)]).unwrap();
        assert_eq!(may_be_key(&document, NAME, None), may_be);
        assert_eq!(may_be_key(&document, NAME, Some(&other)), may_be);
        assert_eq!(may_be_key(&document, NAME, Some(&right)), is_key);
        let found = |form| fault(&document, form, NAME, &right).is_some();
        assert_eq!((found(Form::FernetKey), found(Form::Password)), (!is_key, false));
    }
    // In base64 once more, as `data` of a Secret has it.
    let in_base64 = foreign::document(&object(IN_BASE64), "password").unwrap();
    assert!(!may_be_key(&in_base64, "password", None));
}
