"""What a run takes, and what several runs of the same took."""

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

MEASURE = Path(__file__).with_name("measure.py")


class Failed(Exception):
    """A command did not end well."""


@dataclass
class Run:
    """One run."""

    wall: float
    cpu: float
    peak: int


@dataclass
class Result:
    """All runs of a contestant at a size."""

    runs: list[Run] = field(default_factory=list)
    over: bool = False
    files: int = 0
    objects: int = 0

    @property
    def best(self) -> float:
        return min(run.wall for run in self.runs)

    @property
    def median(self) -> float:
        return statistics.median(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        return statistics.median(run.cpu for run in self.runs)

    @property
    def peak(self) -> int:
        return max(run.peak for run in self.runs)

    @property
    def seconds(self) -> float:
        return sum(run.wall for run in self.runs)


def measure(command: list[str], folder: Path, log: Path, limit: float, temporary: Path) -> Run | None:
    """Runs a command in a folder; nothing if it took longer than it may."""
    # What earlier runs wrote is on the disk before the clock starts.
    os.sync()
    environment = os.environ | {"TMPDIR": str(temporary)}
    start = [sys.executable, "-I", "-S", str(MEASURE), str(limit), str(folder), str(log)]
    with subprocess.Popen(start + command, env=environment, stdout=subprocess.PIPE) as process:
        try:
            said, _ = process.communicate()
        except BaseException:
            # It ends the command, which would otherwise go on.
            process.terminate()
            raise
    if process.returncode != 0:
        raise Failed(f"{' '.join(command)}: the measurement was ended")
    taken = json.loads(said)
    if taken["over"]:
        return None
    if taken["status"] != 0:
        lines = log.read_text(errors="replace").splitlines()[-20:]
        raise Failed(f"{' '.join(command)}: ended with {taken['status']}\n" + "\n".join(lines))
    return Run(taken["wall"], taken["cpu"], taken["peak"])
