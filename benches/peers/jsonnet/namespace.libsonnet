// A namespace and its sites in, a map of file names to objects out, as `jsonnet --multi` writes it.
local layers = import 'layers.libsonnet';
local objects = import 'objects.libsonnet';

function(cluster, namespace, sites)
  local base = layers.common + layers.clusters[cluster];
  local own = base + namespace;
  {
    'mariadb/mariadb.json': objects.sharedServer(own),
    'mariadb/sealedsecret-root.json': objects.sharedRootPassword(own),
    'erpnext-v16/frappebench.json': objects.bench(own),
  } + {
    [values.name + '/' + file.key]: file.value
    for site in sites
    for values in [base + layers.plans[site.plan] + { namespace: namespace.namespace } + site]
    for file in std.objectKeysValues(
      {
        'database.json': objects.database(values),
        'user.json': objects.user(values),
        'grant.json': objects.grant(values),
        'frappesite.json': objects.frappeSite(values),
        'sealedsecret-admin.json': objects.adminPassword(values),
        'sealedsecret-db-credentials.json': objects.databasePassword(values),
      } + if values.database.mode == 'dedicated' then {
        'mariadb.json': objects.dedicatedServer(values),
        'sealedsecret-mariadb-root.json': objects.dedicatedRootPassword(values),
      } else {}
    )
  }
