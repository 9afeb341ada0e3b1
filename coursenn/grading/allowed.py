"""What of coursenn a set lets students import: modules, and what those import themselves.

The package holds the answers of most tasks, so none of it can be imported unless the set
says so, and then only what it names. The grader itself never can.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
NEVER = {"__init__", "grading"}


@cache
def modules_of(allows: tuple[str, ...]) -> tuple[str, ...]:
    """Return the modules and packages, directly in coursenn, that these names bring along.

    Parameters
    ----------
    allows : names like ``coursenn.data``; ``coursenn`` alone stands for all of it

    Raises
    ------
    ValueError
        If coursenn has no such module, or it is the grader.
    """
    todo = [module for name in allows for module in _named(name)]
    found: set[str] = set()
    while todo:
        module = todo.pop()
        if module not in found:
            found.add(module)
            todo += _imported_by(module)
    return tuple(sorted(found))


@cache
def homes_of(modules: tuple[str, ...]) -> dict[str, str]:
    """Return the names that ``import coursenn`` offers from these modules, and the module."""
    nodes = ast.parse((PACKAGE / "__init__.py").read_text("utf-8")).body
    return {
        alias.asname or alias.name: node.module
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module in modules
        for alias in node.names
    }


def path_of(module: str) -> Path:
    """Return the file of a module, or the folder of a package."""
    folder = PACKAGE / module
    return folder if folder.is_dir() else folder.with_suffix(".py")


def _all() -> set[str]:
    paths = [*PACKAGE.glob("*.py"), *(path.parent for path in PACKAGE.glob("*/__init__.py"))]
    return {path.stem for path in paths if path.stem[0] != "_"} - NEVER


def _named(name: str) -> list[str]:
    package, _, module = name.partition(".")
    if package != "coursenn" or (module and module not in _all()):
        raise ValueError(
            f"a set cannot allow {name!r}; it can allow 'coursenn', or some of "
            + ", ".join(f"coursenn.{known}" for known in sorted(_all()))
        )
    return [module] if module else sorted(_all())


def _imported_by(module: str) -> Iterator[str]:
    """Find the modules that this one imports from its own package, by reading its files."""
    path = path_of(module)
    depth = 1 + path.is_dir()  # the dots that lead to coursenn
    for file in [path] if path.is_file() else path.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == depth:
                names = [node.module] if node.module else [alias.name for alias in node.names]
                yield from (name.split(".")[0] for name in names)
