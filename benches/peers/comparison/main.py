"""Compares sitewright with its peers on generated fleets of the sizes asked for."""

import argparse
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from . import contestants, facts, objects, report, toolbox
from .contestants import Contestant
from .measuring import Failed, Result, measure
from .toolbox import say


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benches/peers/run", description=__doc__)
    parser.add_argument("sites", type=int, nargs="*", default=[100], help="sizes; 100 unless stated")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each; 3 unless stated")
    parser.add_argument(
        "--limit",
        type=float,
        default=600,
        metavar="SECONDS",
        help="a tool that takes longer is ended, and not run with more sites; 600 unless stated",
    )
    parser.add_argument("--folder", help="where to work; it is kept, and a temporary one is not")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="run these peers only, by their inputs")
    asked = parser.parse_args()
    if asked.runs < 1 or any(size < 1 for size in asked.sites):
        parser.error("sizes and runs are 1 or more")
    if asked.folder and Path(asked.folder).exists() and any(Path(asked.folder).iterdir()):
        parser.error(f"{asked.folder} is not empty")
    return asked


class Size:
    """One fleet: its objects, the peers' inputs, and the runs."""

    def __init__(self, folder: Path, sites: int, programs: toolbox.Programs, asked: argparse.Namespace):
        self.folder, self.sites, self.asked = folder, sites, asked
        self.project = folder / "fleet"
        folder.mkdir(parents=True)
        say(f"{sites:,} sites: generating and rendering")
        programs.generate(self.project, sites)
        # The first render makes and seals every password, which no peer does.
        subprocess.run([programs.sitewright, "-C", self.project, "render", "--quiet"], check=True)
        self.rendered = self.project / "rendered"
        self.expected = objects.objects_below(str(self.rendered))
        self.fleet = facts.read(str(self.project))
        # The digests of output trees that were found equal: the same bytes need not be parsed again.
        self.equal: set[bytes] = set()

    def prepare(self, contestant: Contestant) -> None:
        source = self.folder / contestant.input
        if contestant.prepare and not source.exists():
            contestant.prepare(self.fleet, source)

    def run(self, contestant: Contestant, number: int, result: Result) -> None:
        """One more run; its objects are verified before its time counts."""
        name = "".join(letter if letter.isalnum() else "-" for letter in contestant.title)
        output = self.folder / "output" / f"{name}-{number}"
        output.mkdir(parents=True)
        temporary = self.folder / "temporary" / f"{name}-{number}"
        temporary.mkdir(parents=True)
        source = self.folder / contestant.input
        log = output.with_suffix(".log")
        command = contestant.command(source, output)
        taken = measure(command, source, log, self.asked.limit, temporary)
        if taken is None:
            say(f"  {contestant.title}: over {self.asked.limit:g} s")
            result.over = True
            return
        self.verify(contestant, output if contestant.cold else self.rendered, result)
        result.runs.append(taken)
        say(f"  {contestant.title}: {report.seconds(taken.wall)}, objects equal")

    def verify(self, contestant: Contestant, output: Path, result: Result) -> None:
        digest = objects.digest_of_tree(str(output))
        if digest not in self.equal:
            try:
                objects.must_be_equal(self.expected, objects.objects_below(str(output)))
            except objects.Unequal as error:
                raise objects.Unequal(f"{contestant.title}, {self.sites} sites: {error}") from None
            self.equal.add(digest)
        result.files = len(objects.files_below(str(output)))
        result.objects = len(self.expected)


def measured(size: Size, field: list[Contestant], slow: set[str]) -> report.Results:
    """All runs at one size, in turns, so that what slows the machine for a while slows all.

    Who deletes many files has its turns after all others: Linux does not use again at once what was deleted on
    ext4, and looks for other places for minutes, which would count for whoever writes next.
    """
    results: report.Results = {
        contestant.title: None if contestant.title in slow else Result() for contestant in field
    }
    for deletes in (False, True):
        for number in range(1, size.asked.runs + 1):
            for contestant in field:
                result = results[contestant.title]
                # Together, the runs of a slow one take the limit at most, but for the last of them.
                done = result is None or result.over or result.seconds > size.asked.limit
                if contestant.deletes == deletes and not done:
                    size.prepare(contestant)
                    size.run(contestant, number, result)
    slow.update(title for title, result in results.items() if result and result.over)
    return results


def compare(folder: Path, asked: argparse.Namespace) -> None:
    programs = toolbox.build("release")
    peers, left_out = contestants.peers()
    if asked.only:
        unknown = sorted(set(asked.only) - contestants.INPUTS)
        if unknown:
            sys.exit(f"no peer is named {', '.join(unknown)}: {', '.join(sorted(contestants.INPUTS))} are")
        peers = [peer for peer in peers if peer.input in asked.only]
        left_out.append(f"all but {', '.join(asked.only)}, as asked")
    field = [*contestants.sitewright(programs.sitewright), contestants.copying(), *peers]
    folder.mkdir(parents=True, exist_ok=True)
    print("\n".join(["## Machine and versions", ""] + report.machine(folder)))
    print("\n".join(report.versions(field, left_out) + ["", "## Results"]), flush=True)
    slow: set[str] = set()
    for sites in sorted(set(asked.sites)):
        size = Size(folder / str(sites), sites, programs, asked)
        results = measured(size, field, slow)
        lines = report.table(sites, len(size.expected), results, asked.limit)
        print("\n".join(["", *lines]), flush=True)


def main() -> None:
    asked = arguments()
    toolbox.enter_venv()
    # Told to end, it still cleans up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if asked.folder:
            compare(Path(asked.folder).absolute(), asked)
        else:
            with tempfile.TemporaryDirectory(prefix="sitewright-peers-") as folder:
                compare(Path(folder), asked)
    except (objects.Unequal, Failed, toolbox.Missing, subprocess.CalledProcessError) as error:
        sys.exit(f"error: {error}")
