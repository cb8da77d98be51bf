//! Kinds that hold a password, and notes of a password on what reads it.

use super::super::condition::Condition::{FixedRoot, Generation, NameEnds, Retired, SecretMoves};
use super::super::finding::Level::{Blocked, Credential, DataLoss, None};
use super::On::Goes;
use super::{Rule, field, on};

const SECRETS: &str = "SealedSecret ExternalSecret PushSecret Password Secret";
const CARRIERS: &str = "SealedSecret ExternalSecret PushSecret Password";
const ROOT_STAYS: &str = "{mariadb} cannot change a root password, and loses its own access";
const RESTORE: &str = "restore the record from Git";
const SCOPE: &str = "the controller opens a value only in the scope that it was sealed for";
const RESEAL: &str = "rotate it, or adopt one of that scope";

const ROOT: &str = "internal/controller of mariadb-operator 25.10.4, which lacks mariadb_controller_root_password.go of 26.6.0";
const EXPANSION: &str =
    "pkg/apis/sealedsecrets/v1alpha1/sealedsecret_expansion.go of sealed-secrets 0.40.0";

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    field("SealedSecret", "spec.encryptedData", &[NameEnds("-root"), FixedRoot], Blocked, ROOT_STAYS, RESTORE).read_in(ROOT),
    field("ExternalSecret", "spec.data", &[NameEnds("-root"), FixedRoot], Blocked, ROOT_STAYS, RESTORE).read_in(ROOT),
    field("ExternalSecret", "spec.secretStoreRef", &[NameEnds("-root"), FixedRoot], Blocked, "{mariadb} cannot change a root password, and another store has another one", "leave the store, or run mariadb-operator 26.6").read_in(ROOT),
    field("SealedSecret", "spec.encryptedData", &[], Credential, "the password changes", ""),
    field("SealedSecret", "metadata.annotations.sealedsecrets.bitnami.com/namespace-wide", &[], Blocked, SCOPE, RESEAL).read_in(EXPANSION),
    field("SealedSecret", "metadata.annotations.sealedsecrets.bitnami.com/cluster-wide", &[], Blocked, SCOPE, RESEAL).read_in(EXPANSION),
    field("SealedSecret", "spec.template", &[], None, "", ""),
    field("ExternalSecret", "spec.data", &[], Credential, "the password is read under another key", ""),
    field("ExternalSecret", "spec.secretStoreRef", &[], Credential, "the password is read from another store", ""),
    field("PushSecret", "spec", &[], Credential, "a new password is stored where there is none", ""),
    field("*", "metadata.annotations", &[Generation], Credential, "the password that it reads changes", ""),
    on(SECRETS, Goes, &[Retired], Credential, "the Secret is removed with it", ""),
    on(CARRIERS, Goes, &[SecretMoves], Credential, "the account reads another Secret from now on, and nothing reads this one", "where a live {mark} keeps it, delete it in the cluster once the site has its new password"),
    on(SECRETS, Goes, &[], DataLoss, "the Secret is removed with it, unless the live object carries {mark}: its password may open data", "retire the definition first; where it stays, look whether anything reads the Secret, and allow the change"),
];
