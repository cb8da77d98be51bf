"""What the peers are told: the definitions of a fleet, and what only sitewright computes, as ready values.

A peer gets the SQL names and the ciphertexts from the rendered objects. It need not compute, check or seal.
"""

import os
from dataclasses import dataclass, field

from .objects import documents_of

# The names of a site's ciphertexts in the peers' inputs, by the end of the SealedSecret's name.
PASSWORDS = {"admin": "admin", "db-credentials": "dbPassword", "mariadb-root": "mariadbRoot"}


@dataclass
class Site:
    """A site: what a person states, and what is computed."""

    name: str
    plan: str | None
    values: dict

    @property
    def dedicated(self) -> bool:
        return self.values["database"].get("mode") == "dedicated"


@dataclass
class Namespace:
    """A folder of the fleet: a namespace with its server, its bench and its sites."""

    name: str
    cluster: str
    values: dict
    sites: list[Site] = field(default_factory=list)


def site_of(name: str, definition: dict, database: dict, grant: dict, sealed: dict) -> Site:
    """A site of its definition, its rendered Database and Grant, and its ciphertexts."""
    values = {
        "name": name,
        "siteName": definition["siteName"],
        "database": {
            "name": database["spec"]["name"],
            "pattern": grant["spec"]["database"],
        },
        "sealed": sealed,
    }
    stated = definition.get("database", {})
    if stated.get("mode") == "dedicated":
        values["database"] |= {
            "mode": "dedicated",
            "server": f"{name}-mariadb",
            "storageSize": stated["storageSize"],
            "resources": stated["resources"],
        }
    if "annotations" in definition:
        values["annotations"] = definition["annotations"]
    return Site(name, definition.get("plan"), values)


def namespace_of(name: str, cluster: str, server: dict, sealed_root: str) -> Namespace:
    """A namespace of the definition of its server."""
    values = {
        "namespace": name,
        "database": {"storageSize": server["storageSize"], "resources": server["resources"]},
        "myCnf": server["myCnf"],
        "sealed": {"root": sealed_root},
    }
    return Namespace(name, cluster, values)


def _only(path: str) -> dict:
    (document,) = documents_of(path)
    return document


def _ciphertext(path: str) -> str:
    return _only(path)["spec"]["encryptedData"]["password"]


def read(project: str) -> list[Namespace]:
    """The facts of a generated fleet that has been rendered."""
    namespaces = []
    sites, rendered = os.path.join(project, "sites"), os.path.join(project, "rendered")
    for cluster in sorted(os.listdir(rendered)):
        for name in sorted(os.listdir(os.path.join(rendered, cluster))):
            folder = os.path.join(sites, cluster, name)
            objects = os.path.join(rendered, cluster, name)
            namespace = namespace_of(
                name,
                cluster,
                _only(os.path.join(folder, "mariadb.yaml")),
                _ciphertext(os.path.join(objects, "mariadb", "sealedsecret-root.yaml")),
            )
            for site in sorted(os.listdir(objects)):
                definition = _only(os.path.join(folder, f"{site}.yaml"))
                if definition["kind"] == "Site":
                    namespace.sites.append(
                        _read_site(site, definition, os.path.join(objects, site))
                    )
            namespaces.append(namespace)
    return namespaces


def _read_site(name: str, definition: dict, objects: str) -> Site:
    secrets = {PASSWORDS[what]: os.path.join(objects, f"sealedsecret-{what}.yaml") for what in PASSWORDS}
    sealed = {what: _ciphertext(path) for what, path in secrets.items() if os.path.exists(path)}
    database = _only(os.path.join(objects, "database.yaml"))
    grant = _only(os.path.join(objects, "grant.yaml"))
    return site_of(name, definition, database, grant, sealed)
