"""Writes the peers' inputs."""

import os
import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
TEMPLATES = HERE / "templates"
LAYERS = HERE / "layers"


def put(path: Path, text: str) -> None:
    """Writes a file, and the folders that it needs."""
    os.makedirs(path.parent, exist_ok=True)
    path.write_text(text)


def put_yaml(path: Path, document: dict) -> None:
    put(path, as_yaml(document))


def as_yaml(document: dict) -> str:
    """YAML as people write it: block style, the keys in the order given."""
    import yaml

    return yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False, width=100)


def copy(source: Path, target: Path) -> None:
    """Copies a folder of this one."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))


def layer(name: str) -> dict:
    """A layer of values, such as `plan-small`."""
    import yaml

    return yaml.safe_load((LAYERS / f"{name}.yaml").read_text())
