"""The notebooks are tests only if nbval notices what changed: here it must, every time."""

import base64
import copy
import io
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import numpy as np
import pytest
from compare import difference_of_images, difference_of_outputs, difference_of_texts
from execute import SAME_ARITHMETIC, arithmetic, execute, kernel_environment, main, normalised
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image, PngImagePlugin

ROOT = Path(__file__).resolve().parents[1]

# ---- texts -----------------------------------------------------------------------------

SAME_TEXTS = [
    ("loss 0.3456", "loss 0.3457"),
    ("loss 0.3456.", "loss 0.3455."),
    ("95.42%", "95.43%"),
    ("1e-05", "9.9e-06"),
    ("1.00e-05", "9.99e-06"),
    ("-0.0000", "0.0000"),
    ("[ 0. 1.]", "[-0.  1.]"),
    ("[1. 2.]", "[1.     1.9999]"),
    ("a  0.25\nbb 0.5", "a    0.25\nbb   0.5"),
    ("<td>0.1234</td>", "<td>0.1235</td>"),
    ("1,234.56", "1,234.57"),
    ("nan", "nan"),
    ("(0.25, 3)", "(0.26, 3)"),
    ("x=-0.25", "x=-0.26"),
]

DIFFERENT_TEXTS = [
    ("9542 of 10000", "9543 of 10000"),
    ("9542 of 10000.", "9542 of 10001."),  # a full stop does not make a float
    ("loss 0.3456", "loss 0.3458"),
    ("loss 0.3456", "cost 0.3456"),
    ("loss 0.3456", "loss -0.3456"),
    ("95.42%", "95.42"),
    ("95%", "96%"),
    ("epoch3", "epoch4"),
    ("784-30-10", "784-31-10"),
    ("version 1.2.3", "version 1.2.4"),
    ("0.0012", "nan"),
    ("nan", "inf"),
    ("inf", "-inf"),
    ("3", "3.0"),
    ("[1. 2.]", "[1. 3.]"),
    ("1e-05", "3e-05"),
    ("1e-05", "1e-04"),
    ("0.1", "0.1456"),
    ("10,000", "10,001"),
    ("0.5 0.5", "0.5 0.5 0.5"),
    ("0.5 0.5", "0.50.5"),
    ("\N{MINUS SIGN}0.25", "0.25"),
    ("True", "False"),
    ("one line", "one line\n\ntwo lines"),
    ("one line", "one\nline"),
    ("", "loss 0.3456"),
]


@pytest.mark.parametrize(("stored", "new"), SAME_TEXTS)
def test_texts_that_agree_to_the_last_digit_are_the_same(stored, new):
    assert difference_of_texts(stored, new) is None
    assert difference_of_texts(new, stored) is None


@pytest.mark.parametrize(("stored", "new"), DIFFERENT_TEXTS)
def test_other_words_integers_and_digits_are_different(stored, new):
    assert difference_of_texts(stored, new)
    assert difference_of_texts(new, stored)


# ---- pictures --------------------------------------------------------------------------


def picture(change=lambda pixels: None, version="3.11", size=(400, 640)):
    """Return a white PNG in base64 with a grey square, and whatever `change` draws."""
    pixels = np.full((*size, 3), 255, np.uint8)
    pixels[100:200, 100:200] = 128
    change(pixels)
    return encoded(pixels, version)


def encoded(pixels, version):
    """Return a PNG in base64 that names a version of matplotlib."""
    note = PngImagePlugin.PngInfo()
    note.add_text("Software", version)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", pnginfo=note)
    return base64.b64encode(file.getvalue()).decode()


def dot(pixels):
    pixels[300:304, 300:304] = 0


def faint(pixels):
    pixels[100:200, 100:200] += 2


def shifted(pixels):
    pixels[:] = np.roll(pixels, (2, -1), axis=(0, 1))


def thick_curve(pixels):
    pixels[240:250] = 0


def test_equal_versions_of_matplotlib_reveal_a_dot():
    assert difference_of_images(picture(), picture(faint)) is None
    assert difference_of_images(picture(), picture(dot))
    assert difference_of_images(picture(), picture(shifted))
    assert difference_of_images(picture(), picture(size=(401, 640)))


