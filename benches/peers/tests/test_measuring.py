"""What a run takes, and how it is told."""

import sys
import tempfile
import unittest
from pathlib import Path

from comparison.measuring import Failed, Result, Run, measure
from comparison.report import seconds, table

MIB = 2**20


class Measuring(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)

    def measure(self, script, limit=60.0):
        command = [sys.executable, "-I", "-S", "-c", script]
        return measure(command, self.root, self.root / "log", limit, self.root)

    def test_memory_and_time_of_grandchildren_count(self):
        grandchild = "x = bytearray(200 * 2**20)\\nfor _ in range(5 * 10**6): pass"
        run = self.measure(
            "import subprocess, sys\n"
            f"subprocess.run([sys.executable, '-I', '-S', '-c', '{grandchild}'], check=True)"
        )
        self.assertGreater(run.peak * 1024, 200 * MIB)
        self.assertGreater(run.cpu, 0.02)

    def test_memory_of_the_measuring_program_does_not_count(self):
        ballast = bytearray(200 * MIB)
        run = self.measure("pass")
        self.assertLess(run.peak * 1024, 100 * MIB)
        self.assertEqual(len(ballast), 200 * MIB)

    def test_who_takes_too_long_is_ended(self):
        self.assertIsNone(self.measure("import time; time.sleep(60)", limit=0.2))

    def test_who_fails_is_quoted(self):
        with self.assertRaises(Failed) as failure:
            self.measure("import sys; print('no such thing'); sys.exit(3)")
        self.assertIn("ended with 3\nno such thing", str(failure.exception))


class Report(unittest.TestCase):
    def test_who_was_too_slow_has_no_numbers(self):
        done = Result([Run(2.0, 3.0, 2048), Run(1.0, 1.0, 1024), Run(4.0, 2.0, 1024)], False, 6, 6)
        results = {"sitewright": done, "slow": Result(over=True), "slower": None}
        lines = table(1000, 6, results, 600)
        self.assertEqual(lines[0], "### 1,000 sites, 6 objects")
        row = "| sitewright | 1.00 s | 2.00 s | 1.0 | 2.00 s | 2 MiB | 6 | 6 | 3 |"
        self.assertEqual(lines[4], row)
        self.assertIn("| slow | over 600 s |", lines[5])
        self.assertIn("| slower | not run: over 600 s with fewer sites |", lines[6])
        self.assertEqual({line.count("|") for line in lines[2:]}, {10})

    def test_three_digits_count(self):
        texts = [seconds(value) for value in (0.0123, 1.234, 12.34, 123.4)]
        self.assertEqual(texts, ["0.012 s", "1.23 s", "12.3 s", "123 s"])


if __name__ == "__main__":
    unittest.main()
