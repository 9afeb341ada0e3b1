"""What a student answered, as a person who grades it wants to see it."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

from .cells import BadNotebook, Cell, Notebook, cell_of, cells_of, match, parse
from .grader import clean

MAX_TEXT = 50_000
MAX_PICTURE = 3 << 20  # of base64
MAX_PICTURES = 4
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class Answer:
    """The answer that a student wrote into one cell.

    Attributes
    ----------
    text : what stands there
    pictures : PNGs in base64 that the student's notebook stored below a cell that a person
        grades. They show what the student saw; they are not drawn anew.
    """

    text: str
    pictures: list[str] = field(default_factory=list)


def answers_of(source: Notebook, data: bytes) -> dict[str, Answer]:
    """Return the answers in a submission, by the name of their cell; it never fails."""
    cells = cells_of(source)
    try:
        notebook = parse(data)
    except BadNotebook:
        return {}
    steps = match(cells, cells_of(notebook)).steps
    answers = {c.name: Answer(cleaned(c.text)) for c in steps if c.role == "answer"}
    for name, pictures in _pictures(cells, notebook):
        answers[name].pictures = (answers[name].pictures + pictures)[:MAX_PICTURES]
    return answers


def cleaned(text: str) -> str:
    """Return text without control characters, cut off if it is very long."""
    parts = [text[i : i + 4000] for i in range(0, min(len(text), MAX_TEXT), 4000)]
    more = "\n[...]" if len(text) > MAX_TEXT else ""
    return "".join(clean(part) for part in parts)[:MAX_TEXT] + more


def _pictures(cells: list[Cell], notebook: Notebook) -> list[tuple[str, list[str]]]:
    by_hand = [cell for cell in cells if cell.by_hand and cell.is_code]
    names = {cell.name: cell.name for cell in by_hand}
    ids = {cell.cell_id: cell.name for cell in by_hand if cell.cell_id}
    found = []
    for raw in notebook["cells"]:
        if isinstance(raw, dict):
            cell = cell_of(raw)
            name = names.get(cell.name) or ids.get(cell.cell_id, "")
            outputs = raw.get("outputs") if name else None
            found.append((name, [p for o in _list(outputs) if (p := _picture(o))]))
    return [(name, pictures) for name, pictures in found if pictures]


def _picture(output: Any) -> str:
    """Return the PNG in an output, anew in base64; empty if there is none."""
    data = output.get("data") if isinstance(output, dict) else None
    text = data.get("image/png") if isinstance(data, dict) else None
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    if not isinstance(text, str) or len(text) > MAX_PICTURE:
        return ""
    try:
        picture = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return base64.b64encode(picture).decode() if picture.startswith(PNG) else ""


def _list(x: Any) -> list[Any]:
    return x if isinstance(x, list) else []
