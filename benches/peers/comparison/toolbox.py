"""The tools: sitewright, built here; kubectl, which is there or not; and a venv for what PyPI has."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from .text import HERE

REPOSITORY = HERE.parent.parent
REQUIREMENTS = HERE / "requirements.txt"
CONSTRAINTS = HERE / "constraints.txt"

# Without it no input can be written and nothing can be verified.
ESSENTIAL = "PyYAML"


class Missing(Exception):
    """A tool cannot be had."""


def say(line: str) -> None:
    """Progress; the result alone goes to the standard output."""
    print(line, file=sys.stderr, flush=True)


def venv() -> Path:
    """Where the tools of PyPI are: a folder of its own for each set of versions."""
    stated = os.environ.get("XDG_CACHE_HOME", "")
    # A relative one counts as none (source: the XDG Base Directory Specification).
    base = stated if os.path.isabs(stated) else os.path.join(os.path.expanduser("~"), ".cache")
    versions = REQUIREMENTS.read_bytes() + CONSTRAINTS.read_bytes() + sys.version.encode()
    digest = hashlib.sha256(versions).hexdigest()[:12]
    return Path(base, "sitewright", f"peers-{digest}")


def enter_venv() -> None:
    """Goes on in the venv, which is made first if need be."""
    folder = venv()
    if Path(sys.prefix) == folder:
        return
    if not (folder / "complete").exists():
        say(f"tools from PyPI go to {folder}")
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        _install(folder)
    python = str(folder / "bin" / "python")
    os.execv(python, [python, *sys.argv])


def _install(folder: Path) -> None:
    lines = (line.strip() for line in REQUIREMENTS.read_text().splitlines())
    wanted = [line for line in lines if line and not line.startswith("#")]
    if _pip(folder, wanted):
        (folder / "complete").touch()
        return
    # One tool that cannot be had must not take the others along.
    for requirement in wanted:
        if not _pip(folder, [requirement]) and requirement.startswith(ESSENTIAL):
            sys.exit(f"{requirement} cannot be installed, and nothing can be compared without it")


def _pip(folder: Path, requirements: list[str]) -> bool:
    pip = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install"]
    command = [*pip, "--quiet", "--constraint", CONSTRAINTS, *requirements]
    return subprocess.run(command, stdout=sys.stderr).returncode == 0


def package(name: str) -> str:
    """The version of a package of the venv."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError as error:
        raise Missing(f"{name} could not be installed from PyPI") from error


def kubectl() -> str:
    """The version of kubectl and of the kustomize in it."""
    if shutil.which("kubectl") is None:
        raise Missing("kubectl is not on the PATH")
    done = subprocess.run(
        ["kubectl", "version", "--client", "--output=json"], stdout=subprocess.PIPE, check=True
    )
    versions = json.loads(done.stdout)
    return f"{versions['kustomizeVersion']} in kubectl {versions['clientVersion']['gitVersion']}"


@dataclass(frozen=True)
class Programs:
    """What is built here: sitewright, and the program that writes the fleet of the benches."""

    sitewright: Path
    fleet: Path

    def generate(self, folder: Path, sites: int) -> None:
        """Writes the fleet to a folder that does not exist yet."""
        subprocess.run([self.fleet, str(folder), str(sites)], stdout=sys.stderr, check=True)


def build(profile: str) -> Programs:
    """Builds both at once, with a profile of Cargo: `release` to measure, `dev` where time does not matter."""
    say(f"building sitewright with the profile {profile}")
    # All of the workspace, as the tests have it: alone, the package has dependencies with fewer features.
    cargo = ["cargo", "bench", "--locked", "--quiet", "--workspace", "--bench", "fleet", "--no-run"]
    done = subprocess.run(
        [*cargo, "--profile", profile, "--message-format=json"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        check=True,
    )
    artifacts = (json.loads(line) for line in done.stdout.splitlines())
    built = {it["target"]["name"]: it["executable"] for it in artifacts if it.get("executable")}
    try:
        return Programs(Path(built["sitewright"]), Path(built["fleet"]))
    except KeyError as missing:
        raise Missing(f"cargo built no {missing}") from missing


def sitewright_version(binary: Path) -> str:
    """The version, and the commit where Git knows it."""
    version = subprocess.check_output([binary, "--version"], text=True).split()[-1]
    describe = ["git", "-C", REPOSITORY, "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(describe, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return f"{version} ({done.stdout.strip()})" if done.returncode == 0 else version
