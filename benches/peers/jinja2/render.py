"""Renders a fleet from layers of values with Jinja2: one file an object.

    python render.py INPUT OUTPUT PROCESSES

What a person writes who templates manifests in Python: values are merged key by key, the templates are
compiled once a process, a file of values is read with libyaml. Files are shared out among the processes by
namespace.
"""

import sys
from functools import reduce
from multiprocessing import Pool
from pathlib import Path

import jinja2
import yaml


def merged(under: dict, over: dict) -> dict:
    """Maps merge key by key, anything else replaces."""
    result = dict(under)
    for key, value in over.items():
        below = result.get(key)
        both = isinstance(value, dict) and isinstance(below, dict)
        result[key] = merged(below, value) if both else value
    return result


def read(path: Path) -> dict:
    return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)


class Renderer:
    """The layers and the templates, read once."""

    def __init__(self, source: Path, output: Path):
        self.output = output
        self.layers = {path.stem: read(path) for path in (source / "layers").glob("*.yaml")}
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(source / "templates"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self.templates: dict[str, list] = {}
        for name in environment.list_templates():
            what, file = name.split("/")
            template = environment.get_template(name)
            self.templates.setdefault(what, []).append((file.removesuffix(".j2"), template))

    def namespace(self, folder: Path) -> None:
        """Everything of a namespace, whose folder lies in its cluster's."""
        base = merged(self.layers["common"], self.layers[f"cluster-{folder.parent.name}"])
        own = read(folder / "_namespace.yaml")
        output = self.output / folder.parent.name / folder.name
        self.write("namespace", merged(base, own), output)
        for path in folder.glob("[!_]*.yaml"):
            site = read(path)
            layers = [{"namespace": own["namespace"]}, site]
            if "plan" in site:
                layers.insert(0, self.layers[f"plan-{site['plan']}"])
            values = reduce(merged, layers, base)
            self.write("site", values, output / path.stem)
            if values["database"]["mode"] == "dedicated":
                self.write("dedicated", values, output / path.stem)

    def write(self, what: str, values: dict, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for file, template in self.templates[what]:
            (folder / file).write_text(template.render(values=values))


def start(*folders: Path) -> None:
    """Makes the renderer of this process."""
    global RENDERER
    RENDERER = Renderer(*folders)


def render(folder: Path) -> None:
    RENDERER.namespace(folder)


def main() -> None:
    source, output, processes = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    folders = sorted((source / "values").glob("*/*/"))
    if processes == 1:
        start(source, output)
        for folder in folders:
            render(folder)
        return
    with Pool(processes, start, (source, output)) as pool:
        for _ in pool.imap_unordered(render, folders):
            pass


if __name__ == "__main__":
    main()
