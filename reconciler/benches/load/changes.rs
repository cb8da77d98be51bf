//! How long it takes from the change of a status to the status that the reconciler makes of it. Both are seen from
//! outside: the first when it is sent, the second when a watch shows it.

use crate::{PATIENCE, Result, fleet};
use futures::{StreamExt as _, TryStreamExt as _};
use kube::Client;
use kube::api::{Api, DynamicObject, ListParams, WatchEvent, WatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::time::{interval, timeout};

/// Between two changes.
const EVERY: Duration = Duration::from_millis(20);
const ERROR: &str = "Error creating database: Error 1044 (42000): Access denied";

/// Changes one object of so many sites, all over the fleet; the sorted times.
pub(crate) async fn run(client: &Client, sites: usize, count: usize) -> Result<Vec<Duration>> {
    let (group, version) = (sitewright_api::GROUP, sitewright_api::VERSION);
    let kind = GroupVersionKind::gvk(group, version, sitewright_api::KIND);
    let resource = ApiResource::from_gvk_with_plural(&kind, sitewright_api::PLURAL);
    let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
    let newest = api.list_metadata(&ListParams::default().limit(1)).await?.metadata;
    let from = newest.resource_version.ok_or("a list has a version")?;
    let watch = api.watch(&WatchParams::default().timeout(290), &from).await?;

    let changed = |number| number * (sites / count);
    let writer = tokio::spawn(write(client.clone(), (0..count).map(changed).collect()));
    let seen = timeout(PATIENCE, read(watch.boxed(), count)).await??;
    let sent = writer.await??;
    let time = |(name, sent): (String, Instant)| {
        let seen = seen.get(&name).ok_or_else(|| format!("{name} was not patched"))?;
        Ok(seen.duration_since(sent))
    };
    let mut times: Vec<Duration> = sent.into_iter().map(time).collect::<Result<_>>()?;
    times.sort();
    Ok(times)
}

async fn write(client: Client, sites: Vec<usize>) -> Result<Vec<(String, Instant)>> {
    let failed = fleet::condition("Ready", "False", "Failed", ERROR);
    let (mut sent, mut clock) = (Vec::new(), interval(EVERY));
    for site in sites {
        clock.tick().await;
        sent.push((fleet::name(site), Instant::now()));
        fleet::change(&client, site, &failed).await?;
    }
    Ok(sent)
}

/// When the error of each site was seen.
async fn read(
    mut watch: futures::stream::BoxStream<'_, kube::Result<WatchEvent<DynamicObject>>>,
    count: usize,
) -> Result<HashMap<String, Instant>> {
    let mut seen = HashMap::new();
    while seen.len() < count {
        let Some(event) = watch.try_next().await? else { return Err("the watch has ended".into()) };
        let WatchEvent::Modified(site) = event else { continue };
        let error = &site.data["status"]["databaseStatus"]["lastError"];
        if error.as_str().is_some_and(|error| error.contains(ERROR)) {
            seen.entry(site.metadata.name.unwrap_or_default()).or_insert_with(Instant::now);
        }
    }
    Ok(seen)
}