def test_another_version_of_matplotlib_may_shift_a_drawing_but_not_lose_a_curve():
    assert difference_of_images(picture(), picture(shifted, version="3.10")) is None
    assert difference_of_images(picture(), picture(dot, version="3.10")) is None  # not seen
    assert difference_of_images(picture(), picture(size=(402, 638), version="3.10")) is None
    assert difference_of_images(picture(), picture(thick_curve, version="3.10"))
    assert difference_of_images(picture(), picture(size=(440, 640), version="3.10"))


# ---- outputs ---------------------------------------------------------------------------

PRINTED = new_output("stream", name="stdout", text="loss 0.3456\n")
WARNED = new_output("stream", name="stderr", text="RuntimeWarning: overflow\n")
DRAWN = new_output("display_data", {"image/png": picture(), "text/plain": "<Figure>"})
TABLE = new_output("execute_result", {"application/json": {"loss": 0.3456, "n": 3}})
RAISED = new_output("error", ename="ValueError", evalue="3 rows", traceback=["..."])


def changed(output, **values):
    return nbformat.from_dict({**copy.deepcopy(output), **values})


@pytest.mark.parametrize(
    ("stored", "new"),
    [
        ([PRINTED], []),
        ([DRAWN], []),
        ([], [DRAWN]),
        ([PRINTED], [PRINTED, WARNED]),
        ([PRINTED, DRAWN], [DRAWN, PRINTED]),
        ([DRAWN], [DRAWN, DRAWN]),
        ([RAISED], []),
        ([RAISED], [changed(RAISED, ename="TypeError")]),
        ([RAISED], [changed(RAISED, evalue="4 rows")]),
        ([TABLE], [changed(TABLE, data={"application/json": {"loss": 0.3456, "n": 4}})]),
        ([DRAWN], [changed(DRAWN, data={"image/png": picture(dot), "text/plain": "<Figure>"})]),
        ([DRAWN], [changed(DRAWN, data={"image/png": picture()})]),
    ],
)
def test_outputs_that_come_go_or_change_are_different(stored, new):
    assert difference_of_outputs(stored, stored) is None
    assert difference_of_outputs(stored, new)


# ---- a whole notebook, run by nbval ----------------------------------------------------

CELLS = [
    "import matplotlib.pyplot as plt\nimport numpy as np\n\nrng = np.random.default_rng(3)",
    "right = int(rng.binomial(10_000, 0.95))\nprint(f'{right} of 10000 digits are right')",
    "loss = rng.uniform(0.25, 0.75)\nprint(f'loss {loss:.4f}')",
    "steps = rng.normal(size=(2, 40)).cumsum(axis=1)\n"
    "fig, ax = plt.subplots()\nax.plot(steps[0])\nax.plot(steps[1]);",
    "def f(x):\n    return np.tanh(x)\n\n\ndef df(x):\n    return 1 - np.tanh(x) ** 2",
    "central = (f(0.3 + 1e-5) - f(0.3 - 1e-5)) / 2e-5\n"
    "print(f'by hand {df(0.3):.4f}, by differences {central:.4f}')",
    "int(right > 0)",
]
COUNT, LOSS, PLOT, DERIVATIVE, CHECK = 1, 2, 3, 4, 5


def in_output(cell, old, new):
    """Return a change of what a cell has stored; `new` may be a function of the text."""

    def change(notebook):
        output = notebook.cells[cell].outputs[0]
        planted = output.text.replace(old, new)
        assert planted != output.text, f"{old!r} is not in {output.text!r}"
        output.text = planted

    return change


def in_source(cell, old, new):
    """Return a change of the code of a cell, whose stored outputs stay."""

    def change(notebook):
        planted = notebook.cells[cell].source.replace(old, new)
        assert planted != notebook.cells[cell].source
        notebook.cells[cell].source = planted

    return change


def add_to_last_digit(units):
    """Return a change of the stored loss by units in the fourth decimal."""

    def change(notebook):
        output = notebook.cells[LOSS].outputs[0]
        output.text = f"loss {float(output.text.split()[1]) + units * 1e-4:.4f}\n"

    return change


def no_output(cell):
    """Return a change that removes what one cell has stored."""

    def change(notebook):
        notebook.cells[cell].outputs = []

    return change


