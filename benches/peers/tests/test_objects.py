"""Only the same objects are equal, however they are written."""

import json
import tempfile
import unittest
from pathlib import Path

from comparison.objects import Unequal, difference, digest_of_tree, must_be_equal, objects_below


def user(name="acme-user", connections=100, **metadata):
    return {
        "apiVersion": "k8s.mariadb.com/v1alpha1",
        "kind": "User",
        "metadata": {"name": name, "namespace": "shop"} | metadata,
        "spec": {"host": "%", "maxUserConnections": connections},
    }


class Objects(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)

    def folder(self, name, *documents, indent=None):
        """A folder with one file a document; `/` in its name makes folders."""
        folder = self.root / name
        for number, document in enumerate(documents):
            path = folder / str(number) / "object.json"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(document, indent=indent))
        return str(folder)

    def refused(self, ours, theirs):
        """What is said of two folders that differ."""
        with self.assertRaises(Unequal) as refusal:
            must_be_equal(objects_below(ours), objects_below(theirs))
        return str(refusal.exception)

    def test_order_and_layout_count_nothing(self):
        first, second = user("a"), user("b")
        ours = self.folder("ours", first, second)
        turned = [dict(reversed(document.items())) for document in (second, first)]
        theirs = self.folder("theirs", *turned, indent=2)
        must_be_equal(objects_below(ours), objects_below(theirs))
        self.assertNotEqual(digest_of_tree(ours), digest_of_tree(theirs))

    def test_what_is_missing_or_too_much_is_named(self):
        both = self.folder("both", user("a"), user("b"))
        one = self.folder("one", user("a"))
        self.assertIn("User shop/b (k8s.mariadb.com/v1alpha1) is missing", self.refused(both, one))
        self.assertIn("shop/b (k8s.mariadb.com/v1alpha1) is too much", self.refused(one, both))

    def test_a_field_that_differs_is_named(self):
        ours = self.folder("ours", user())
        for number, connections in enumerate([99, "100", 100.0, None, [100]]):
            theirs = self.folder(f"theirs-{number}", user(connections=connections))
            self.assertIn(".spec.maxUserConnections is", self.refused(ours, theirs))

    def test_nothing_in_a_field_is_not_no_field(self):
        ours = self.folder("ours", user())
        theirs = self.folder("theirs", user(labels={}))
        self.assertIn(".metadata.labels is too much", self.refused(ours, theirs))

    def test_another_namespace_is_another_object(self):
        ours = self.folder("ours", user())
        theirs = self.folder("theirs", user(namespace="other"))
        self.assertIn("missing", self.refused(ours, theirs))

    def test_no_object_may_be_there_twice(self):
        twice = self.folder("twice", user(), user())
        with self.assertRaises(Unequal):
            objects_below(twice)

    def test_what_is_no_object_is_refused(self):
        for number, document in enumerate([{}, [], "text", {"metadata": {"name": "a"}}]):
            folder = self.folder(f"strange-{number}", document)
            with self.assertRaises(Unequal):
                objects_below(folder)

    def test_many_differences_are_counted(self):
        ours = self.folder("ours", *[user(f"user-{number}") for number in range(30)])
        theirs = self.folder("theirs", user("user-0"))
        self.assertIn("and 19 more", self.refused(ours, theirs))

    def test_equal_trees_have_equal_digests(self):
        first, second = self.folder("first", user()), self.folder("second", user())
        self.assertEqual(digest_of_tree(first), digest_of_tree(second))

    def test_differences_inside_lists(self):
        self.assertEqual(difference([1, 2], [1, 2]), "")
        self.assertIn("[1] is 3", difference([1, 2], [1, 3]))
        self.assertIn("instead of", difference([1, 2], [2, 1, 0]))


if __name__ == "__main__":
    unittest.main()
