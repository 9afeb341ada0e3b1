"""A worked example: what its table says, and how a reader steps through it."""

import ast
import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from coursenn import stepper
from coursenn.stepper import Step, Stepper

STEPS = [
    Step("Forward", r"z = x w < 5", r"1.1 \cdot (-0.5)", -0.55, "One input & one weight."),
    Step("Forward", r"y = z^2", r"(-0.55)^2", 0.3025),
    Step("Backward", r"\frac{dy}{dz} = 2 z", "", -1.1),
]


def table(steps=STEPS, **options):
    """Return the table as a tree: it is well-formed, and nothing in it is taken for a tag."""
    return ET.fromstring(Stepper(steps, "Square of x < y", **options)._repr_html_())


def cells(row):
    return ["".join(cell.itertext()) for cell in row]


def test_the_table_has_a_row_for_every_step_under_the_heading_of_its_part():
    forward, backward = table().findall("tbody")
    assert [cells(row) for row in forward] == [
        ["Forward"],
        ["1", r"\(z = x w < 5\)One input & one weight.", r"\(= 1.1 \cdot (-0.5)\)", r"\(= -0.55\)"],
        ["2", r"\(y = z^2\)", r"\(= (-0.55)^2\)", r"\(= 0.3025\)"],
    ]
    assert [cells(row) for row in backward] == [
        ["Backward"],
        ["3", r"\(\frac{dy}{dz} = 2 z\)", "", r"\(= -1.1\)"],
    ]


def test_a_screen_reader_finds_caption_and_headings():
    tree = table()
    assert tree.get("class") == "stepper"
    assert tree.find("caption").text == "Square of x < y"
    assert [th.get("scope") for th in tree.find("thead/tr")] == ["col"] * 4
    for body in tree.findall("tbody"):
        assert [row[0].get("scope") for row in body] == ["rowgroup"] + ["row"] * (len(body) - 1)


def test_formulas_are_marked_as_sphinx_marks_them():
    for span in table().iter("span"):
        if span.get("class") != "why":
            assert span.get("class") == "math notranslate nohighlight"
            assert re.fullmatch(r"\\\(.+\\\)", span.text)


def test_the_plain_text_says_the_same():
    assert repr(Stepper(STEPS, "Square")).splitlines() == [
        "Square",
        "",
        "Forward",
        r"  1  z = x w < 5 = 1.1 \cdot (-0.5) = -0.55  (One input & one weight.)",
        r"  2  y = z^2 = (-0.55)^2 = 0.3025",
        "",
        "Backward",
        r"  3  \frac{dy}{dz} = 2 z = -1.1",
    ]


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (1 / 3, 10, "0.3333333333"),
        (1 / 3, 4, "0.3333"),
        (2, 10, "2.0"),
        (-0.0, 4, "0.0"),
        (-1e-12, 4, "0.0"),
        (100.25, 1, "100.2"),
        (0.5, 15, "0.5"),
    ],
)
def test_values_have_so_many_decimals_and_no_zeros_at_the_end(value, digits, shown):
    text = repr(Stepper([Step("", "x", "", value)], "", digits=digits))
    assert text.split(" = ")[1] == shown


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Stepper([], "t"), ValueError, "at least one Step"),
        (lambda: Stepper([("a", "b", "c", 1)], "t"), TypeError, "line 1 must be a Step; got tuple"),
        (lambda: Stepper([Step("", "x", "", "1")], "t"), TypeError, "the value '1'"),
        (
            lambda: Stepper([Step("", "x", "", float("nan"))], "t"),
            ValueError,
            "x, has the value nan",
        ),
        (lambda: Stepper(STEPS, "t", digits=0), ValueError, "from 1 to 15; got 0"),
        (lambda: Stepper(STEPS, "t", digits=2.0), ValueError, "from 1 to 15; got 2.0"),
    ],
)
def test_bad_steps_are_refused_with_a_lesson(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_it_imports_nothing_but_the_standard_library():
    tree = ast.parse(Path(stepper.__file__).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {getattr(node, "module", None) or node.names[0].name for node in imports}
    assert {name.split(".")[0] for name in names} <= set(sys.stdlib_module_names)
    assert all(getattr(node, "level", 0) == 0 for node in imports)