def clear_all_outputs(notebook):
    for cell in notebook.cells:
        cell.outputs, cell.execution_count = [], None


def sensitive(stored_with):
    """Return a change: a cell depends on the last bit, and was stored with this arithmetic."""

    def change(notebook):
        notebook.cells[COUNT].metadata["tags"] = [SAME_ARITHMETIC]
        notebook.metadata["coursenn"] = {"arithmetic": stored_with}

    return change


# Name of a copy: the changes planted in it, and the cells that must fail, with the reason;
# all others must pass. A kernel starts for every copy, so some changes share one.
COPIES = {
    "as_stored": ([add_to_last_digit(1)], {}),
    "numbers": (
        [in_output(COUNT, "10000", "10001"), add_to_last_digit(10), no_output(PLOT)],
        {COUNT: "10001 became 10000", LOSS: "became", PLOT: "image/png"},
    ),
    "words": (
        [
            in_output(COUNT, "right", "wrong"),
            add_to_last_digit(2),
            in_source(PLOT, "ax.plot(steps[0])\n", ""),
            in_source(CHECK, "/ 2e-5", "/ int(0)"),
        ],
        {
            COUNT: "the words differ",
            LOSS: "became",
            PLOT: "the picture changed",
            CHECK: "RuntimeWarning",
        },
    ),
    "lines": (
        [
            no_output(COUNT),
            in_output(LOSS, "\n", "\nand more\n"),
            in_source(DERIVATIVE, "** 2", "** 3"),
        ],
        {COUNT: "now there are ['stdout']", LOSS: "the words differ", CHECK: "became"},
    ),
    "seed": (
        [in_source(0, "rng(3)", "rng(4)")],
        {COUNT: "became", LOSS: "became", PLOT: "the picture changed"},
    ),
    "same_arithmetic": (
        [sensitive(arithmetic()), in_output(COUNT, "10000", "10001")],
        {COUNT: "10001 became 10000"} if arithmetic() else {},
    ),
    "other_arithmetic": (
        [sensitive("that of an abacus"), in_output(COUNT, "10000", "10001"), no_output(PLOT)],
        {PLOT: "image/png"},
    ),
    "cleared": ([clear_all_outputs], {"the notebook": "was not run from top to bottom"}),
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Return a small notebook with text, numbers, a plot and a derivative, executed."""
    path = tmp_path_factory.mktemp("original") / "small.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in CELLS]), path)
    execute(path)
    return path


def run_nbval(folder, *options, **environment):
    """Run the notebooks of `folder` by our rules: {name: {cell: why it failed}}."""
    return failures_in(report_of_nbval(folder, *options, **environment), folder)


def report_of_nbval(folder, *options, **environment):
    """Run pytest on `folder` with the conftest of the book; return its report."""
    shutil.copy(ROOT / "book" / "conftest.py", folder)
    report = folder / "report.xml"
    options = ["-c", ROOT / "pyproject.toml", "--rootdir", folder, *options]
    options += ["-p", "no:cacheprovider", "--continue-on-collection-errors"]
    subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"--junitxml={report}", folder],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", **environment},
        capture_output=True,
        timeout=600,
        check=False,  # planted errors must make it fail
    )
    return ET.parse(report)


def failures_in(report, folder):
    failures = {path.stem: {} for path in folder.glob("*.ipynb")}
    for case in report.iter("testcase"):
        name, cell = notebook_and_cell(case)
        for problem in [*case.iter("failure"), *case.iter("error")]:
            failures[name][cell] = f"{problem.get('message')}\n{problem.text}"
    return failures


def notebook_and_cell(case):
    """Return the notebook's name and the cell's number, or 'the notebook' for all of it."""
    name, _, cell = case.get("name").partition("Cell ")
    if cell:
        return Path(case.get("classname").replace(".ipynb", "")).name, int(cell)
    return Path(name).stem, "the notebook"


@pytest.fixture(scope="module")
def failures(executed, tmp_path_factory):
    """Plant the changes in copies of the notebook, and let nbval run all copies at once."""
    folder = tmp_path_factory.mktemp("planted")
    for name, (changes, _) in COPIES.items():
        notebook = nbformat.read(executed, as_version=4)
        for change in changes:
            change(notebook)
        nbformat.write(notebook, folder / f"{name}.ipynb")
    return run_nbval(folder)


@pytest.mark.parametrize("name", COPIES)
def test_nbval_fails_the_cells_whose_outputs_changed_and_no_others(failures, name):
    _, expected = COPIES[name]
    assert set(failures[name]) == set(expected)
    for cell, reason in expected.items():
        assert reason in failures[name][cell]


# ---- a chapter whose data are missing --------------------------------------------------

NO_MNIST = """
from coursenn import data


def load_mnist():
    raise data.DatasetError("cannot get mnist: put it into the folder of COURSENN_DATA")


data.load_mnist = load_mnist
"""


@pytest.fixture
def needs_mnist(executed, tmp_path):
    """Return a folder with a notebook that needs MNIST, and a plugin that takes it away."""
    notebook = nbformat.read(executed, as_version=4)
    notebook.metadata["coursenn"] = {"needs": ["mnist"]}
    nbformat.write(notebook, tmp_path / "mnist.ipynb")
    (tmp_path / "no_mnist.py").write_text(NO_MNIST)
    return tmp_path


def test_a_chapter_without_its_data_is_skipped_and_says_how_to_get_them(needs_mnist):
    report = report_of_nbval(needs_mnist, "-p", "no_mnist", CI="")
    skipped = [skip.get("message") for skip in report.iter("skipped")]
    assert skipped == ["cannot get mnist: put it into the folder of COURSENN_DATA"] * len(CELLS)


def test_ci_fails_when_data_are_missing(needs_mnist):
    found = run_nbval(needs_mnist, "-p", "no_mnist", CI="true", COURSENN_DATA=str(needs_mnist))
    assert set(found["mnist"]) == set(range(len(CELLS)))
    assert "CI must run this chapter, but: cannot get mnist" in found["mnist"][0]


@pytest.fixture
def needs_a_module(executed, tmp_path):
    """Return a folder with a notebook that needs a module that nobody has."""
    notebook = nbformat.read(executed, as_version=4)
    notebook.metadata["coursenn"] = {"needs": ["nbval", "a_module_nobody_has"]}
    nbformat.write(notebook, tmp_path / "extra.ipynb")
    return tmp_path


def test_a_chapter_without_its_module_is_skipped_and_says_what_to_install(needs_a_module):
    report = report_of_nbval(needs_a_module, CI="")
    skipped = {skip.get("message") for skip in report.iter("skipped")}
    assert skipped == {
        "the chapter needs a_module_nobody_has, which is not installed:"
        " make frameworks, or pip install -r requirements-frameworks.txt"
    }
    assert len(list(report.iter("skipped"))) == len(CELLS)


def test_ci_fails_when_a_module_is_missing_even_without_data(needs_a_module):
    found = run_nbval(needs_a_module, CI="true", COURSENN_DATA="")
    assert set(found["extra"]) == set(range(len(CELLS)))
    assert "CI must run this chapter, but: the chapter needs a_module" in found["extra"][0]


def test_a_chapter_with_its_modules_is_run(needs_a_module):
    notebook = nbformat.read(needs_a_module / "extra.ipynb", as_version=4)
    notebook.metadata["coursenn"] = {"needs": ["nbval"]}
    nbformat.write(notebook, needs_a_module / "extra.ipynb")
    report = report_of_nbval(needs_a_module, CI="true")
    assert len(list(report.iter("testcase"))) == len(CELLS)
    assert not [*report.iter("skipped"), *report.iter("failure"), *report.iter("error")]


# ---- a real chapter --------------------------------------------------------------------

INTRO = ROOT / "book" / "intro.ipynb"


def with_output(notebook, kind):
    """Return the last cell that has an output of this kind, and the first such output."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in reversed(list(enumerate(cells))):
        for output in cell.outputs:
            if output.get("name") == kind or kind in output.get("data", {}):
                return number, output
    raise AssertionError(f"the notebook has no {kind}")


def plant_digit(notebook):
    """Raise the first digit of the last printed text."""
    number, output = with_output(notebook, "stdout")
    digit = re.search(r"\d", output.text)
    planted = str((int(digit[0]) + 1) % 10)
    output.text = output.text[: digit.start()] + planted + output.text[digit.end() :]
    return number


def plant_dot(notebook):
    """Draw a dot of 8 pixels into the last figure; the file keeps its note of a version."""
    number, output = with_output(notebook, "image/png")
    image = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))
    pixels = np.array(image)
    pixels[40:48, 40:48, :3] = 255 - pixels[40:48, 40:48, :3]
    output.data["image/png"] = encoded(pixels, image.info["Software"])
    return number


