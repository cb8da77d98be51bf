// One function a kind: the values of a site or a namespace in, a Kubernetes object out.
local object(apiVersion, kind, values, name, component, family, wave, spec, partOf=values.name, annotations={}) = {
  apiVersion: apiVersion,
  kind: kind,
  metadata: {
    name: name,
    namespace: values.namespace,
    labels: {
      'app.kubernetes.io/component': component,
      'app.kubernetes.io/managed-by': 'sitewright',
      'app.kubernetes.io/name': family,
      'app.kubernetes.io/part-of': partOf,
    },
    annotations:
      values.annotations
      + (if values.syncWaves then { 'argocd.argoproj.io/sync-wave': '%d' % wave } else {})
      + annotations,
  },
  spec: spec,
};

local mariadb(kind) = function(values, name, component, wave, spec, partOf=values.name, annotations={})
  object('k8s.mariadb.com/v1alpha1', kind, values, name, component, 'mariadb', wave, spec, partOf, annotations);

// What every object of a site in MariaDB says.
local inDatabase(values) = {
  mariaDbRef: { name: values.database.server, namespace: values.namespace },
  requeueInterval: '1h',
  retryInterval: '10s',
};

local password(values, name, family, ciphertext, partOf=values.name, labels={}) =
  object('bitnami.com/v1alpha1', 'SealedSecret', values, name, 'password', family, -2, {
    encryptedData: { password: ciphertext },
    template: {
      type: 'Opaque',
      metadata: {
        name: name,
        namespace: values.namespace,
        labels: { 'app.kubernetes.io/part-of': partOf } + labels,
        annotations: { 'sitewright/generation': '1' },
      },
    },
  }, partOf);

local watched = { 'k8s.mariadb.com/watch': '' };

local server(values, name, partOf, generation, secret) =
  mariadb('MariaDB')(values, name, 'server', -1, {
    image: 'mariadb:10.11',
    imagePullPolicy: 'IfNotPresent',
    rootPasswordSecretKeyRef: { name: secret, key: 'password', generate: false },
    port: 3306,
    replicas: 1,
    replicasAllowEvenNumber: false,
    storage: { size: values.database.storageSize },
    resources: values.database.resources,
    myCnf:
      local line(setting, text) = if text == '' then setting else setting + '=' + text;
      std.lines(
        ['[mariadb]']
        + [line(setting, values.myCnf[setting]) for setting in std.objectFields(values.myCnf)]
        + ['', '[client]', 'default_character_set=utf8mb4']
      ),
    tls: { enabled: true, required: false },
    updateStrategy: { type: 'ReplicasFirstPrimaryLast' },
    suspend: false,
  }, partOf, { [generation]: '1' });

{
  database(values):
    mariadb('Database')(values, values.name + '-db', 'database', 0, inDatabase(values) {
      name: values.database.name,
      characterSet: 'utf8mb4',
      collate: 'utf8mb4_unicode_ci',
      cleanupPolicy: 'Skip',
    }),

  user(values):
    mariadb('User')(values, values.name + '-user', 'user', 0, inDatabase(values) {
      name: values.database.name,
      host: '%',
      passwordSecretKeyRef: { name: values.name + '-db-credentials', key: 'password' },
      maxUserConnections: values.maxUserConnections,
      cleanupPolicy: 'Delete',
    }, annotations={ 'sitewright/db-credentials-generation': '1' }),

  grant(values):
    mariadb('Grant')(values, values.name + '-grant', 'grant', 1, inDatabase(values) {
      privileges: values.privileges,
      database: values.database.pattern,
      table: '*',
      username: values.database.name,
      host: '%',
      grantOption: false,
      cleanupPolicy: 'Skip',
    }),

  frappeSite(values):
    object('vyogo.tech/v1alpha1', 'FrappeSite', values, values.name, 'site', 'frappe', 2, {
      benchRef: { name: values.bench, namespace: values.namespace },
      siteName: values.siteName,
      [if values.apps != [] then 'apps']: values.apps,
      domain: values.siteName,
      adminPasswordSecretRef: { name: values.name + '-admin', namespace: values.namespace },
      dbConfig: {
        provider: 'mariadb',
        mode: values.database.mode,
        mariadbRef: { name: values.database.server, namespace: values.namespace },
      },
      ingress: { enabled: true, className: values.ingress.className },
      ingressClassName: values.ingress.className,
      tls: { enabled: true, issuer: values.tls.issuer },
    }, annotations=values.siteAnnotations { 'sitewright/admin-generation': '1' }),

  adminPassword(values):
    password(values, values.name + '-admin', 'frappe', values.sealed.admin),

  databasePassword(values):
    password(values, values.name + '-db-credentials', 'mariadb', values.sealed.dbPassword, labels=watched),

  dedicatedServer(values):
    server(
      values,
      values.name + '-mariadb',
      values.name,
      'sitewright/mariadb-root-generation',
      values.name + '-mariadb-root'
    ),

  dedicatedRootPassword(values):
    password(values, values.name + '-mariadb-root', 'mariadb', values.sealed.mariadbRoot, labels=watched),

  sharedServer(values):
    server(values, 'mariadb', 'mariadb', 'sitewright/root-generation', 'mariadb-root'),

  sharedRootPassword(values):
    password(values, 'mariadb-root', 'mariadb', values.sealed.root, partOf='mariadb', labels=watched),

  bench(values):
    object('vyogo.tech/v1alpha1', 'FrappeBench', values, values.bench, 'bench', 'frappe', 1, {
      frappeVersion: 'version-16',
      apps: [{ name: 'erpnext', source: 'image' }],
      domainConfig: { autoDetect: false },
    }, partOf=values.bench),
}
