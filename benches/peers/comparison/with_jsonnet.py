"""The input of jsonnet: a program a namespace, a file a site, a library of objects."""

import json
from pathlib import Path

from .facts import Namespace
from .text import HERE, put

LIBRARIES = ["layers.libsonnet", "objects.libsonnet", "namespace.libsonnet"]


def as_jsonnet(values: dict) -> str:
    """An object that adds to what it is put upon: maps by `+:`, which merges them."""
    fields = []
    for name, value in values.items():
        adds = "+" if isinstance(value, dict) else ""
        fields.append(f"  {json.dumps(name)}{adds}: {json.dumps(value)},\n")
    return "{\n" + "".join(fields) + "}\n"


def prepare(fleet: list[Namespace], folder: Path) -> None:
    for library in LIBRARIES:
        put(folder / library, (HERE / "jsonnet" / library).read_text())
    for namespace in fleet:
        place = folder / "clusters" / namespace.cluster
        imports = []
        for site in namespace.sites:
            # The plan chooses a layer: it is no value of the site.
            text = as_jsonnet({"plan": site.plan or "none"} | site.values)
            put(place / namespace.name / f"{site.name}.libsonnet", text)
            imports.append(f"    import '{namespace.name}/{site.name}.libsonnet',\n")
        program = (
            "(import '../../namespace.libsonnet')(\n"
            f"  cluster='{namespace.cluster}',\n"
            f"  namespace={as_jsonnet(namespace.values).strip()},\n"
            f"  sites=[\n{''.join(imports)}  ],\n)\n"
        )
        put(place / f"{namespace.name}.jsonnet", program)
