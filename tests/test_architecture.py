"""The module map of the package: what may import what."""

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "coursenn"
MODULES = {path.stem: path for path in PACKAGE.glob("*.py") if path.stem != "__init__"}

# Every module may import arrays, the checks of what users pass in. Beyond that:
MAY_IMPORT = {
    "arrays": set(),
    "files": set(),
    "activations": set(),
    "initializers": set(),
    "flat": set(),
    "gradcheck": set(),
    "optimizers": set(),
    "plotting": set(),
    "perceptron": {"activations"},
    "losses": {"activations"},
    "layers": {"activations", "initializers"},
    "saving": {"activations", "files", "layers", "losses"},
    "network": {"activations", "flat", "initializers", "layers", "losses", "saving"},
    "download": {"files"},
    "data": {"download"},
    "training": {"data"},
}
HEAVY = {"plotting": {"matplotlib", "cycler"}}  # what a module may import besides NumPy


def own_imports(source: str) -> set[str]:
    """Return the modules of coursenn that the source imports, at any depth of nesting."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            found |= {node.module} if node.module else {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("coursenn"):
            found |= {".".join(node.module.split(".")[1:]) or name.name for name in node.names}
        elif isinstance(node, ast.Import):
            names = [name.name.split(".") for name in node.names]
            found |= {".".join(parts[1:]) for parts in names if parts[0] == "coursenn"}
    return found


def foreign_imports(source: str) -> set[str]:
    """Return the packages imported when the source is, the standard library left out."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_the_map_allows(module):
    source = MODULES[module].read_text(encoding="utf-8")
    assert own_imports(source) - {"arrays"} <= MAY_IMPORT[module]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_loads_nothing_heavier_than_numpy(module):
    source = MODULES[module].read_text(encoding="utf-8")
    assert foreign_imports(source) <= {"numpy"} | HEAVY.get(module, set())


def test_the_map_names_the_modules_that_exist():
    assert set(MAY_IMPORT) == set(MODULES)


def test_the_map_has_no_cycle():
    order = list(TopologicalSorter(MAY_IMPORT).static_order())
    assert set(order) == set(MAY_IMPORT)


@pytest.mark.parametrize(
    "source",
    [
        "from .network import mlp",
        "from . import network",
        "from coursenn.network import mlp",
        "from coursenn import network",
        "import coursenn.network",
        "def f():\n    from .network import mlp",
    ],
)
def test_every_form_of_import_is_seen(source):
    assert own_imports(source) == {"network"}
