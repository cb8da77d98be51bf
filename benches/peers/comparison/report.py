"""What was measured, as Markdown: where, with what, and the numbers."""

import os
import platform
import subprocess
from pathlib import Path

from .contestants import PROCESSES, SITEWRIGHT, Contestant
from .measuring import Result

# Results of one size, by the contestants' titles; nothing for who was not run.
Results = dict[str, Result | None]


# The columns of a row without numbers.
EMPTY = " |" * 7


def machine(folder: Path) -> list[str]:
    """The machine, in a list."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    rustc = subprocess.check_output(["rustc", "--version"], text=True).split()[1]
    return [
        f"- CPU: {_cpu()}, {PROCESSES} cores; memory: {memory:.0f} GiB",
        f"- {platform.system()} {platform.release()}; file system of the folder: {_file_system(folder)}",
        f"- Rust {rustc}, Python {platform.python_version()}",
        "- load before the first run: {:.2f}, {:.2f}, {:.2f}".format(*os.getloadavg()),
    ]


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _file_system(folder: Path) -> str:
    """The file system that a folder is on: that of the deepest mount above it."""
    folder, found = folder.resolve(), ("", "unknown")
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, kind = line.split()[:3]
        if folder.is_relative_to(mount) and len(mount) >= len(found[0]):
            found = (mount, kind)
    return found[1]


def versions(contestants: list[Contestant], left_out: list[str]) -> list[str]:
    """Every tool with its version, and every tool that is left out."""
    titles: dict[str, list[str]] = {}
    for contestant in contestants:
        titles.setdefault(contestant.version, []).append(contestant.title)
    lines = [f"- {'; '.join(same)}: {version}" for version, same in titles.items()]
    return lines + [f"- left out: {why}" for why in left_out]


def table(sites: int, objects: int, results: Results, limit: float) -> list[str]:
    """The numbers of one size."""
    lines = [
        f"### {sites:,} sites, {objects:,} objects",
        "",
        "| tool | best | median | times sitewright | CPU | peak memory | files | objects | runs |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    unit = results[SITEWRIGHT].median
    for title, result in results.items():
        if result is None:
            lines.append(f"| {title} | not run: over {limit:g} s with fewer sites |{EMPTY}")
        elif result.over:
            lines.append(f"| {title} | over {limit:g} s |{EMPTY}")
        else:
            cells = [
                title,
                seconds(result.best),
                seconds(result.median),
                f"{result.median / unit:.1f}",
                seconds(result.cpu),
                f"{result.peak / 1024:.0f} MiB",
                f"{result.files:,}",
                f"{result.objects:,}",
                str(len(result.runs)),
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def seconds(value: float) -> str:
    """Three digits that count."""
    digits = 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{digits}f} s"