def test_a_digit_and_a_dot_planted_in_the_intro_are_noticed(tmp_path):
    notebook = nbformat.read(INTRO, as_version=4)
    planted = {plant_digit(notebook), plant_dot(notebook)}
    nbformat.write(notebook, tmp_path / "intro.ipynb")
    assert set(run_nbval(tmp_path)["intro"]) == planted


# ---- execute.py ------------------------------------------------------------------------


def test_executing_twice_gives_the_same_bytes(executed):
    first = executed.read_bytes()
    execute(executed)
    assert executed.read_bytes() == first
    assert not list(executed.parent.glob("*.tmp"))


def test_executing_removes_traces_of_the_machine_and_keeps_ids(tmp_path):
    cell = new_code_cell("print(1)", id="mine", metadata={"execution": {"iopub": "12:00"}})
    cell.metadata["tags"] = ["hide-input"]
    notebook = new_notebook(cells=[cell, new_code_cell("2")])
    notebook.metadata["kernelspec"] = {"name": "conda-me", "display_name": "Me"}
    notebook.metadata["language_info"] = {"name": "python", "version": "3.11.7"}
    notebook.metadata["coursenn"] = {"needs": ["mnist"]}
    del notebook.cells[1]["id"]
    clean = normalised(notebook)
    assert clean.metadata.kernelspec.name == "python3"
    assert clean.metadata.language_info == {"name": "python"}
    assert clean.metadata.coursenn == {"needs": ["mnist"]}
    assert clean.cells[0].metadata == {"tags": ["hide-input"]}
    assert [cell.id for cell in clean.cells] == ["mine", "cell-1"]


