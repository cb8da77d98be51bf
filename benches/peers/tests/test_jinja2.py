"""The templates of the peers make the objects that sitewright makes: run where Jinja2 and PyYAML are there."""

import argparse
import importlib.util
import tempfile
import unittest
from pathlib import Path

from comparison import contestants, toolbox
from comparison.main import Size
from comparison.report import Result

TOOLS = ("jinja2", "yaml")


@unittest.skipUnless(all(map(importlib.util.find_spec, TOOLS)), "without Jinja2 and PyYAML")
class Objects(unittest.TestCase):
    def test_a_small_fleet_has_equal_objects(self):
        asked = argparse.Namespace(limit=600)
        # The generator gives every fourth folder of fifty sites to the other cluster.
        sites = 160
        with tempfile.TemporaryDirectory() as folder:
            # The profile of the other tests, for which everything is built.
            size = Size(Path(folder) / "size", sites, toolbox.build("dev"), asked)
            contestant, result = contestants.jinja2(1), Result()
            size.prepare(contestant)
            size.run(contestant, 1, result)
            self.assertEqual(len(result.runs), 1)
            self.assertGreater(result.objects, 6 * sites)


if __name__ == "__main__":
    unittest.main()
