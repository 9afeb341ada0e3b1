"""A worked example: what its table says, and how a reader steps through it."""

import ast
import importlib
import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import nbformat
import page_checks
import pytest
from compare import difference_of_outputs
from execute import execute
from nbformat.v4 import new_code_cell, new_notebook, new_output
from test_nbval_policy import run_nbval

from coursenn import stepper
from coursenn.stepper import Step, Stepper

STATIC = Path(__file__).parents[1] / "book" / "_static"

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


# ---- what nbval compares -----------------------------------------------------------------


def stored(value, numbers="2 + 1"):
    """Return the output that a notebook stores for a stepper of one line."""
    shown = Stepper([Step("Forward", "y", numbers, value)], "t")
    data = {"text/plain": repr(shown), "text/html": shown._repr_html_()}
    return new_output("execute_result", data=data, execution_count=1)


def planted(output, kind, old, new):
    """Return the output with one change, in the format of that kind only."""
    data = {**output.data, kind: output.data[kind].replace(old, new)}
    assert data != output.data
    return new_output("execute_result", data=data, execution_count=1)


@pytest.mark.parametrize("kind", ["text/html", "text/plain"])
@pytest.mark.parametrize(
    ("old", "new"), [("0.3333333333", "0.3333333343"), ("2 + 1", "2 + 2"), ("Forward", "Back")]
)
def test_a_change_planted_in_either_format_is_noticed(kind, old, new):
    output = stored(1 / 3)
    assert difference_of_outputs([output], [planted(output, kind, old, new)])


@pytest.mark.parametrize("drift", [1e-16, 1e-10])
def test_what_another_machine_rounds_otherwise_is_the_same(drift):
    for value in (1 / 3, 1.0, -0.25, 0.0):
        assert difference_of_outputs([stored(value)], [stored(value + drift)]) is None


def test_nbval_fails_a_notebook_whose_stored_stepper_was_changed(tmp_path):
    code = "from coursenn.stepper import Step, Stepper\nStepper([Step('a', 'y', '', 1 / 3)], 't')"
    path = tmp_path / "same.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(code)]), path)
    execute(path)
    for kind in ("text/html", "text/plain"):
        notebook = nbformat.read(path, as_version=4)
        (output,) = notebook.cells[0].outputs
        notebook.cells[0].outputs = [planted(output, kind, "0.3333333333", "0.3333333335")]
        nbformat.write(notebook, tmp_path / f"{kind[5:]}.ipynb")
    failures = run_nbval(tmp_path)
    assert {name: set(cells) for name, cells in failures.items()} == {
        "same": set(),
        "html": {0},
        "plain": {0},
    }
    assert "0.3333333335 became 0.3333333333" in failures["html"][0]


# ---- in a page ---------------------------------------------------------------------------

