"""Tables as CSV files that spreadsheets open, and do not run.

A spreadsheet takes a cell that begins with ``=`` for a formula, whoever wrote it. So text that
begins like one gets a quote in front, as it is typed in a spreadsheet to mean text.
"""

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..files import whole_file

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guarded(x: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula; numbers stay as they are."""
    if not isinstance(x, str):
        return x
    x = x.encode("utf-8", "replace").decode().replace("\0", "")
    return "'" + x if x.startswith(FORMULA) or x.lstrip().startswith(FORMULA) else x


def write_table(
    path: str | os.PathLike[str], columns: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Write a CSV file, whole or not at all; what a row lacks stays empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writerow({name: guarded(name) for name in columns})
    writer.writerows({name: guarded(cell) for name, cell in row.items()} for row in rows)
    with whole_file(path) as file:
        file.write(text.getvalue().encode("utf-8-sig"))  # the mark tells Excel that it is UTF-8


def read_table(path: str | os.PathLike[str], columns: Iterable[str]) -> list[dict[str, str]]:
    """Return the rows of a CSV file, which may have been through a spreadsheet since.

    Commas, semicolons and tabs are understood, and quotes in front of formulas taken off.

    Raises
    ------
    ValueError
        If it is not UTF-8 text, or a column is missing.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text: save it as 'CSV UTF-8'") from None
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    if missing := [name for name in columns if name not in (rows.fieldnames or [])]:
        raise ValueError(f"{path} has no column {' and no column '.join(missing)}")
    try:
        return [{k: _plain(cell) for k, cell in row.items() if k is not None} for row in rows]
    except csv.Error as error:
        raise ValueError(f"{path}, line {rows.line_num}: {error}") from None


def _plain(cell: Any) -> str:
    """Return a cell as it was before it was guarded; what is missing is empty."""
    text = cell if isinstance(cell, str) else ""
    return text[1:] if text[:1] == "'" and guarded(text[1:]) != text[1:] else text
