//! The codes of all diagnostics, one on each line, each with the page that explains it.
//!
//! A code never changes: it keeps its number and its meaning. The first digit tells the stage that
//! finds the problem: 0 files and YAML, 1 the language, 2 references, 3 names, 4 operators and
//! capacity, 5 templates, 6 the output, 7 secrets, 8 the diff, 9 upgrades.

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
    FileName         "006" Error "a file name is not a DNS label";
    Misplaced        "007" Error "a file is in a folder where its kind is not allowed";
    Empty            "008" Error "a file holds no definition";
    ManyDocuments    "009" Error "a file holds several documents";
    YamlSyntax       "010" Error "not valid YAML";
    Tab              "011" Error "a tab in the indentation";
    DuplicateKey     "012" Error "a key is written twice in one map";
    AmbiguousScalar  "013" Error "a plain scalar that YAML readers interpret differently";
    Anchor           "014" Error "an anchor, an alias or a merge key";
    TooDeep          "015" Error "nested deeper than 64 levels";
    Tag              "016" Error "an explicit YAML tag";
    BadKey           "017" Error "a key that is not plain text";

    ConflictMarker   "018" Error "an unfinished merge";

    Kind             "101" Error "a kind is missing or not allowed here";
    UnknownKey       "102" Error "an unknown key";
    WrongType        "103" Error "a value of the wrong type";
    BadValue         "104" Error "a value that is not allowed";
    MissingField     "105" Error "a required field is missing";
    NoEffect         "106" Error "a field that has no effect here";
    Conflict         "107" Error "fields that exclude each other";

    ProjectRule      "110" Error "a rule of the project that does not hold";
    BadRule          "111" Error "a rule of the project that cannot be used";
    RuleFailed       "112" Error "a rule of the project that cannot be evaluated";
    RuleCost         "113" Error "a rule of the project that costs too much";
    RuleTest         "114" Error "a test of a rule that fails";

    NoProject        "201" Error "this folder contains no project";
    NoCluster        "202" Error "a cluster's folder has no _cluster.yaml";
    UnknownPlan      "203" Error "a plan that is not defined";
    UnknownBench     "204" Error "a bench that is not defined";
    UnknownServer    "205" Error "a database server that is not defined";
    AmbiguousServer  "206" Error "a server name that exists in several namespaces";
    ServerMode       "207" Error "a server that does not serve the site's database mode";
    RetiredReference "208" Error "a reference to a retired definition";
    UnknownPath      "209" Error "a path or a name that matches no definition";
    ServerProvider   "210" Error "a server of another database system";

    DuplicateObject  "301" Error "two definitions create the same object";
    DuplicateSite    "302" Error "two sites of a bench have the same siteName";
    DuplicateDomain  "303" Error "two sites of a cluster have the same domain";
    DuplicateSqlName "304" Error "two sites of a server have the same SQL name";
    PanickingName    "305" Error "a site name that crashes this frappe-operator";
    SqlNameTooLong   "306" Error "an SQL name is too long for its grant";
    ReservedName     "307" Error "a name that an operator already uses";
    NameTooLong      "308" Error "a name is too long for the names that operators derive from it";
    ServiceName      "309" Error "a name that a Service cannot have";
    OtherDatabase    "310" Error "a stated name of a database that frappe-operator does not use";

    NotDialled       "401" Error "a replicated server whose primary frappe-operator cannot reach";
    Provider         "402" Error "a database provider that is not supported";
    NeedsOperator    "403" Error "a feature that this operator version does not have";
    ExternalAddress  "404" Error "an external server's address that this operator cannot connect to";
    Topology         "405" Error "the number of replicas does not fit the topology";
    TooManySites     "406" Error "a server has more sites than its maxSites";
    Connections      "407" Error "the sites may open more connections than their server allows";
    Backup           "408" Error "a backup that the operator cannot take";
    Bench            "409" Error "a bench that contradicts itself";
    TrustedFunctions "410" Error "stored functions that a replica runs with every privilege";
    UnsafeSetting    "411" Error "an unsafe server setting";
    OldFrappe        "412" Error "a version of Frappe that this operator cannot start";
    UnknownRelease   "413" Warning "a version of Frappe whose early releases this operator cannot start";
    Apps             "414" Error "apps that this operator cannot install";
    NoApps           "415" Warning "a site that gets no apps";
    Unencrypted      "416" Warning "passwords that cross the network in clear text";
    PullSecrets      "417" Warning "pull secrets that the operator does not pass to pods";
    NoFsGroup        "418" Error "a site whose deletion would never finish";
    NeedsKubernetes  "419" Error "a feature that this version of Kubernetes does not have";
    UnknownKubernetes "420" Warning "a feature that only some versions of Kubernetes have";
    FrappeSystem     "422" Error "a version of Frappe that does not run on this database system";
    UnsupportedApp   "423" Error "an app that its authors do not support on this database system";
    Recovery         "424" Error "a backup from which this server cannot start";
    Preview          "425" Warning "a version of frappe-operator that is supported as a preview";

    TemplateError    "501" Error "a template fails";
    TemplateYaml     "502" Error "a template does not write exactly one valid YAML object";
    TemplateObject   "503" Error "a template writes another object than its file name says";
    TemplateName     "504" Error "an unused template";

    OutputPlace      "601" Error "the output folder cannot be used";
    WriteFailed      "602" Error "the manifests could not be written";
    Foreign          "603" Warning "a file in the output folder that sitewright did not write";
    Edited           "604" Warning "a rendered file that was edited by hand";
    Busy             "605" Error "another run is writing this folder";
    TooManyRemovals  "606" Error "a change removes more definitions than the project allows";
    Renamed          "607" Warning "a renamed site starts with an empty database";
    MoveTarget       "608" Error "a definition that cannot be moved to this place";
    Migration        "609" Error "a move after which a definition would be another one";
    NotRetired       "610" Error "a definition that cannot be retired, or removed before it is";
    NotFormatted     "613" Error "a definition whose canonical form would mean something else";
    AllowedOutput    "614" Error "a file that sitewright writes is listed as somebody else's";
    AllowedUnused    "615" Warning "a pattern of allowForeign that matches nothing";

    NoRecord         "701" Error "a password has no record, and this command may not create it";
    RecordMoved      "702" Error "a record no longer fits its Secret";
    OtherCluster     "703" Error "a record sealed for another cluster's key";
    RecordMode       "704" Error "a record does not fit the cluster's secrets mode";
    BadRecord        "705" Error "an invalid record";
    UnusedRecord     "706" Warning "a record that is no longer used";
    BadCertificate   "707" Error "a sealing certificate that cannot be used";
    NoCertificate    "708" Error "no sealing certificate";
    NotRotatable     "709" Error "a password that cannot be rotated";
    NotAdoptable     "710" Error "a Secret that cannot be adopted";
    PlainPlace       "711" Error "no safe folder for passwords in clear text";
    ClearText        "712" Error "a password in clear text in a file that Git tracks or would add";
    LostRecord       "713" Error "a record is lost, but a manifest still contains its password";
    OtherRecipients  "714" Error "a record encrypted for other recipients than the cluster's";
    CannotDecrypt    "715" Error "a GitOps engine that cannot decrypt the Secrets";
    Unpaired         "716" Error "two Secrets that do not share their password";
    TooManyRotations "717" Error "a rotation of more passwords than its limit";
    UnknownAge       "718" Error "the age of a password is not known";

    DiffTree         "801" Error "a side of a diff that cannot be read";

    DumpSyntax       "820" Error "a dump or a manifest that is cut or cannot be parsed";
    DumpEncoding     "821" Error "a dump or a manifest that is not UTF-8";
    NotAnObject      "822" Error "something in a dump that is not an object";
    ObjectName       "823" Error "a name that no object of Kubernetes can have";
    NestedList       "824" Error "a List in a List";
    LiveDuplicate    "825" Error "an object that was read twice";
    HelmTemplate     "826" Error "a template in the place of a manifest";
    NoManifests      "827" Error "no manifests to read";
    UnknownVersion   "828" Warning "an object of an API version that sitewright does not know";
    TooLargeObject   "829" Error "an object that is larger than Kubernetes accepts";

    ImportCluster    "830" Error "no cluster to import into";
    ImportVersion    "831" Error "an import without the version of an operator";
    NothingToImport  "832" Error "nothing to import";
    ImportExists     "833" Error "an import that would write over a file";
    NotImported      "834" Warning "an object that is not imported";

    WideGrant        "840" Warning "a Grant that reaches other databases";
    DropsData        "841" Warning "an object whose removal drops what it made";
    SharedAccount    "842" Warning "two Users of one account";
    SharedDatabase   "843" Warning "two owners of one database";
    SharedServerName "844" Warning "two servers of one name";
    OwnedObject      "845" Warning "an object that is deleted with its owner";
    NoDomain         "846" Warning "a live site without a domain";
    NoConnection     "847" Warning "a live site whose connection this operator does not know";
    LeftPassword     "848" Warning "a password in use without a record";

    OtherClusterDump "850" Error "a dump of another cluster";
    NothingRendered  "851" Error "no manifests to compare a cluster with";
    NoFieldManagers  "852" Warning "a dump that does not say who changed a field";
    Kubectl          "853" Error "kubectl cannot list the objects";
    AcceptedExpired  "854" Error "an accepted drift that has expired";
    AcceptedUnused   "855" Error "an accepted drift that is not there";
    SqlAnswers       "858" Error "answers of a database server that cannot be used";
    NoSiteDatabases  "859" Error "a cluster without SiteDatabases";

    UpgradeVersion   "901" Error "a version to which an operator cannot be upgraded";
    UpgradeDatabases "902" Error "an upgrade after which sites would look for other databases";
    UpgradeOutdated  "903" Error "an upgrade of a project whose manifests are out of date";
}

impl Code {
    /// The code of this id, as `SW012` or `sw012`.
    pub fn of(id: &str) -> Option<Code> {
        Self::ALL.iter().copied().find(|code| code.id().eq_ignore_ascii_case(id))
    }
}
