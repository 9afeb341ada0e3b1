"""For students: run a notebook, and see what its tests say so far."""

from dataclasses import replace
from pathlib import Path

from .cells import BadNotebook, cells_of, parse, read_bytes
from .grader import Part, Result, check_own
from .sandbox import limits_of


def check(path: str | Path = "", *, seconds: float = 30.0) -> None:
    """Run a notebook from top to bottom, and print its points and what its tests say.

    It runs the file, so save the notebook first. It needs nothing but Python and what the
    notebook itself uses. Tests that are hidden decide later; ``check`` says which.

    Parameters
    ----------
    path : of the notebook; may be left out where there is one graded notebook in the folder
    seconds : how long one cell, or one call by a test, may take here. When the notebook is graded
        it may be less; ``check`` then says what took longer.

    Raises
    ------
    BadNotebook
        If there is no such file, or no graded notebook in it.
    """
    print(table(checked(path, seconds=seconds)))


def checked(path: str | Path = "", *, seconds: float = 30.0) -> Result:
    """Return what ``check`` prints, as data."""
    path = Path(path) if path else only_notebook(Path())
    try:
        notebook = parse(read_bytes(path))
        limits = limits_of(notebook).at_least(cell=seconds, call=seconds, total=20 * seconds)
        limits = replace(limits, restarts=2)
        if not any(cell.points for cell in cells_of(notebook)):
            raise BadNotebook("no cell is graded: the metadata have been lost, or never were")
        return check_own(notebook, path.resolve().parent, limits)
    except (BadNotebook, ValueError) as error:  # ValueError: the marks of instructors are there
        raise BadNotebook(f"{path}: {error}") from None


def only_notebook(folder: Path) -> Path:
    """Return the one graded notebook of a folder.

    Raises
    ------
    BadNotebook
        If there is none, or more than one.
    """
    found = [path for path in sorted(folder.glob("*.ipynb")) if _is_graded(path)]
    if not found:
        where = folder.resolve()
        raise BadNotebook(f"there is no graded notebook in {where}: go to its folder, or name it")
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise BadNotebook(f"there are several graded notebooks here; name one of them: {names}")
    return found[0]


def table(result: Result) -> str:
    """Return the parts, the sums, and what went wrong, as text."""
    width = max(5, *(len(part.name) for part in result.parts))
    lines: list[str] = []
    for before, part in zip([None, *result.parts], result.parts, strict=False):
        if part.task and part.task != (before.task if before else ""):
            lines += ["", part.task] if lines else [part.task]
        lines.append(_line(part, width))
    lines += ["", f"{'total':{width}}  {_sums(result)}"]
    lines += [f"note: {note}" for note in result.notes]
    lines += [f"in {name}: {text}" for name, text in result.errors.items()]
    return "\n".join(lines)


def _line(part: Part, width: int) -> str:
    points = "?" if part.verdict == "open" else f"{part.points:g}"
    message = part.message.replace("\n", "\n" + " " * (width + 14))
    return f"{part.name:{width}}  {points:>3} of {part.out_of:<4g} {message}"


def _sums(result: Result) -> str:
    undecided = sum(part.out_of for part in result.parts if part.verdict == "open")
    rest = f"; {undecided:g} more are decided when it is graded" if undecided else ""
    return f"{result.points:g} of {result.out_of:g} points{rest}"


def _is_graded(path: Path) -> bool:
    try:
        return any(cell.points for cell in cells_of(parse(read_bytes(path))))
    except BadNotebook:
        return False
