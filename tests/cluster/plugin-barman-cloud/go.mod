module sitewright.dev/tests/cluster/plugin-barman-cloud

go 1.26.8

// Only its CRDs are used.
require github.com/cloudnative-pg/plugin-barman-cloud v0.14.0
