//! The rules, one by one, in sequences that show them.

use crate::commit::{Commit, Copy};
use crate::fleet::{Fleet, Mode, Templates};
use crate::model::Reach;
use crate::world::World;

/// A fleet with its clusters, after the first commit.
struct Story {
    copy: Copy,
    fleet: Fleet,
    last: Commit,
    world: World,
}

const ENGINES: [&str; 3] = ["flux", "argocd", "none"];

impl Story {
    /// A cluster `eu` with a shared site `acme` and a dedicated one, `big`.
    fn new(frappe: &'static str, engine: &'static str) -> Self {
        Self::of(frappe, engine, |_| {})
    }

    fn of(frappe: &'static str, engine: &'static str, edit: impl FnOnce(&mut Fleet)) -> Self {
        let mut fleet = Fleet::new("eu", frappe, engine);
        fleet.put_site("eu/acme", Mode::Shared);
        fleet.put_site("eu/big", Mode::Dedicated);
        let (copy, last, world) = (Copy::new(), Commit::none(), World::default());
        let mut story = Self { copy, fleet, last, world };
        story.merge(edit);
        assert_eq!(story.sync(), [""; 0]);
        story
    }

    fn commit(&mut self, edit: impl FnOnce(&mut Fleet)) -> (Fleet, Commit) {
        let mut next = self.fleet.clone();
        edit(&mut next);
        let commit = self.copy.compile(next.texts()).unwrap();
        next.records.clone_from(&commit.records);
        (next, commit)
    }

    /// What the gate denies of a change, which is not merged.
    fn denied(&mut self, edit: impl FnOnce(&mut Fleet)) -> Vec<String> {
        let commit = self.commit(edit).1;
        commit.denied_after(&self.last)
    }

    /// Merges a change that the gate lets pass.
    fn merge(&mut self, edit: impl FnOnce(&mut Fleet)) {
        let (fleet, commit) = self.commit(edit);
        assert_eq!(commit.denied_after(&self.last), [""; 0]);
        self.merged(fleet, commit);
    }

    /// Merges a change, and nobody asks the gate.
    fn force(&mut self, edit: impl FnOnce(&mut Fleet)) {
        let (fleet, commit) = self.commit(edit);
        self.merged(fleet, commit);
    }

    fn merged(&mut self, fleet: Fleet, commit: Commit) {
        (self.fleet, self.last) = (fleet, commit);
        self.world.accept(&self.last);
    }

    /// The controllers see what was merged; what went against the rules.
    fn sync(&mut self) -> Vec<String> {
        self.world.sync(&self.last, Reach::All)
    }

    /// What was merged gets to the layer of the data, and not to that of the sites.
    fn sync_data(&mut self) -> Vec<String> {
        self.world.sync(&self.last, Reach::Data)
    }

    /// Whether an object is live under a controller.
    fn has(&self, controller: &'static str, object: &str) -> bool {
        self.world.live("eu", controller).iter().any(|live| live == object)
    }

    /// How many objects are live under each controller.
    fn count(&self) -> [usize; 2] {
        ["flux", "argocd"].map(|controller| self.world.live("eu", controller).len())
    }
}

fn remove(path: &'static str) -> impl FnOnce(&mut Fleet) {
    move |fleet| _ = fleet.definitions.remove(path)
}

fn retire(path: &'static str) -> impl FnOnce(&mut Fleet) {
    move |fleet| fleet.at(path).retired = true
}

#[test]
fn a_removal_without_retiring_is_denied() {
    for engine in ENGINES {
        let mut story = Story::new("2.6", engine);
        let before = story.count();
        for (path, object) in [
            ("eu/acme", "Database erp/acme-db"),
            ("eu/acme", "FrappeSite erp/acme"),
            ("eu/acme", "SealedSecret erp/acme-admin"),
            ("eu/big", "MariaDB erp/big-mariadb"),
            ("eu/big", "SealedSecret erp/big-mariadb-root"),
            ("eu/db2", "MariaDB erp/db2"),
            ("eu/b16", "FrappeBench erp/b16"),
            ("eu/outside", "ExternalMariaDB erp/outside"),
        ] {
            let denied = story.denied(remove(path));
            assert!(denied.iter().any(|denied| denied == object), "{object}: {denied:?}");
        }
        assert_eq!(story.sync(), [""; 0]);
        assert_eq!(story.count(), before);
    }
}

