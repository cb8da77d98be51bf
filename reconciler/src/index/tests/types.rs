//! Types that come and go, and sites that come while their watches list.

use super::*;

#[test]
fn a_type_that_is_not_installed() {
    let mut index = with_acme(None);
    index.apply(Event::Unavailable(database(), Unavailable::NotInstalled), NOW);
    assert!(index.is_ready());
    let error = "Database erp/acme: its type is not installed in the cluster";
    let missing = change(&mut index, NOW);
    expect(&missing, Phase::Pending, Reason::TypeMissing, Some(error));
    acknowledge(&mut index, &missing, NOW);
    index.apply(Event::Begin(database()), NOW);
    assert_eq!(changes(&mut index, NOW), []);
    index.apply(database_is("acme", ready("True", "")), NOW);
    index.apply(Event::Done(database()), NOW);
    expect(&change(&mut index, NOW), Phase::Ready, Reason::DatabaseReady, None);
}

#[test]
fn a_type_without_rules() {
    let mut index = Index::new(GRACE, &[]);
    let object = json!({"apiVersion": "example.com/v1", "kind": "Widget", "name": "x"});
    let site = json!({
        "metadata": {"name": "acme", "namespace": "erp", "generation": 1},
        "spec": {"siteName": "a", "provider": "p", "mode": "m", "objects": [object, object]},
    });
    index.apply(Event::Site(Box::new(serde_json::from_value(site).unwrap())), NOW);
    let error =
        "Widget erp/x: this version of the reconciler does not know Widget of example.com/v1";
    expect(&change(&mut index, NOW), Phase::Pending, Reason::TypeMissing, Some(error));
}

#[test]
fn a_site_that_comes_later_asks_for_its_objects() {
    let mut index = with_acme(None);
    index.apply(Event::Done(database()), NOW);
    assert_eq!(index.take_lookups(), []);
    // The watch has passed this one by, since nobody referred to it.
    index.apply(database_is("globex", ready("True", "")), NOW);
    index.apply(site("globex"), NOW);
    let lookups = index.take_lookups();
    assert_eq!(lookups.len(), 1);
    assert_eq!((&*lookups[0].namespace, &*lookups[0].name), ("erp", "globex"));
    assert_eq!(changes(&mut index, NOW).len(), 1, "acme alone");
    let found = object("erp", "globex", ready("True", ""));
    index.apply(Event::LookedUp(lookups[0].clone(), Some(found)), NOW);
    expect(&change(&mut index, NOW), Phase::Ready, Reason::DatabaseReady, None);
    // An older event than the lookup changes nothing.
    let mut old = object("erp", "globex", failing());
    old.metadata.resource_version = Some("99".into());
    index.apply(Event::Object(database(), old), NOW);
    assert_eq!(changes(&mut index, NOW), []);
    // A new listing without it does.
    index.apply(Event::Begin(database()), NOW);
    index.apply(Event::Done(database()), NOW);
    assert_eq!(change(&mut index, NOW).status.conditions[0].reason, Reason::ObjectMissing);
}

#[test]
fn a_site_that_comes_during_a_listing_asks_too() {
    let mut index = with_acme(None);
    index.apply(database_is("globex", ready("True", "")), NOW);
    index.apply(site("globex"), NOW);
    assert_eq!(index.take_lookups(), []);
    index.apply(Event::Done(database()), NOW);
    let lookups = index.take_lookups();
    assert_eq!(lookups.iter().map(|it| &*it.name).collect::<Vec<_>>(), ["globex"]);
    index.apply(Event::LookedUp(lookups[0].clone(), None), NOW);
    let changed = changes(&mut index, NOW);
    assert!(changed.iter().any(|it| &*it.name == "globex"), "{changed:?}");
}

/// Each try to list a type that is not installed is a listing that begins and does not end.
#[test]
fn a_site_that_comes_while_a_type_is_tried_is_complete() {
    let mut index = with_acme(None);
    let missing = || Event::Unavailable(database(), Unavailable::NotInstalled);
    index.apply(missing(), NOW);
    index.apply(Event::Begin(database()), NOW);
    index.apply(site("globex"), NOW);
    index.apply(missing(), NOW);
    assert_eq!(changes(&mut index, NOW).len(), 2);
    index.apply(Event::Begin(database()), NOW);
    index.apply(Event::Done(database()), NOW);
    let reasons: Vec<_> =
        changes(&mut index, NOW).iter().map(|it| it.status.conditions[0].reason).collect();
    assert_eq!(reasons, [Reason::ObjectMissing; 2]);
    assert_eq!(index.take_lookups(), []);
}

#[test]
fn what_a_site_no_longer_has_leaves_no_trace() {
    let mut index = with_acme(None);
    index.apply(Event::Done(database()), NOW);
    index.apply(site("globex"), NOW);
    let Event::Site(acme) = site("acme") else { unreachable!() };
    index.apply(Event::SiteGone(acme), NOW);
    assert_eq!(index.objects.len(), 2);
    // A listing of sites without the other one.
    index.apply(Event::SitesBegin(None), NOW);
    index.apply(Event::SitesDone(None), NOW);
    assert_eq!((index.sites.len(), index.objects.len(), index.names.len()), (0, 0, 0));
    assert_eq!((index.sites_by_key.len(), index.objects_by_key.len()), (0, 0));
    assert_eq!(index.demand(), []);
    assert_eq!(changes(&mut index, NOW), []);
    assert_eq!(index.phases(), [0; 4]);
}

#[test]
fn each_namespace_has_watches_of_its_own_where_namespaces_are_stated() {
    let mut index = Index::new(GRACE, &["erp".to_owned()]);
    index.apply(Event::SitesBegin(Some("erp".into())), NOW);
    index.apply(site("acme"), NOW);
    assert_eq!(index.demand(), []);
    index.apply(Event::SitesDone(Some("erp".into())), NOW);
    let namespaces: Vec<_> =
        index.demand().into_iter().map(|scope| scope.namespace.unwrap()).collect();
    assert_eq!(namespaces, ["servers".into(), "erp".into()] as [Arc<str>; 2]);
    let Event::Site(acme) = site("acme") else { unreachable!() };
    index.apply(Event::SiteGone(acme), NOW);
    assert_eq!((index.demand(), index.names.len()), (Vec::new(), 0));
}
