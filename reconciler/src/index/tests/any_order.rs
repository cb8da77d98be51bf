//! Any order of events ends in the same statuses.

use super::*;
use proptest::prelude::*;

/// What the watches of a small world say.
#[derive(Clone, Debug)]
enum Step {
    Site(u8),
    SiteGone(u8),
    Database(u8, u8),
    DatabaseGone(u8),
    Server(u8),
    ServerGone,
    Relist,
    Unavailable,
    Resync,
    Acknowledge,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0..4u8).prop_map(Step::Site),
        (0..4u8).prop_map(Step::SiteGone),
        (0..4u8, 0..4u8).prop_map(|(name, state)| Step::Database(name, state)),
        (0..4u8).prop_map(Step::DatabaseGone),
        (0..4u8).prop_map(Step::Server),
        Just(Step::ServerGone),
        Just(Step::Relist),
        Just(Step::Unavailable),
        Just(Step::Resync),
        Just(Step::Acknowledge),
    ];
    proptest::collection::vec(step, 0..40)
}

/// What exists at the end.
#[derive(Clone, Debug)]
struct World {
    sites: [bool; 4],
    databases: [Option<u8>; 4],
    server: Option<u8>,
}

fn state(number: u8) -> Value {
    [Value::Null, ready("True", ""), ready("Unknown", "on its way"), failing()][usize::from(number)]
        .clone()
}

fn name(number: u8) -> String {
    format!("site-{number}")
}

/// The API server: what it holds, and how it answers.
struct Server {
    index: Index,
    statuses: BTreeMap<String, SiteDatabaseStatus>,
    /// What exists, once the history is over.
    world: Option<World>,
}

impl Server {
    fn apply(&mut self, event: Event) {
        self.index.apply(event, NOW);
        for lookup in self.index.take_lookups() {
            // During the history, an answer takes longer than the history.
            let Some(world) = &self.world else { continue };
            let to = match lookup.scope == server() {
                true => world.server,
                false => (0..4)
                    .find(|it| name(*it) == *lookup.name)
                    .and_then(|it| world.databases[usize::from(it)]),
            };
            let found = to.map(|to| object(&lookup.namespace, &lookup.name, state(to)));
            self.index.apply(Event::LookedUp(lookup, found), NOW);
        }
    }

    fn gone(&mut self, number: u8) {
        self.statuses.remove(&name(number));
        let Event::Site(site) = site(&name(number)) else { unreachable!() };
        self.apply(Event::SiteGone(site));
    }

    fn acknowledge(&mut self) {
        while let Some(change) = self.index.next_change(NOW) {
            let Change { namespace, name, hash, status, .. } = change;
            self.statuses.insert(name.to_string(), status.clone());
            let event = site_with(&name, Some(&status));
            self.index.apply(Event::Patched { namespace, name, hash, version: 0 }, NOW);
            self.apply(event);
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Site(number) => {
                let event = site_with(&name(number), self.statuses.get(&name(number)));
                self.apply(event);
            }
            Step::SiteGone(number) => self.gone(number),
            Step::Database(number, to) => self.apply(database_is(&name(number), state(to))),
            Step::DatabaseGone(number) => {
                self.apply(Event::Gone(database(), object("erp", &name(number), Value::Null)));
            }
            Step::Server(to) => self.apply(server_is(state(to))),
            Step::ServerGone => {
                self.apply(Event::Gone(server(), object("servers", "db", Value::Null)));
            }
            Step::Relist => {
                self.apply(Event::Begin(database()));
                self.apply(Event::Begin(server()));
            }
            Step::Unavailable => {
                self.apply(Event::Unavailable(database(), Unavailable::NotInstalled));
            }
            Step::Resync => self.index.resync(NOW),
            Step::Acknowledge => self.acknowledge(),
        }
    }

    /// Complete listings, as they come after any interruption.
    fn list(&mut self, world: &World) {
        self.world = Some(world.clone());
        self.apply(Event::SitesBegin(None));
        for number in (0..4).filter(|it| world.sites[usize::from(*it)]) {
            self.take(Step::Site(number));
        }
        self.apply(Event::SitesDone(None));
        for number in (0..4).filter(|it| !world.sites[usize::from(*it)]) {
            self.statuses.remove(&name(number));
        }
        self.apply(Event::Begin(server()));
        world.server.into_iter().for_each(|to| self.take(Step::Server(to)));
        self.apply(Event::Done(server()));
        self.apply(Event::Begin(database()));
        for number in 0..4 {
            let to = world.databases[usize::from(number)];
            to.into_iter().for_each(|to| self.take(Step::Database(number, to)));
        }
        self.apply(Event::Done(database()));
        self.acknowledge();
    }
}

/// The statuses without their times, which depend on what came before.
fn timeless(server: &Server) -> Vec<(String, SiteDatabaseStatus)> {
    let cleared = |(name, status): (&String, &SiteDatabaseStatus)| {
        let mut status = status.clone();
        status.conditions[0].last_transition_time.clear();
        (name.clone(), status)
    };
    server.statuses.iter().map(cleared).collect()
}

fn fresh() -> Server {
    Server { index: Index::new(GRACE, &[]), statuses: BTreeMap::new(), world: None }
}

proptest! {
    /// Whatever came before, in whatever order, twice or never: after a listing, the statuses are those of a
    /// reconciler that saw nothing else, and nothing is left to write.
    #[test]
    fn any_history_ends_in_the_same_statuses(
        steps in steps(),
        sites in any::<[bool; 4]>(),
        databases in any::<[Option<bool>; 4]>(),
        server in 0..4u8,
    ) {
        // Failures are left out at the end: how long they have lasted is history.
        let databases = databases.map(|it| it.map(u8::from));
        let server = (server < 3).then_some(server);
        let world = World { sites, databases, server };
        let mut clean = fresh();
        clean.list(&world);
        let mut used = fresh();
        steps.into_iter().for_each(|step| used.take(step));
        // What failed a moment ago counts a while longer.
        used.list(&World { databases: [Some(1); 4], server: Some(1), ..world.clone() });
        used.list(&world);
        prop_assert_eq!(timeless(&used), timeless(&clean));
        used.index.resync(NOW);
        prop_assert_eq!(used.index.next_change(NOW), None);
        let counted: usize = used.index.phases().iter().sum();
        prop_assert_eq!(counted, used.statuses.len());
        used.list(&World { sites: [false; 4], ..world });
        prop_assert_eq!(used.index.names.len(), 0);
        prop_assert_eq!(used.index.objects.len(), 0);
    }

    /// The events of different objects come in any order.
    #[test]
    fn the_order_of_the_watches_does_not_matter(
        order in Just((0..12usize).collect::<Vec<_>>()).prop_shuffle(),
        twice in 0..12usize,
        states in any::<[bool; 4]>(),
    ) {
        let events = |number: usize| match number {
            0..4 => site(&name(number as u8)),
            4..8 => database_is(&name(number as u8 - 4), state(states[number - 4].into())),
            8 => Event::Gone(database(), object("erp", "elsewhere", Value::Null)),
            9 => server_is(state(1)),
            10 => Event::Begin(server()),
            _ => Event::Begin(database()),
        };
        let mut any = fresh();
        for number in order.into_iter().chain([twice]) {
            any.apply(events(number));
            any.acknowledge();
        }
        let databases = states.map(|it| Some(u8::from(it)));
        let world = World { sites: [true; 4], databases, server: Some(1) };
        any.list(&world);
        let mut sorted = fresh();
        sorted.list(&world);
        prop_assert_eq!(timeless(&any), timeless(&sorted));
    }
}
