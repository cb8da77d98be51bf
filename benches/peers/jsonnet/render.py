"""Evaluates one jsonnet program a namespace and writes one file an object, as `jsonnet --multi` does.

    python render.py BINDING INPUT OUTPUT PROCESSES

BINDING is the Python module of the implementation: `_gojsonnet` (go-jsonnet) or `rjsonnet` (jrsonnet).
"""

import importlib
import json
import sys
from functools import partial
from multiprocessing import Pool
from pathlib import Path


def render(binding: str, output: Path, program: Path) -> None:
    evaluate = importlib.import_module(binding).evaluate_file
    files = json.loads(evaluate(str(program)))
    folder = output / program.parent.name / program.stem
    made = set()
    for name, document in files.items():
        path = folder / name
        if path.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(path.parent)
        path.write_text(json.dumps(document, indent=2) + "\n")


def main() -> None:
    binding, source, output = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    programs = sorted(source.glob("clusters/*/*.jsonnet"))
    with Pool(int(sys.argv[4])) as pool:
        for _ in pool.imap_unordered(partial(render, binding, output), programs):
            pass


if __name__ == "__main__":
    main()