#[test]
fn what_was_retired_goes_and_its_data_stays() {
    for engine in ENGINES {
        let mut story = Story::new("2.3", engine);
        for path in ["eu/acme", "eu/big", "eu/db2", "eu/outside"] {
            story.merge(retire(path));
            assert_eq!(story.sync(), [""; 0]);
            story.merge(remove(path));
            assert_eq!(story.sync(), [""; 0]);
        }
        // The volume of a bench goes with it, so somebody has to allow that.
        story.merge(retire("eu/b16"));
        assert_eq!(story.sync(), [""; 0]);
        assert_eq!(story.denied(remove("eu/b16")), ["FrappeBench erp/b16"]);
        story.force(remove("eu/b16"));
        assert_eq!(story.sync(), [""; 0]);
        for controller in ["flux", "argocd"] {
            let mut left = story.world.live("eu", controller);
            left.sort();
            assert_eq!(left, ["FrappeBench b15", "MariaDB db", "SealedSecret db-root"]);
        }
        assert!(story.world.tally.pruned > 0 && story.world.tally.known == 0);
    }
}

/// The layer of the sites never sees the retirement: it waits for something else.
#[test]
fn a_retirement_that_one_layer_skipped_takes_the_whole_site() {
    let mut story = Story::new("2.3", "flux");
    story.merge(retire("eu/acme"));
    assert_eq!(story.sync_data(), [""; 0]);
    story.merge(remove("eu/acme"));
    assert_eq!(story.sync_data(), [""; 0]);
    assert_eq!(story.sync(), [""; 0]);
    let left = story.world.live("eu", "flux");
    assert!(!left.iter().any(|live| live.contains(" acme")), "{left:?}");
}

/// A FrappeSite that changes its layer has no mark in between.
#[test]
fn a_site_that_is_taken_back_is_not_deleted() {
    let mut story = Story::new("2.3", "flux");
    for reach in [Reach::Data, Reach::All] {
        story.merge(retire("eu/acme"));
        assert_eq!(story.world.sync(&story.last, reach), [""; 0]);
        story.merge(|fleet| fleet.at("eu/acme").retired = false);
        assert_eq!(story.world.sync(&story.last, reach), [""; 0]);
        assert_eq!(story.sync(), [""; 0]);
    }
    let went = story.world.went.iter().filter(|went| went.starts_with("flux"));
    assert_eq!(went.collect::<Vec<_>>(), Vec::<&String>::new());
}

/// frappe-operator 2.6 drops a site's database with its FrappeSite, so that one stays, whatever the
/// engine and the definition say.
#[test]
fn under_2_6_a_retired_site_stays_with_its_database() {
    for engine in ENGINES {
        for protect in [true, false] {
            let mut story = Story::of("2.6", engine, |fleet| fleet.at("eu/acme").protect = protect);
            story.merge(retire("eu/acme"));
            assert_eq!(story.sync(), [""; 0]);
            story.merge(remove("eu/acme"));
            assert_eq!(story.sync(), [""; 0]);
            for controller in ["flux", "argocd"] {
                assert!(story.has(controller, "FrappeSite acme"), "{controller} of {engine}");
                assert!(!story.has(controller, "Database acme-db"));
            }
            assert_eq!(story.world.tally.known, 0);
        }
    }
}

/// frappe-operator 5.2 deletes nothing with a FrappeSite. The key decrypts fields of the site, so it
/// stays with the data, whatever the engine and the definition say.
#[test]
fn under_5_2_a_retired_site_goes_and_leaves_its_key() {
    for engine in ENGINES {
        for protect in [true, false] {
            let mut story = Story::of("5.2", engine, |fleet| fleet.at("eu/acme").protect = protect);
            let denied = story.denied(remove("eu/acme"));
            assert!(denied.contains(&"SealedSecret erp/acme-fernet-key".to_owned()), "{denied:?}");
            for path in ["eu/acme", "eu/big"] {
                story.merge(retire(path));
                assert_eq!(story.sync(), [""; 0]);
                story.merge(remove(path));
                assert_eq!(story.sync(), [""; 0]);
            }
            for controller in ["flux", "argocd"] {
                let mut left = story.world.live("eu", controller);
                left.retain(|live| live.contains(" acme") || live.contains(" big"));
                left.sort();
                assert_eq!(left, ["SealedSecret acme-fernet-key", "SealedSecret big-fernet-key"]);
            }
        }
    }
}

/// With the data, its key goes too.
#[test]
fn under_5_2_the_key_goes_with_the_data_once_that_was_allowed() {
    for engine in ENGINES {
        let mut story = Story::new("5.2", engine);
        story.merge(retire("eu/acme"));
        assert_eq!(story.sync(), [""; 0]);
        let delete = |fleet: &mut Fleet| fleet.at("eu/acme").drops_data = true;
        assert_eq!(story.denied(delete), ["Database erp/acme-db"]);
        story.force(delete);
        assert_eq!(story.sync(), [""; 0]);
        let denied = story.denied(remove("eu/acme"));
        assert_eq!(denied, ["Database erp/acme-db", "SealedSecret erp/acme-fernet-key"]);
        story.force(remove("eu/acme"));
        assert_eq!(story.sync(), [""; 0]);
        for controller in ["flux", "argocd"] {
            assert!(!story.has(controller, "SealedSecret acme-fernet-key"));
        }
    }
}

