module sitewright.dev/tests/cluster/git-server

go 1.26.0