MATHJAX = Path(importlib.import_module("sphinx-mathjax-offline").__path__[0], "static", "mathjax")
PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A page</title>
<link rel="stylesheet" href="{(STATIC / "course.css").as_uri()}">
<script src="{(STATIC / "stepper.js").as_uri()}"></script>
<script defer src="{(MATHJAX / "tex-svg-full.js").as_uri()}"></script></head>
<body class="bd-content"><h1>A page</h1>
<style>.cell_output .text_html {{{{ overflow: auto; }}}}</style>
<div class="cell_output"><div class="output text_html">{{}}</div></div>
<p><a href="#">after</a></p></body></html>"""
LONG = Step("Backward", r"\delta", r"0.1234567891 \cdot 0.1234567891 \cdot 0.1234567891", 0.5)


@pytest.fixture
def reader(browser, tmp_path):
    """Return a reader of a page with a worked example of four lines; a fault fails the test."""
    html = Stepper([*STEPS, LONG], "Square")._repr_html_()
    (tmp_path / "page.html").write_text(PAGE.format(html), encoding="utf-8")
    with page_checks.Reader(browser) as reader:
        reader.page.goto((tmp_path / "page.html").as_uri())
        reader.page.locator(".stepper-bar").wait_for()
        yield reader
        assert reader.problems == []


def lines(page):
    """Return the numbers of the lines that are seen, and which of them is the current one."""
    rows = page.locator("tbody tr:has(th[scope=row])").all()
    seen = [number for number, row in enumerate(rows, 1) if row.is_visible()]
    current = [n for n, row in enumerate(rows, 1) if row.get_attribute("aria-current") == "step"]
    return seen, current


def progress(page):
    return page.locator(".stepper-progress").inner_text()


def test_the_first_line_shows_at_first(reader):
    assert lines(reader.page) == ([1], [1])
    assert progress(reader.page) == "line 1 of 4"
    bar = reader.page.locator(".stepper-bar").bounding_box()
    assert reader.page.locator("caption").bounding_box()["y"] >= bar["y"] + bar["height"]


def test_a_reader_steps_by_mouse(reader):
    page = reader.page
    shown = []
    for name in ("Next", "Next", "Back", "All", "Next", "First", "Back"):
        page.get_by_role("button", name=name).click(force=True)  # at an end, it does nothing
        shown.append(lines(page))
    one, two, three, four = ([*range(1, n + 1)] for n in (1, 2, 3, 4))
    expected = [two, three, two, four, four, one, one]
    assert shown == [(seen, [seen[-1]]) for seen in expected]


def test_a_reader_steps_by_keyboard(reader):
    page = reader.page
    page.keyboard.press("Tab")  # First
    page.keyboard.press("Tab")  # Back
    page.keyboard.press("Tab")  # Next
    page.keyboard.press("Enter")
    assert progress(page) == "line 2 of 4"
    for key, expected in [
        ("ArrowRight", 3),
        ("ArrowDown", 4),
        ("ArrowRight", 4),
        ("ArrowLeft", 3),
        ("ArrowUp", 2),
        ("End", 4),
        ("Home", 1),
        ("Control+ArrowRight", 1),
    ]:
        page.keyboard.press(key)
        assert progress(page) == f"line {expected} of 4", key


def test_keys_pressed_elsewhere_are_left_alone(reader):
    reader.page.get_by_role("link", name="after").focus()
    reader.page.keyboard.press("ArrowRight")
    assert progress(reader.page) == "line 1 of 4"


def test_line_and_buttons_stay_in_sight(reader):
    page = reader.page
    page.set_viewport_size({"width": 390, "height": 400})
    page.get_by_role("button", name="Next").click()
    for key in ("ArrowDown", "ArrowDown", "Home", "End"):
        page.keyboard.press(key)
        bar = page.locator(".stepper-bar").bounding_box()
        row = page.locator("[aria-current=step]").bounding_box()
        assert 0 <= bar["y"] < bar["y"] + bar["height"] <= row["y"] + 1, key
        assert row["y"] + row["height"] <= 400, key


def test_a_screen_reader_is_told_the_line_with_its_formulas_and_not_at_the_start(reader):
    live = reader.page.locator("[aria-live]")
    assert live.inner_text() == ""
    reader.page.get_by_role("button", name="Next").click()
    assert live.inner_text().startswith("line 2 of 4, Forward:")
    assert live.locator("math").count() == 3
    assert live.locator("math").first.text_content() == "y=z2"


def test_the_heading_of_a_part_comes_with_its_first_line(reader):
    page = reader.page
    backward = page.locator("th[scope=rowgroup]", has_text="Backward")
    seen = [backward.is_visible()]
    for _ in range(2):
        page.get_by_role("button", name="Next").click()
        seen.append(backward.is_visible())
    assert seen == [False, False, True]


def test_on_paper_the_whole_table_stands_without_buttons(reader):
    reader.page.emulate_media(media="print")
    assert lines(reader.page)[0] == [1, 2, 3, 4]
    assert not reader.page.locator(".stepper-bar").is_visible()


def test_without_the_script_the_whole_table_stands(browser, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(Stepper(STEPS, "Square")._repr_html_()), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False, offline=True)
    tab = context.new_page()
    tab.goto(page.as_uri())
    assert tab.locator("tr:visible").count() == 1 + 2 + 3  # columns, parts, lines
    assert tab.get_by_role("button").count() == 0
    context.close()


@pytest.mark.parametrize("width", [360, 390, 1280])
def test_the_page_never_scrolls_sideways_and_long_numbers_do_in_their_cell(reader, width):
    page = reader.page
    page.set_viewport_size({"width": width, "height": 844})
    page.reload()
    page.locator(".stepper-bar").wait_for()
    page.get_by_role("button", name="All").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for cell in page.locator("tbody td:visible").all():
        box = cell.bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= width


def test_all_formulas_are_set_as_large_whether_seen_or_not(reader):
    assert reader.page.locator("tbody .math").count() == 11
    assert reader.page.locator("tbody .math mjx-container svg").count() == 11
    reader.page.get_by_role("button", name="All").click()
    heights = reader.page.locator("tbody td:nth-last-child(1) svg").evaluate_all(
        "all => all.map(svg => svg.getBoundingClientRect().height / svg.viewBox.baseVal.height)"
    )
    assert max(heights) < 1.01 * min(heights)


def test_two_examples_on_a_page_do_not_know_each_other(browser, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(2 * Stepper(STEPS, "Square")._repr_html_()), encoding="utf-8")
    with page_checks.Reader(browser) as reader:
        reader.page.goto(page.as_uri())
        reader.page.get_by_role("button", name="Next").last.click()
        assert reader.page.locator(".stepper-progress").all_inner_texts() == [
            "line 1 of 3",
            "line 2 of 3",
        ]