/// What `data: delete` says is denied twice, and done once it was allowed twice.
#[test]
fn data_goes_when_it_was_said_and_allowed() {
    for engine in ENGINES {
        let mut story = Story::new("2.6", engine);
        story.merge(retire("eu/acme"));
        assert_eq!(story.sync(), [""; 0]);
        let delete = |fleet: &mut Fleet| fleet.at("eu/acme").drops_data = true;
        assert_eq!(story.denied(delete), ["Database erp/acme-db"]);
        story.force(delete);
        assert_eq!(story.sync(), [""; 0]);
        let denied = story.denied(remove("eu/acme"));
        assert_eq!(denied, ["Database erp/acme-db", "FrappeSite erp/acme"]);
        story.force(remove("eu/acme"));
        assert_eq!(story.sync(), [""; 0]);
        for controller in ["flux", "argocd"] {
            assert!(!story.has(controller, "FrappeSite acme"));
        }
    }
}

/// Files are no objects.
#[test]
fn a_layout_that_is_switched_changes_no_object() {
    let mut story = Story::new("2.6", "flux");
    let before = story.count();
    let (_, commit) = story.commit(|fleet| fleet.layout = "site");
    assert!(commit.changes_since(&story.last).is_empty());
    story.merge(|fleet| fleet.layout = "site");
    assert_eq!(story.sync(), [""; 0]);
    assert_eq!((story.count(), story.world.went.len()), (before, 0));
}

#[test]
fn a_file_that_moves_between_folders_changes_no_object() {
    let mut story = Story::new("2.6", "flux");
    let (moved, commit) = story.commit(|fleet| {
        for path in ["acme", "big", "db", "b15"] {
            let definition = fleet.definitions.remove(&format!("eu/{path}")).unwrap();
            fleet.definitions.insert(format!("eu/shops/{path}"), definition);
            let text = fleet.records.remove(&format!("sites/eu/{path}.secrets.yaml"));
            fleet.records.extend(text.map(|t| (format!("sites/eu/shops/{path}.secrets.yaml"), t)));
        }
    });
    assert!(commit.changes_since(&story.last).is_empty());
    let before = story.count();
    story.merged(moved, commit);
    assert_eq!(story.sync(), [""; 0]);
    assert_eq!(story.count(), before);
}

#[test]
fn an_engine_that_is_switched_loses_nothing() {
    for (from, to) in [("flux", "argocd"), ("argocd", "flux"), ("flux", "none"), ("none", "flux")] {
        let mut story = Story::new("2.6", from);
        let before = story.count();
        story.merge(|fleet| fleet.clusters.get_mut("eu").unwrap().engine = to);
        assert_eq!(story.sync(), [""; 0]);
        assert_eq!(story.count(), before);
        assert!(story.denied(remove("eu/acme")).len() > 3);
    }
}

/// What this test could not see, the property would not see either.
#[test]
fn without_marks_and_gate_databases_are_lost() {
    let mut story = Story::new("2.6", "flux");
    story.force(|fleet| {
        fleet.templates = Templates::DropDatabases;
        for path in ["eu/acme", "eu/big"] {
            fleet.at(path).protect = false;
        }
    });
    assert_eq!(story.sync(), [""; 0], "nothing goes yet");
    story.force(|fleet| {
        remove("eu/acme")(fleet);
        remove("eu/big")(fleet);
    });
    let wrong = story.sync();
    for object in ["Database erp/acme-db", "MariaDB erp/big-mariadb", "SealedSecret erp/acme-admin"]
    {
        for controller in ["flux", "argocd"] {
            let start = format!("eu under {controller}: {object}: ");
            assert!(wrong.iter().any(|wrong| wrong.starts_with(&start)), "{start}: {wrong:#?}");
        }
    }
}

#[test]
fn a_volume_that_goes_with_its_server_is_lost() {
    for (templates, object) in [
        (Templates::DropVolumes, "MariaDB erp/big-mariadb"),
        (Templates::DropDatabases, "Database erp/big-db"),
    ] {
        let mut story = Story::new("2.3", "none");
        let denied = story.denied(|fleet| fleet.templates = templates);
        assert!(denied.iter().any(|denied| denied == object), "{denied:?}");
        story.force(|fleet| fleet.templates = templates);
        story.force(retire("eu/big"));
        assert_eq!(story.sync(), [""; 0]);
        let denied = story.denied(remove("eu/big"));
        assert_eq!(denied, [object], "what takes data along is denied, retired or not");
        story.force(remove("eu/big"));
        let wrong = story.sync();
        assert!(wrong.len() == 2 && wrong.iter().all(|w| w.contains(object)), "{wrong:#?}");
    }
}

