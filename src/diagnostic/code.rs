//! The codes of all diagnostics: one line a code, and the page that explains it.
//!
//! A code is for ever: it is never renumbered and never means something else. The first digit tells
//! the stage that finds it: 0 files and YAML, 1 the language, 2 references, 3 names, 4 operators and
//! capacity, 5 templates, 6 the output, 7 secrets, 8 the
//! diff.

use super::Severity;

macro_rules! codes {
    ($($name:ident $number:literal $severity:ident $title:literal;)+) => {
        /// What is wrong, as a stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $title] $name,)+ }

        impl Code {
            /// Every code, in the order of their numbers.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The code as users see it, `SWnnn`.
            pub fn id(self) -> &'static str {
                match self { $(Code::$name => concat!("SW", $number),)+ }
            }

            /// Errors fail the run, warnings do not.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)+ }
            }

            /// A few words for lists of codes.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)+ }
            }

            /// The long text that `sitewright explain SWnnn` prints, in Markdown.
            pub fn page(self) -> &'static str {
                match self {
                    $(Code::$name => include_str!(concat!("../../docs/codes/SW", $number, ".md")),)+
                }
            }
        }
    };
}

codes! {
    Unreadable       "001" Error "a file or folder cannot be read";
    NotUtf8          "002" Error "a file is not UTF-8";
    ByteOrderMark    "003" Error "a file starts with a byte order mark";
    TooLarge         "004" Error "a file is larger than 1 MiB";
    Symlink          "005" Error "a symbolic link among the definitions";
    FileName         "006" Error "a file's name is no DNS label";
    Misplaced        "007" Error "a file stands where none of its kind belongs";
    Empty            "008" Error "a file holds no definition";
    ManyDocuments    "009" Error "a file holds several documents";
    YamlSyntax       "010" Error "not valid YAML";
    Tab              "011" Error "a tab in the indentation";
    DuplicateKey     "012" Error "a key stands twice in one map";
    AmbiguousScalar  "013" Error "a plain scalar that YAML readers understand differently";
    Anchor           "014" Error "an anchor, an alias or a merge key";
    TooDeep          "015" Error "nested deeper than 64 levels";
    Tag              "016" Error "an explicit YAML tag";
    BadKey           "017" Error "a key that is no plain text";

    ConflictMarker   "018" Error "an unfinished merge";

    Kind             "101" Error "no kind, or not the kind that belongs here";
    UnknownKey       "102" Error "a key that the language does not have";
    WrongType        "103" Error "a value of the wrong type";
    BadValue         "104" Error "a value that is not allowed";
    MissingField     "105" Error "a field that must be stated";
    NoEffect         "106" Error "a field that has no effect here";
    Conflict         "107" Error "fields that exclude each other";

    NoProject        "201" Error "no project in this folder";
    NoCluster        "202" Error "a folder of definitions without its _cluster.yaml";
    UnknownPlan      "203" Error "a plan that nobody defines";
    UnknownBench     "204" Error "a bench that nobody defines";
    UnknownServer    "205" Error "a database server that nobody defines";
    AmbiguousServer  "206" Error "a server's name that several namespaces have";
    ServerMode       "207" Error "a server that does not serve the site's database mode";
    RetiredReference "208" Error "a reference to something retired";
    UnknownPath      "209" Error "a path or a name that no definition has";

    DuplicateObject  "301" Error "two definitions make the same object";
    DuplicateSite    "302" Error "two sites of one siteName on a bench";
    DuplicateDomain  "303" Error "two sites of one domain in a cluster";
    DuplicateSqlName "304" Error "two sites of one SQL name on a server";
    PanickingName    "305" Error "a site that this frappe-operator cannot name";
    SqlNameTooLong   "306" Error "a SQL name too long for its grant";
    ReservedName     "307" Error "a name that an operator uses for something else";
    NameTooLong      "308" Error "a name too long for what operators derive from it";
    ServiceName      "309" Error "a name that no Service can have";

    NotDialled       "401" Error "a replicated server behind an operator that dials only standalone ones";
    Provider         "402" Error "a database provider that is not supported";
    NeedsOperator    "403" Error "a feature that this operator version does not have";
    ExternalAddress  "404" Error "an external server's address that this operator cannot dial";
    Topology         "405" Error "replicas that do not fit the topology";
    TooManySites     "406" Error "more sites on a server than it takes";
    Connections      "407" Error "more connections promised than a server has";
    Backup           "408" Error "a backup that the operator cannot take";
    Bench            "409" Error "a bench that contradicts itself";
    TrustedFunctions "410" Error "functions that a replica repeats with every privilege";
    UnsafeSetting    "411" Error "a setting that opens a server's databases or cuts them off";
    OldFrappe        "412" Error "a version of Frappe that this operator cannot start";
    UnknownRelease   "413" Warning "a version of Frappe whose early releases this operator cannot start";
    Apps             "414" Error "apps that this operator cannot install";
    NoApps           "415" Warning "a site that gets no app";
    Unencrypted      "416" Warning "passwords that cross the network in clear text";
    PullSecrets      "417" Warning "pull secrets that reach no pod";
    NoFsGroup        "418" Error "a site whose deletion would never end";
    NeedsKubernetes  "419" Error "a feature that this version of Kubernetes does not have";
    UnknownKubernetes "420" Warning "a feature that only some versions of Kubernetes have";

    TemplateError    "501" Error "a template fails";
    TemplateYaml     "502" Error "a template writes something that is not one clean YAML object";
    TemplateObject   "503" Error "a template writes another object than its name says";
    TemplateName     "504" Error "a template that nothing uses";

    OutputPlace      "601" Error "the output folder cannot be used";
    WriteFailed      "602" Error "the manifests could not be written";
    Foreign          "603" Warning "a file in the output folder that is not ours";
    Edited           "604" Warning "a rendered file that was edited by hand";
    Busy             "605" Error "another run is writing this folder";
    TooManyRemovals  "606" Error "more goes at once than the project allows";
    Renamed          "607" Warning "a site of another name, which starts empty";

    NoRecord         "701" Error "a password without a record where none may be made";
    RecordMoved      "702" Error "a record that does not fit its Secret any more";
    OtherCluster     "703" Error "a record sealed for another cluster's key";
    RecordMode       "704" Error "a record that is kept otherwise than its cluster wants";
    BadRecord        "705" Error "a record that cannot be right";
    UnusedRecord     "706" Warning "a record that nothing uses any more";
    BadCertificate   "707" Error "a sealing certificate that cannot be used";
    NoCertificate    "708" Error "no certificate to seal with";
    NotRotatable     "709" Error "a password that cannot be rotated";
    NotAdoptable     "710" Error "a SealedSecret that cannot be adopted";
    PlainPlace       "711" Error "no safe place for passwords in clear text";
    ClearText        "712" Error "a password in clear text where Git sees it";
    LostRecord       "713" Error "a record that is lost while a manifest carries its password";

    DiffTree         "801" Error "a side of a diff that cannot be read";
}

impl Code {
    /// The code of this id, as `SW012` or `sw012`.
    pub fn of(id: &str) -> Option<Code> {
        Self::ALL.iter().copied().find(|code| code.id().eq_ignore_ascii_case(id))
    }
}
