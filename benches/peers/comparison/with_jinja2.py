"""The input of the Python script: a file of values a site, layers of values, templates."""

from pathlib import Path

from .facts import Namespace
from .text import LAYERS, TEMPLATES, copy, put_yaml


def prepare(fleet: list[Namespace], folder: Path) -> None:
    copy(TEMPLATES, folder / "templates")
    copy(LAYERS, folder / "layers")
    for namespace in fleet:
        place = folder / "values" / namespace.cluster / namespace.name
        put_yaml(place / "_namespace.yaml", namespace.values)
        for site in namespace.sites:
            plan = {"plan": site.plan} if site.plan else {}
            put_yaml(place / f"{site.name}.yaml", plan | site.values)