#[test]
fn live_marks_keep_what_the_gate_was_not_asked_about() {
    for engine in ["flux", "argocd"] {
        let mut story = Story::new("2.6", engine);
        story.force(remove("eu/acme"));
        let wrong = story.sync();
        for object in ["Database acme-db", "FrappeSite acme", "SealedSecret acme-db-credentials"] {
            assert!(story.has(engine, object), "{engine}: {object}");
        }
        // The other one was pointed there, and finds no mark that it heeds.
        assert!(!wrong.is_empty() && wrong.iter().all(|w| !w.contains(&format!("under {engine}"))));
    }
}

#[test]
fn protection_that_was_never_live_does_not_protect() {
    for engine in ["flux", "argocd"] {
        for seen in [true, false] {
            let mut story = Story::of("2.6", engine, |fleet| fleet.at("eu/acme").protect = false);
            story.merge(|fleet| fleet.at("eu/acme").protect = true);
            if seen {
                assert_eq!(story.sync(), [""; 0]);
            }
            story.force(remove("eu/acme"));
            let under = format!("under {engine}: Database");
            let went = story.sync().iter().any(|wrong| wrong.contains(&under));
            assert_eq!((went, story.has(engine, "Database acme-db")), (!seen, seen));
        }
    }
}

/// Why the gate cannot go by the marks in a commit: nobody there knows which are live.
#[test]
fn a_secret_that_goes_is_denied_whatever_protects_it() {
    for engine in ENGINES {
        let mut story = Story::of("2.6", engine, |fleet| fleet.at("eu/acme").protect = false);
        let elsewhere = |fleet: &mut Fleet| fleet.at("eu/acme").other_admin = true;
        assert_eq!(story.denied(elsewhere), ["SealedSecret erp/acme-admin"]);
        story.merge(|fleet| fleet.at("eu/acme").protect = true);
        assert_eq!(story.denied(elsewhere), ["SealedSecret erp/acme-admin"]);
        story.merge(retire("eu/acme"));
        assert_eq!(story.sync(), [""; 0]);
        story.merge(elsewhere);
        assert_eq!(story.sync(), [""; 0]);
    }
}

/// The gate sees that a definition was retired, and not whether a controller did: what has live marks
/// stays as an orphan, what never had any goes.
#[test]
fn a_retirement_that_no_controller_saw_takes_no_mark_off() {
    for (protect, unseen) in [(true, 0), (false, 4)] {
        let mut story = Story::of("2.3", "flux", |fleet| fleet.at("eu/acme").protect = protect);
        story.merge(retire("eu/acme"));
        story.merge(remove("eu/acme"));
        assert_eq!(story.sync(), [""; 0]);
        assert_eq!(story.has("flux", "Database acme-db"), protect);
        // Argo CD finds no marks either way: a Database, a FrappeSite and two Secrets.
        assert_eq!(story.world.tally.unseen, 4 + unseen);
    }
}

#[test]
fn without_its_application_everything_protected_stays() {
    for engine in ENGINES {
        let mut story = Story::new("2.6", engine);
        story.merge(retire("eu/acme"));
        assert_eq!(story.sync(), [""; 0]);
        let before = story.count();
        let left = {
            story.world.remove_engines();
            story.count()
        };
        for (at, controller) in ["flux", "argocd"].into_iter().enumerate() {
            assert!(!story.has(controller, "Database acme-db"), "it was retired");
            // Of the retired site's six objects the FrappeSite is left; of what the other engine was
            // never told to leave, both of them.
            let expected = if controller == engine { before[at] - 5 } else { 2 };
            assert_eq!(left[at], expected, "{controller} where {engine} is stated");
        }
    }
}

#[test]
fn a_field_that_cannot_change_is_refused_and_the_rest_goes_on() {
    let mut story = Story::new("2.6", "flux");
    let before = story.count();
    story.merge(|fleet| {
        fleet.at("eu/db2").class = Some(1);
        fleet.put_site("eu/globex", Mode::Shared);
    });
    assert_eq!(story.sync(), [""; 0]);
    assert_eq!(story.world.tally.refused, 2, "once under each controller");
    assert_eq!(story.count(), before.map(|count| count + 6));
    // Unset again, it is what is live.
    story.merge(|fleet| fleet.at("eu/db2").class = None);
    assert_eq!(story.sync(), [""; 0]);
    assert_eq!(story.world.tally.refused, 2);
}

#[test]
fn an_empty_tree_is_a_mistake() {
    let mut story = Story::new("2.6", "none");
    let before = story.count();
    story.force(|fleet| fleet.definitions.clear());
    assert_eq!(story.sync(), [""; 0]);
    assert_eq!(story.count(), before);
}
