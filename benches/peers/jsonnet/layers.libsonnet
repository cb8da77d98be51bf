// What holds for everything, for a cluster, and for a plan.
{
  common: {
    bench: 'erpnext-v16',
    apps: [],
    maxUserConnections: 100,
    annotations: {},
    siteAnnotations: {},
    syncWaves: false,
    database: { mode: 'shared', server: 'mariadb' },
    ingress: { className: 'nginx' },
    tls: { issuer: 'letsencrypt' },
    myCnf: {
      bind_address: '*',
      character_set_server: 'utf8mb4',
      collation_server: 'utf8mb4_unicode_ci',
      default_storage_engine: 'InnoDB',
      innodb_file_per_table: 'ON',
      max_allowed_packet: '256M',
      skip_character_set_client_handshake: '',
    },
  },

  clusters: {
    // Flux, frappe-operator 2.6.
    frankfurt: {
      // frappe-operator 2.3 installs erpnext by itself.
      apps: ['erpnext'],
      annotations+: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
      siteAnnotations+: { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' },
      privileges: [
        'SELECT',
        'INSERT',
        'UPDATE',
        'DELETE',
        'CREATE',
        'DROP',
        'INDEX',
        'ALTER',
        'CREATE TEMPORARY TABLES',
        'CREATE VIEW',
        'EVENT',
        'TRIGGER',
        'SHOW VIEW',
        'CREATE ROUTINE',
        'ALTER ROUTINE',
        'EXECUTE',
        'LOCK TABLES',
      ],
    },
    // Argo CD, frappe-operator 2.3, which expects a grant of everything.
    mumbai: {
      annotations+: { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' },
      syncWaves: true,
      privileges: ['ALL PRIVILEGES'],
    },
  },

  plans: {
    none: {},
    small: { maxUserConnections: 20 },
    large: { maxUserConnections: 200 },
  },
}
