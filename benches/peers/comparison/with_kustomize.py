"""The input of kustomize: a component a shape, an overlay a site, a list of overlays a namespace.

A shape is what sites of one cluster, mode and plan share: whole manifests with placeholders, so that kustomize
has no layer more to apply than it must. An overlay is the site's values, an object that stays in the folder,
which `replacements` put into the placeholders; a site's annotations are kustomize's own `commonAnnotations`.
"""

from functools import reduce
from pathlib import Path

from .facts import Namespace, Site
from .text import TEMPLATES, layer, put, put_yaml

# Placeholders, and the fields of a site's or namespace's values that take their place. The last one also takes
# the names of the objects, after which no object is found by its name of before.
PLACEHOLDERS = {
    "SITE_NAME": "spec.siteName",
    "DATABASE": "spec.database.name",
    "PATTERN": "spec.database.pattern",
    "CIPHERTEXT_ADMIN": "spec.sealed.admin",
    "CIPHERTEXT_DB_PASSWORD": "spec.sealed.dbPassword",
    "CIPHERTEXT_MARIADB_ROOT": "spec.sealed.mariadbRoot",
    "CIPHERTEXT_ROOT": "spec.sealed.root",
    "NAMESPACE": "metadata.namespace",
    "NAME": "metadata.name",
}
KIND = "PeerValues"


def prepare(fleet: list[Namespace], folder: Path) -> None:
    shapes = set()
    for namespace in fleet:
        place = folder / "namespaces" / namespace.cluster / namespace.name
        shape = f"{namespace.cluster}-namespace"
        if shape not in shapes:
            shapes.add(shape)
            _component(folder, shape, ["namespace"], _namespace_shape(namespace))
        values = {"sealed": namespace.values["sealed"]}
        _overlay(place / "server", shape, namespace, "server", values, {})
        for site in namespace.sites:
            shape = _name_of_shape(namespace, site)
            if shape not in shapes:
                shapes.add(shape)
                templates = ["site"] + (["dedicated"] if site.dedicated else [])
                _component(folder, shape, templates, _site_shape(namespace, site))
            database = {field: site.values["database"][field] for field in ["name", "pattern"]}
            values = {
                "siteName": site.values["siteName"],
                "database": database,
                "sealed": site.values["sealed"],
            }
            annotations = site.values.get("annotations", {})
            _overlay(place / site.name, shape, namespace, site.name, values, annotations)
        overlays = ["server"] + [site.name for site in namespace.sites]
        put_yaml(place / "kustomization.yaml", _kustomization(resources=overlays))


def _name_of_shape(namespace: Namespace, site: Site) -> str:
    mode = "dedicated" if site.dedicated else "shared"
    return "-".join([namespace.cluster, mode] + ([site.plan] if site.plan else []))


def _merged(under: dict, over: dict) -> dict:
    result = under | over
    for key in under.keys() & over.keys():
        if isinstance(under[key], dict) and isinstance(over[key], dict):
            result[key] = _merged(under[key], over[key])
    return result


def _site_shape(namespace: Namespace, site: Site) -> dict:
    """The values of a shape: those of a site of it, but placeholders for what is its own."""
    layers = [layer("common"), layer(f"cluster-{namespace.cluster}")]
    layers += [layer(f"plan-{site.plan}")] if site.plan else []
    own = {
        "name": "NAME",
        "namespace": "NAMESPACE",
        "siteName": "SITE_NAME",
        "database": site.values["database"] | {"name": "DATABASE", "pattern": "PATTERN"},
        "sealed": {
            "admin": "CIPHERTEXT_ADMIN",
            "dbPassword": "CIPHERTEXT_DB_PASSWORD",
            "mariadbRoot": "CIPHERTEXT_MARIADB_ROOT",
        },
    }
    if site.dedicated:
        own["database"]["server"] = "NAME-mariadb"
    return reduce(_merged, layers + [own])


def _namespace_shape(namespace: Namespace) -> dict:
    layers = [layer("common"), layer(f"cluster-{namespace.cluster}"), namespace.values]
    own = {"namespace": "NAMESPACE", "sealed": {"root": "CIPHERTEXT_ROOT"}}
    return reduce(_merged, layers + [own])


def _component(folder: Path, shape: str, templates: list[str], values: dict) -> None:
    """The manifests of a shape, and which of their fields take which of the values."""
    import jinja2
    import yaml

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    place, files, manifests = folder / "components" / shape, [], []
    for what in templates:
        for path in sorted((TEMPLATES / what).glob("*.j2")):
            text = environment.get_template(f"{what}/{path.name}").render(values=values)
            files.append(path.name.removesuffix(".j2"))
            manifests.append(yaml.safe_load(text))
            put(place / files[-1], text)
    component = {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "resources": files,
        "replacements": replacements(manifests),
    }
    put_yaml(place / "kustomization.yaml", component)


def replacements(manifests: list[dict]) -> list[dict]:
    """What puts the values where the placeholders are."""
    result = []
    for placeholder, source in PLACEHOLDERS.items():
        targets = []
        for manifest in manifests:
            name = manifest["metadata"]["name"]
            select = {"kind": manifest["kind"], "name": name}
            places = [place for place in _texts(manifest) if place[1].split("-")[0] == placeholder]
            whole = [path for path, text in places if text == placeholder]
            # Of `NAME-db`, the part before the hyphen.
            parts = [path for path, text in places if text != placeholder]
            if whole:
                targets.append({"select": select, "fieldPaths": whole})
            if parts:
                options = {"delimiter": "-", "index": 0}
                targets.append({"select": select, "fieldPaths": parts, "options": options})
        # An object is selected once for a target, and by its name: the name goes last.
        targets.sort(key=lambda target: "metadata.name" in target["fieldPaths"])
        if targets:
            source = {"kind": KIND, "fieldPath": source}
            result.append({"source": source, "targets": targets})
    return result


def _texts(value, path: str = ""):
    """The texts in a manifest with their paths, as kustomize words them."""
    if isinstance(value, dict):
        for key, below in value.items():
            part = f"[{key}]" if "." in key else key
            yield from _texts(below, f"{path}.{part}" if path else part)
    elif isinstance(value, str):
        yield path, value


def _overlay(
    place: Path, shape: str, namespace: Namespace, name: str, values: dict, annotations: dict
) -> None:
    metadata = {
        "name": name,
        "namespace": namespace.name,
        "annotations": {"config.kubernetes.io/local-config": "true"},
    }
    document = {"apiVersion": "example.com/v1", "kind": KIND, "metadata": metadata, "spec": values}
    put_yaml(place / "values.yaml", document)
    component = f"../../../../components/{shape}"
    fields = {"resources": ["values.yaml"], "components": [component]}
    if annotations:
        fields["commonAnnotations"] = annotations
    put_yaml(place / "kustomization.yaml", _kustomization(**fields))


def _kustomization(**fields) -> dict:
    head = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
    return head | fields
