"""The input of Kapitan: a class a layer and a namespace, a target a site, the templates."""

from pathlib import Path

from .facts import Namespace
from .text import LAYERS, TEMPLATES, layer, put, put_yaml

# Kapitan gives a template the inventory of its target; ours call that `values`.
FIRST_LINE = "{% set values = inventory.parameters %}\n"


def _class(inventory: Path, name: str, parameters: dict) -> None:
    path = inventory / "classes" / Path(*name.split(".")).with_suffix(".yml")
    put_yaml(path, {"parameters": parameters})


def _compile(templates: str) -> dict:
    step = {"input_type": "jinja2", "input_paths": [f"templates/{templates}"], "output_path": "."}
    return {"kapitan": {"compile": [step]}}


def prepare(fleet: list[Namespace], folder: Path) -> None:
    for path in TEMPLATES.glob("*/*.j2"):
        put(folder / path.relative_to(TEMPLATES.parent), FIRST_LINE + path.read_text())
    inventory = folder / "inventory"
    for path in LAYERS.glob("*.yaml"):
        _class(inventory, path.stem.replace("-", "."), layer(path.stem))
    for what in ["site", "dedicated", "namespace"]:
        _class(inventory, f"compile.{what}", _compile(what))
    for namespace in fleet:
        base = ["common", f"cluster.{namespace.cluster}"]
        _class(inventory, f"namespace.{namespace.name}", {"namespace": namespace.name})
        _target(inventory, namespace.name, base + ["compile.namespace"], namespace.values)
        base.append(f"namespace.{namespace.name}")
        for site in namespace.sites:
            classes = base + ([f"plan.{site.plan}"] if site.plan else []) + ["compile.site"]
            classes += ["compile.dedicated"] if site.dedicated else []
            _target(inventory, site.name, classes, site.values)


def _target(inventory: Path, name: str, classes: list[str], parameters: dict) -> None:
    own = {"kapitan": {"vars": {"target": name}}}
    document = {"classes": classes, "parameters": own | parameters}
    put_yaml(inventory / "targets" / f"{name}.yml", document)
