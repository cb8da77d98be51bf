"""What the peers are told, as far as it needs no tool."""

import unittest

from comparison.facts import namespace_of, site_of
from comparison.with_jsonnet import as_jsonnet
from comparison.with_kustomize import KIND, replacements

DATABASE = {"spec": {"name": "_ab_shop"}}
GRANT = {"spec": {"database": "\\_ab\\_shop"}}


class Facts(unittest.TestCase):
    def test_a_shared_site(self):
        definition = {"kind": "Site", "siteName": "shop.example.com", "plan": "small"}
        site = site_of("shop", definition, DATABASE, GRANT, {"admin": "x", "dbPassword": "y"})
        self.assertEqual((site.name, site.plan, site.dedicated), ("shop", "small", False))
        self.assertEqual(site.values["database"], {"name": "_ab_shop", "pattern": "\\_ab\\_shop"})
        self.assertEqual(site.values["sealed"], {"admin": "x", "dbPassword": "y"})
        self.assertNotIn("plan", site.values)
        self.assertNotIn("annotations", site.values)

    def test_a_dedicated_site(self):
        stated = {"mode": "dedicated", "storageSize": "1Gi", "resources": {"requests": {"cpu": "1"}}}
        definition = {
            "kind": "Site",
            "siteName": "shop.example.com",
            "annotations": {"example.com/contract": "gold"},
            "database": stated,
        }
        site = site_of("shop", definition, DATABASE, GRANT, {})
        self.assertTrue(site.dedicated)
        self.assertEqual(site.values["database"]["server"], "shop-mariadb")
        self.assertEqual(site.values["database"]["storageSize"], "1Gi")
        self.assertEqual(site.values["annotations"], {"example.com/contract": "gold"})

    def test_a_namespace(self):
        server = {"storageSize": "9Gi", "resources": {}, "myCnf": {"a": "b"}, "maxSites": 3}
        namespace = namespace_of("tenants", "frankfurt", server, "x")
        self.assertEqual(namespace.values["namespace"], "tenants")
        self.assertEqual(namespace.values["database"]["storageSize"], "9Gi")
        self.assertEqual(namespace.values["sealed"], {"root": "x"})


class Jsonnet(unittest.TestCase):
    def test_maps_are_merged_and_texts_quoted(self):
        text = as_jsonnet({"name": 'a"b\\', "database": {"mode": "dedicated"}})
        self.assertEqual(
            text, '{\n  "name": "a\\"b\\\\",\n  "database"+: {"mode": "dedicated"},\n}\n'
        )


class Kustomize(unittest.TestCase):
    def test_every_placeholder_is_replaced_and_the_name_last(self):
        manifest = {
            "kind": "User",
            "metadata": {
                "name": "NAME-user",
                "namespace": "NAMESPACE",
                "labels": {"app.kubernetes.io/part-of": "NAME"},
            },
            "spec": {"name": "DATABASE", "host": "%", "secret": {"name": "NAME-db-credentials"}},
        }
        found = replacements([manifest])
        sources = [replacement["source"] for replacement in found]
        self.assertEqual({source["kind"] for source in sources}, {KIND})
        self.assertEqual(
            [source["fieldPath"] for source in sources],
            ["spec.database.name", "metadata.namespace", "metadata.name"],
        )
        whole, parts = found[-1]["targets"]
        self.assertEqual(whole["fieldPaths"], ["metadata.labels.[app.kubernetes.io/part-of]"])
        self.assertEqual(parts["fieldPaths"], ["metadata.name", "spec.secret.name"])
        self.assertEqual(parts["options"], {"delimiter": "-", "index": 0})


if __name__ == "__main__":
    unittest.main()
