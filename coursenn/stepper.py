"""Worked examples, line by line: a table that a reader steps through in the built page.

A notebook shows a ``Stepper`` as its last value. Jupyter draws it as a table; in the built
book a small script (``book/_static/stepper.js``) shows that table one line at a time.
Without the script, and on paper, the whole table stands there.
"""

import math
from collections.abc import Iterable
from html import escape
from itertools import groupby
from numbers import Real
from typing import NamedTuple


class Step(NamedTuple):
    """One line of a worked example: the formula, the numbers put in, and what comes out.

    Attributes
    ----------
    part : the part it belongs to, such as "Forward"
    formula : TeX without dollars, such as ``r"z_1 = x_1 w_{11} + x_2 w_{21}"``
    numbers : TeX without dollars: the right-hand side, numbers in place of letters; may
        be empty, for a line that only states a number
    value : what comes out
    why : one short sentence of plain text; may be empty
    """

    part: str
    formula: str
    numbers: str
    value: float
    why: str = ""


class Stepper:
    """A worked example as a table, one row per step, in parts.

    Parameters
    ----------
    steps : Steps, at least one; neighbours with the same part stand under one heading
    title : plain text, the caption of the table
    digits : decimals of the values, 1 to 15; zeros at the end are left out

    Raises
    ------
    TypeError
        If a step is not a Step, or its value is not a number.
    ValueError
        If there are no steps, a value is not finite, or digits is not in range.
    """

    def __init__(self, steps: Iterable[Step], title: str, digits: int = 10):
        self.steps, self.title, self.digits = tuple(steps), title, digits
        if not self.steps:
            raise ValueError("a Stepper needs at least one Step")
        if not isinstance(digits, int) or not 1 <= digits <= 15:
            raise ValueError(f"digits must be a whole number from 1 to 15; got {digits!r}")
        for line, step in enumerate(self.steps, 1):
            _check(line, step)

    def __repr__(self) -> str:
        lines = [self.title]
        for part, rows in self._parts():
            lines += ["", part]
            lines += [self._text_of(line, step) for line, step in rows]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head = "".join(
            f'<th scope="col">{name}</th>' for name in ("line", "formula", "in numbers", "value")
        )
        bodies = "".join(self._body_of(part, rows) for part, rows in self._parts())
        return (
            f'<table class="stepper">\n<caption>{escape(self.title)}</caption>\n'
            f"<thead><tr>{head}</tr></thead>\n{bodies}</table>"
        )

    def _parts(self) -> list[tuple[str, list[tuple[int, Step]]]]:
        """Return each part with its steps, and their numbers from 1 to the last."""
        numbered = enumerate(self.steps, 1)
        return [(part, list(rows)) for part, rows in groupby(numbered, lambda row: row[1].part)]

    def _text_of(self, line: int, step: Step) -> str:
        chain = " = ".join(filter(None, [step.formula, step.numbers, self._number(step)]))
        return f"{line:3}  {chain}" + (f"  ({step.why})" if step.why else "")

    def _body_of(self, part: str, rows: list[tuple[int, Step]]) -> str:
        heading = f'<tr><th scope="rowgroup" colspan="4">{escape(part)}</th></tr>\n'
        return f"<tbody>\n{heading}{''.join(self._row_of(*row) for row in rows)}</tbody>\n"

    def _row_of(self, line: int, step: Step) -> str:
        why = f'<span class="why">{escape(step.why)}</span>' if step.why else ""
        numbers = _formula(f"= {step.numbers}") if step.numbers else ""
        return (
            f'<tr><th scope="row">{line}</th><td>{_formula(step.formula)}{why}</td>'
            f"<td>{numbers}</td><td>{_formula(f'= {self._number(step)}')}</td></tr>\n"
        )

    def _number(self, step: Step) -> str:
        """Return the value to `digits` decimals; 1.0 rather than 1, and 0.0 rather than -0.0."""
        whole, _, decimals = f"{float(step.value):z.{self.digits}f}".partition(".")
        return f"{whole}.{decimals.rstrip('0') or '0'}"


def _check(line: int, step: Step) -> None:
    if not isinstance(step, Step):
        raise TypeError(f"line {line} must be a Step; got {type(step).__name__}")
    if not isinstance(step.value, Real):
        raise TypeError(
            f"line {line} has the value {step.value!r}; it must be a number, such as float(z)"
        )
    if not math.isfinite(step.value):
        raise ValueError(f"line {line}, {step.formula}, has the value {step.value}")


def _formula(tex: str) -> str:
    """Return a formula as Sphinx writes it, so that the MathJax of the page sets it."""
    return rf'<span class="math notranslate nohighlight">\({escape(tex)}\)</span>'
