"""The module map of the package: what may import what."""

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "coursenn"
MODULES = {
    path.stem: list(path.glob("*.py")) if path.is_dir() else [path]
    for path in PACKAGE.iterdir()
    if path.stem[0] != "_" and (path.suffix == ".py" or (path / "__init__.py").exists())
}

# A module is a file or a folder. All may import arrays, the checks of arguments. Beyond that:
MAY_IMPORT = {
    "arrays": set(),
    "files": set(),
    "activations": set(),
    "initializers": set(),
    "flat": set(),
    "gradcheck": set(),
    "notation": set(),
    "schedules": set(),
    "optimizers": {"schedules"},
    "plotting": {"autodiff"},
    "perceptron": {"activations"},
    "losses": {"activations"},
    "layers": {"activations", "initializers"},
    "saving": {"activations", "files", "layers", "losses"},
    "network": {"activations", "flat", "initializers", "layers", "losses", "saving"},
    "download": {"files"},
    "data": {"download"},
    "doctor": {"data", "download"},
    "training": {"data"},
    "augment": {"data"},
    "autodiff": {"flat"},
    "stepper": set(),
    "grading": {"files", "plotting"},
    "estimator": {
        "activations",
        "data",
        "initializers",
        "losses",
        "network",
        "optimizers",
        "training",
    },
}
# What a module may import besides NumPy:
HEAVY = {
    "plotting": {"matplotlib", "cycler"},
    "estimator": {"sklearn"},
    "grading": {"joblib"},  # to grade a class; students' `check` does without, as its test says
}


def own_imports(source: str, depth: int = 1) -> set[str]:
    """Return the modules of coursenn that the source imports, at any depth of nesting.

    A file in a folder has depth 2: one dot is its own folder, two are coursenn.
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == depth:
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
    for path in MODULES[module]:
        depth = len(path.relative_to(PACKAGE).parts)
        imports = own_imports(path.read_text(encoding="utf-8"), depth)
        assert imports - {"arrays"} <= MAY_IMPORT[module], path


@pytest.mark.parametrize("module", MODULES)
def test_a_module_loads_nothing_heavier_than_numpy(module):
    for path in MODULES[module]:
        foreign = foreign_imports(path.read_text(encoding="utf-8"))
        assert foreign <= {"numpy"} | HEAVY.get(module, set()), path


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


def test_in_a_folder_one_dot_more_leads_to_the_package():
    assert own_imports("from .graph import Node\nfrom ..network import mlp", 2) == {"network"}
