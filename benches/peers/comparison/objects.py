"""Kubernetes objects in folders: read them, and say where two folders mean different ones.

Nothing of the text counts: not comments, the order of keys, quotes, or which file holds what. What counts is
the set of objects, each under its apiVersion, kind, namespace and name.
"""

import hashlib
import json
import os
from concurrent.futures import ProcessPoolExecutor
from typing import Iterator, NamedTuple


class Key(NamedTuple):
    """What no two objects of a cluster share."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self):
        return f"{self.kind} {self.namespace}/{self.name} ({self.api_version})"


class Found(NamedTuple):
    """An object in a folder: what it says, as a digest, and the file that says it."""

    digest: bytes
    path: str


class Unequal(Exception):
    """Two folders do not hold the same objects."""


def key_of(document) -> Key:
    """The key of an object; a document that has none is an error."""
    try:
        metadata = document["metadata"]
        return Key(
            document["apiVersion"], document["kind"], metadata.get("namespace", ""), metadata["name"]
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise Unequal(f"no object of Kubernetes: {str(document)[:200]}") from error


def digest_of(document) -> bytes:
    """Equal exactly for equal values: the type counts, so that `1` is not `"1"` nor `1.0`."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def difference(ours, theirs, place="") -> str:
    """Where two values differ first, in words."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for field in sorted(ours.keys() | theirs.keys()):
            here = f"{place}.{field}"
            if field not in theirs:
                return f"{here} is missing"
            if field not in ours:
                return f"{here} is too much"
            if found := difference(ours[field], theirs[field], here):
                return found
        return ""
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for position, pair in enumerate(zip(ours, theirs)):
            if found := difference(*pair, f"{place}[{position}]"):
                return found
        return ""
    if digest_of(ours) == digest_of(theirs):
        return ""
    return f"{place} is {json.dumps(theirs)[:120]} instead of {json.dumps(ours)[:120]}"


def files_below(folder: str) -> list[str]:
    """All files below a folder, sorted."""
    below = (
        os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names
    )
    return sorted(below)


def documents_of(path: str) -> Iterator[object]:
    """The documents of a file of JSON or YAML."""
    with open(path, "rb") as file:
        text = file.read()
    if path.endswith(".json"):
        yield json.loads(text)
        return
    # Only here: what needs no YAML works without it, such as the tests.
    import yaml

    for document in yaml.load_all(text, Loader=yaml.CSafeLoader):
        if document is not None:
            yield document


def _objects_of_files(paths: list[str]) -> list[tuple[Key, Found]]:
    return [
        (key_of(document), Found(digest_of(document), path))
        for path in paths
        for document in documents_of(path)
    ]


def collect(pairs) -> dict[Key, Found]:
    """Objects by their keys; an object that is there twice is an error."""
    objects: dict[Key, Found] = {}
    for key, found in pairs:
        if key in objects:
            raise Unequal(f"{key} is in {objects[key].path} and in {found.path}")
        objects[key] = found
    return objects


def objects_below(folder: str) -> dict[Key, Found]:
    """All objects below a folder."""
    paths = files_below(folder)
    share = 500
    shares = [paths[start : start + share] for start in range(0, len(paths), share)]
    if len(shares) < 2:
        return collect(_objects_of_files(paths))
    with ProcessPoolExecutor() as pool:
        return collect(pair for pairs in pool.map(_objects_of_files, shares) for pair in pairs)


def _read_again(key: Key, found: Found):
    return next(document for document in documents_of(found.path) if key_of(document) == key)


def must_be_equal(expected: dict[Key, Found], actual: dict[Key, Found]) -> None:
    """Ends with what differs, unless the objects are the same."""
    problems = [f"{key} is missing" for key in expected.keys() - actual.keys()]
    problems += [f"{key} is too much" for key in actual.keys() - expected.keys()]
    for key in expected.keys() & actual.keys():
        if expected[key].digest != actual[key].digest:
            ours, theirs = _read_again(key, expected[key]), _read_again(key, actual[key])
            problems.append(f"{key}: {difference(ours, theirs)}")
    if problems:
        problems.sort()
        more = len(problems) - 10
        lines = problems[:10] + ([f"and {more} more"] if more > 0 else [])
        raise Unequal("\n".join(lines))


def digest_of_tree(folder: str) -> bytes:
    """Equal for folders of the same files with the same bytes."""
    digest = hashlib.sha256()
    for path in files_below(folder):
        with open(path, "rb") as file:
            content = hashlib.sha256(file.read()).digest()
        digest.update(os.path.relpath(path, folder).encode() + b"\0" + content)
    return digest.digest()