def test_a_kernel_finds_the_data_and_the_package_from_any_folder(monkeypatch):
    monkeypatch.setenv("COURSENN_DATA", "some/data")
    monkeypatch.setenv("MPLBACKEND", "agg")
    environment = kernel_environment()
    assert environment["COURSENN_DATA"] == str(Path.cwd() / "some" / "data")
    assert environment["PYTHONPATH"].split(os.pathsep)[0] == str(ROOT)
    assert environment["MPLBACKEND"].endswith("inline")


def test_pieces_of_a_stream_are_joined():
    outputs = [copy.deepcopy(output) for output in (PRINTED, PRINTED, DRAWN, PRINTED)]
    cell = new_code_cell("print()", outputs=outputs)
    (clean,) = normalised(new_notebook(cells=[cell])).cells
    assert [o.get("text") for o in clean.outputs] == [2 * PRINTED.text, None, PRINTED.text]


def test_a_notebook_that_fails_stays_as_it_was_and_the_others_are_executed(tmp_path, capsys):
    bad, good = tmp_path / "bad.ipynb", tmp_path / "good.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("print(1)"), new_code_cell("1 / 0")]), bad)
    nbformat.write(new_notebook(cells=[new_code_cell("print(1)")]), good)
    before = bad.read_bytes()
    assert main([str(bad), str(good)]) == f"not executed: {bad}"
    assert bad.read_bytes() == before
    assert nbformat.read(good, as_version=4).cells[0].execution_count == 1
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_notebook_is_stored_with_the_arithmetic_that_some_of_its_cells_depend_on(tmp_path):
    path = tmp_path / "small.ipynb"
    for tags, stored in (([], None), ([SAME_ARITHMETIC], arithmetic())):
        cell = new_code_cell("print(1)", metadata={"tags": tags})
        nbformat.write(new_notebook(cells=[cell]), path)
        execute(path)
        metadata = nbformat.read(path, as_version=4).metadata
        assert metadata.get("coursenn", {}).get("arithmetic") == stored
