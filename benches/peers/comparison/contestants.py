"""Who is compared: how each gets its input, and the command that makes the objects of it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from . import toolbox, with_jinja2, with_jsonnet, with_kapitan, with_kustomize
from .facts import Namespace
from .text import HERE

PROCESSES = len(os.sched_getaffinity(0))

# What `--only` takes.
INPUTS = {"jinja2", "jsonnet", "kustomize", "kapitan"}

# The title that all others are compared with.
SITEWRIGHT = "sitewright"


@dataclass
class Contestant:
    """A tool, and a way to use it."""

    title: str
    version: str
    # The folder of its input, which contestants may share.
    input: str
    # Writes the input to an empty folder.
    prepare: Callable[[list[Namespace], Path], None] | None
    # The command that reads the one folder, in which it runs, and writes to the other, which exists.
    command: Callable[[Path, Path], list[str]]
    # Whether it writes to the output folder; else it updates its own.
    cold: bool = True
    # Whether it deletes as many files as it writes, after which others would find a slow disk.
    deletes: bool = False


def sitewright(binary: Path) -> list[Contestant]:
    """sitewright, which reads the fleet itself."""
    version = toolbox.sitewright_version(binary)

    def cold(fleet: Path, output: Path) -> list[str]:
        return [str(binary), "-C", str(fleet), "render", "--quiet", "--out", str(output)]

    def unchanged(fleet: Path, _: Path) -> list[str]:
        return [str(binary), "-C", str(fleet), "render", "--quiet"]

    return [
        Contestant(SITEWRIGHT, version, "fleet", None, cold),
        Contestant(f"{SITEWRIGHT}, nothing changed", version, "fleet", None, unchanged, cold=False),
    ]


def copying() -> Contestant:
    """No tool: what the disk alone takes for the same files."""
    version = subprocess.check_output(["cp", "--version"], text=True).splitlines()[0]

    def command(fleet: Path, output: Path) -> list[str]:
        return ["cp", "-r", str(fleet / "rendered"), str(output)]

    return Contestant("the same files, copied", version, "fleet", None, command)


def jinja2(processes: int) -> Contestant:
    version = f"Jinja2 {toolbox.package('Jinja2')}, PyYAML {toolbox.package('PyYAML')}"

    def command(source: Path, output: Path) -> list[str]:
        script = str(HERE / "jinja2" / "render.py")
        return [sys.executable, script, str(source), str(output), str(processes)]

    title = f"Python and Jinja2, {_processes(processes)}"
    return Contestant(title, version, "jinja2", with_jinja2.prepare, command)


def jsonnet(name: str, package: str, module: str) -> Contestant:
    version = f"{package} {toolbox.package(package)}"

    def command(source: Path, output: Path) -> list[str]:
        script = str(HERE / "jsonnet" / "render.py")
        return [sys.executable, script, module, str(source), str(output), str(PROCESSES)]

    title = f"{name}, {_processes(PROCESSES)}"
    return Contestant(title, version, "jsonnet", with_jsonnet.prepare, command)


def kustomize() -> Contestant:
    version = toolbox.kubectl()
    toolbox.package("Jinja2")

    def command(source: Path, output: Path) -> list[str]:
        return [str(HERE / "kustomize" / "build"), str(source), str(output), str(PROCESSES)]

    title = f"kustomize, {_processes(PROCESSES)}"
    return Contestant(title, version, "kustomize", with_kustomize.prepare, command)


def kapitan() -> Contestant:
    version = toolbox.package("kapitan")

    def command(_: Path, output: Path) -> list[str]:
        program = str(Path(sys.prefix) / "bin" / "kapitan")
        parallel = ["--parallelism", str(PROCESSES)]
        return [program, "compile", *parallel, "--output-path", str(output)]

    title = f"Kapitan, {_processes(PROCESSES)}"
    # It compiles into a temporary folder, copies that to the output, and deletes it.
    return Contestant(title, version, "kapitan", with_kapitan.prepare, command, deletes=True)


def peers() -> tuple[list[Contestant], list[str]]:
    """The peers that can be had, and why the others cannot."""
    makers = {
        "jinja2": [lambda: jinja2(1)] + ([lambda: jinja2(PROCESSES)] if PROCESSES > 1 else []),
        "jsonnet": [
            lambda: jsonnet("jsonnet (jrsonnet)", "rjsonnet", "rjsonnet"),
            lambda: jsonnet("jsonnet (go-jsonnet)", "gojsonnet", "_gojsonnet"),
        ],
        "kustomize": [kustomize],
        "kapitan": [kapitan],
    }
    found, missing = [], []
    for name, ways in makers.items():
        for make in ways:
            try:
                found.append(make())
            except toolbox.Missing as error:
                missing.append(f"{name}: {error}")
    return found, missing


def _processes(count: int) -> str:
    return "1 process" if count == 1 else f"{count} processes"
