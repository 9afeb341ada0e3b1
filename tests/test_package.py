"""What `import coursenn` costs, brings and says of itself."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import coursenn

ROOT = Path(__file__).parents[1]
HEAVY = ["matplotlib", "pandas", "pooch", "scipy", "seaborn", "sklearn", "tqdm"]


def run_python(code: str) -> str:
    """Return what the code prints in a new interpreter."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def public_objects():
    """Yield (name, object) for each function and class that a module of the package defines."""
    for info in pkgutil.iter_modules(coursenn.__path__):
        module = importlib.import_module(f"coursenn.{info.name}")
        yield module.__name__, module
        for name, thing in vars(module).items():
            is_ours = getattr(thing, "__module__", None) == module.__name__
            if is_ours and not name.startswith("_") and callable(thing):
                yield f"{module.__name__}.{name}", thing


def public_methods():
    """Yield (name, method) for each method that a public class of the package defines."""
    for name, thing in public_objects():
        for method, function in vars(thing).items() if inspect.isclass(thing) else ():
            if inspect.isfunction(function) and not method.startswith("_"):
                yield f"{name}.{method}", getattr(thing, method)


def test_importing_loads_numpy_and_nothing_heavier():
    loaded = run_python("import sys, coursenn; print(*sys.modules)").split()
    assert "numpy" in loaded
    assert set(HEAVY) & set(loaded) == set()


def test_importing_costs_little_more_than_importing_numpy():
    code = """
from time import process_time
import numpy
start = process_time()
import coursenn
print(process_time() - start)
"""
    # Processor time, and the least of five: what else the machine does is not counted.
    seconds = min(float(run_python(code)) for _ in range(5))
    assert seconds < 0.2


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert coursenn.__version__ == project["version"] == citation["version"]
    assert f"## {coursenn.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_exported_name_exists_once():
    assert len(set(coursenn.__all__)) == len(coursenn.__all__)
    assert [name for name in coursenn.__all__ if not hasattr(coursenn, name)] == []


@pytest.mark.parametrize(("name", "thing"), [*public_objects(), *public_methods()])
def test_every_public_name_has_a_docstring(name, thing):
    if inspect.isclass(thing):
        assert vars(thing).get("__doc__")  # its own, not that of a base class
    else:
        assert inspect.getdoc(thing)
