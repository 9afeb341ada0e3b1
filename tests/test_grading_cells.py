"""The format of graded notebooks: reading, releasing, and matching what was handed in."""

import copy
import json
import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import grading_demo as demo
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursenn.grading.cells import (
    CODE_STUB,
    MAX_BYTES,
    MAX_CELLS,
    TEXT_STUB,
    BadNotebook,
    Matched,
    cells_of,
    match,
    parse,
    read_bytes,
    read_source,
    release,
)

Notebook = dict[str, Any]
SOURCE_CELLS = cells_of(demo.notebook())


def find(notebook: Notebook, name: str) -> dict[str, Any]:
    """Return the cell with this name."""
    for raw in notebook["cells"]:
        if raw["metadata"].get("nbgrader", {}).get("grade_id") == name:
            return raw
    raise KeyError(name)


def text_of(notebook: Notebook, name: str) -> str:
    return "".join(find(notebook, name)["source"])


def matched(change: Callable[[Notebook], object]) -> Matched:
    """Return a changed release, matched with the source. In it, step is answered with `mine`."""
    notebook = release(demo.notebook())
    find(notebook, "step")["source"] = "mine"
    change(notebook)
    return match(cells_of(demo.notebook()), cells_of(notebook))


def answer(result: Matched, name: str = "step") -> str:
    return next(step.text for step in result.steps if step.name == name)


# -- Release -------------------------------------------------------------------------------


def test_a_release_has_stubs_in_place_of_solutions():
    given = release(demo.notebook())
    assert text_of(given, "step") == (
        "def step(w, b, x, y, lr):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n"
    )
    assert text_of(given, "sigmoid").count("raise NotImplementedError()") == 2
    assert text_of(given, "proof") == TEXT_STUB


def test_an_answer_without_marks_is_replaced_as_a_whole():
    notebook = demo.notebook()
    find(notebook, "step")["source"] = "def step(): return 1"
    assert text_of(release(notebook), "step") == CODE_STUB


def test_no_line_known_only_to_the_author_is_in_a_release():
    source, given = demo.notebook(), release(demo.notebook())
    public = {line.strip() for cell in cells_of(given) for line in cell.text.splitlines()}
    lines = [line.strip() for cell in cells_of(source) for line in cell.text.splitlines()]
    secret = [line for line in lines if line not in public]
    assert len(secret) > 40
    assert [line for line in secret if line in json.dumps(given)] == []


def test_tests_and_given_cells_of_a_release_cannot_be_edited_or_deleted():
    given = release(demo.notebook())
    for name in ("given", "step-shown", "step-hidden"):
        assert find(given, name)["metadata"]["editable"] is False
        assert find(given, name)["metadata"]["deletable"] is False
    assert find(given, "step")["metadata"]["editable"] is True


def test_a_release_says_how_much_of_a_test_is_hidden_and_has_no_outputs():
    source = demo.notebook()
    find(source, "step")["outputs"] = [{"output_type": "stream", "text": "secret"}]
    given = release(source)
    assert "coursenn" not in find(given, "step-shown")["metadata"]
    assert find(given, "step-hidden")["metadata"]["coursenn"] == {"hidden": "all"}
    assert find(given, "sigmoid-test")["metadata"]["coursenn"] == {"hidden": "some"}
    assert find(given, "step")["outputs"] == []


def test_a_release_leaves_the_source_alone():
    source = demo.notebook()
    release(source)
    assert source == demo.notebook()


# -- Reading -------------------------------------------------------------------------------


def source_with(tmp_path: Path, change: Callable[[Notebook], object]) -> Path:
    notebook = demo.notebook()
    change(notebook)
    (tmp_path / "set.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return tmp_path / "set.ipynb"


def test_a_good_source_is_read_as_it_is(tmp_path):
    assert read_source(source_with(tmp_path, lambda nb: None)) == demo.notebook()


# nbgrader refuses it too: it takes out solutions first, and then finds a mark scheme left.
BESIDE_THE_SOLUTION = """### BEGIN SOLUTION
1
### END SOLUTION
# === BEGIN MARK SCHEME ===
# 1 point: it is a one.
# === END MARK SCHEME ==="""


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        (lambda nb: find(nb, "given")["metadata"].clear(), "code cell 2 has no grade_id"),
        (lambda nb: nb["cells"].append(find(nb, "step")), "the name step is taken already"),
        (lambda nb: find(nb, "step-shown")["metadata"]["nbgrader"].update(points=0), "no points"),
        (
            lambda nb: find(nb, "step-shown")["metadata"]["nbgrader"].update(points=float("inf")),
            "no points",
        ),
        (lambda nb: nb["metadata"].update(coursenn={"identity": "your id"}), "name of a variable"),
        (lambda nb: nb["metadata"].update(coursenn={"identity": 3}), "name of a variable"),
        (lambda nb: find(nb, "step-shown").update(cell_type="markdown"), "is not code"),
        (lambda nb: find(nb, "step").update(source="### BEGIN SOLUTION"), "has no END SOLUTION"),
        (lambda nb: find(nb, "step").update(source="### BEGIN SOLUTION\n" * 2), "in pairs"),
        (lambda nb: find(nb, "step-hidden").update(source="### END HIDDEN TESTS"), "in pairs"),
        (lambda nb: find(nb, "given").update(source="### BEGIN SOLUTION"), "would see"),
        (lambda nb: nb["cells"][0].update(source="=== BEGIN MARK SCHEME ==="), "would see"),
        (lambda nb: find(nb, "step").update(source=BESIDE_THE_SOLUTION), "would see"),
    ],
)
def test_an_author_hears_of_mistakes_in_the_source(tmp_path, change, mistake):
    with pytest.raises(ValueError, match=mistake):
        read_source(source_with(tmp_path, change))


def test_an_author_hears_of_all_mistakes_at_once(tmp_path):
    def change(notebook):
        find(notebook, "given")["metadata"].clear()
        find(notebook, "step-shown")["cell_type"] = "markdown"

    with pytest.raises(ValueError, match=r"no grade_id(.|\n)*is not code"):
        read_source(source_with(tmp_path, change))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b'{"cells": [', "cut off"),
        (b"[" * 100_000, "cut off"),
        (b"[]", "no list of cells"),
        (b'{"cells": {}, "nbformat": 4}', "no list of cells"),
        (b'{"cells": [], "nbformat": 3}', "format 3"),
        (b'{"cells": [], "nbformat": "' + b"9" * 1000 + b'"}', "format 9"),
        (json.dumps({"cells": [{}] * (MAX_CELLS + 1), "nbformat": 4}).encode(), "more than 2000"),
    ],
)
def test_what_is_not_a_notebook_is_refused_with_a_reason(data, why):
    with pytest.raises(BadNotebook, match=why):
        parse(data)


@pytest.mark.parametrize(
    "cell",
    [
        None,
        7,
        {},
        {"metadata": [], "source": 5},
        {"metadata": {"nbgrader": "x"}, "source": [1, None]},
        {"metadata": {"nbgrader": {"grade_id": ["x"], "points": "nan"}}, "id": 3},
        {"metadata": {"nbgrader": {"grade_id": {}, "grade": True, "points": None}}},
        {"metadata": {"nbgrader": {"grade": True, "points": 10**400}}},
        {"metadata": {"nbgrader": {"grade": True, "points": float("inf")}}},
    ],
)
def test_cells_of_any_form_can_be_read(cell):
    data = json.dumps({"cells": [cell], "nbformat": 4}).encode()
    assert all(c.role == "added" and math.isfinite(c.points) for c in cells_of(parse(data)))


def test_a_byte_order_mark_does_no_harm():
    assert parse(b"\xef\xbb\xbf" + json.dumps(demo.notebook()).encode()) == demo.notebook()


def test_a_regular_file_is_read(tmp_path):
    (tmp_path / "a.ipynb").write_bytes(b"content")
    assert read_bytes(tmp_path / "a.ipynb") == b"content"


def test_a_missing_file_a_folder_and_a_large_file_are_refused(tmp_path):
    with pytest.raises(BadNotebook, match="no such file"):
        read_bytes(tmp_path / "missing.ipynb")
    with pytest.raises(BadNotebook):
        read_bytes(tmp_path)
    with open(tmp_path / "large.ipynb", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(BadNotebook, match=r"20 MB is the limit: clear its outputs"):
        read_bytes(tmp_path / "large.ipynb")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes on Windows")
def test_links_and_pipes_are_refused_without_waiting(tmp_path):
    (tmp_path / "secret").write_text("solution")
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "secret")
    with pytest.raises(BadNotebook, match="link"):
        read_bytes(tmp_path / "link.ipynb")
    os.mkfifo(tmp_path / "pipe.ipynb")
    with pytest.raises(BadNotebook, match="not a regular file"):
        read_bytes(tmp_path / "pipe.ipynb")


# -- Matching ------------------------------------------------------------------------------


def test_an_untouched_release_matches_without_a_note():
    result = matched(lambda nb: None)
    assert result.notes == []
    assert answer(result) == "mine"
    assert [step.name for step in result.steps][:3] == ["given", "step", "step-shown"]


def test_tests_given_cells_and_points_are_those_of_the_source():
    def change(notebook):
        find(notebook, "given")["source"] = "np = None"
        find(notebook, "step-shown")["source"] = "pass"
        find(notebook, "step-shown")["metadata"]["nbgrader"]["points"] = 1e9

    result = matched(change)
    assert answer(result, "given") == demo.GIVEN
    assert answer(result, "step-shown") == demo.STEP_SHOWN
    assert sum(step.points for step in result.steps) == sum(demo.PARTS.values())
    assert result.notes == [
        "the cell given was changed; the original is used",
        "the cell step-shown was changed; the original is used",
    ]


def test_a_missing_answer_is_empty_and_named():
    result = matched(lambda nb: nb["cells"].remove(find(nb, "step")))
    assert answer(result) == ""
    assert result.notes == ["the answer step is missing"]


def test_a_missing_test_is_used_all_the_same():
    result = matched(lambda nb: nb["cells"].remove(find(nb, "step-hidden")))
    assert answer(result, "step-hidden") == demo.STEP_HIDDEN
    assert result.notes == ["the cell step-hidden is missing; the original is used"]


@pytest.mark.parametrize("position", [1, 5, 99])
def test_an_unchanged_copy_does_not_replace_an_answer(position):
    def change(notebook):
        stub = copy.deepcopy(find(release(demo.notebook()), "step"))
        notebook["cells"].insert(position, stub)

    result = matched(change)
    assert answer(result) == "mine"
    assert result.notes == ["the answer step is there 2 times; all are run, in their order"]


def test_an_answer_that_was_split_or_copied_is_run_in_its_parts():
    def change(notebook):
        for name, text in [("step", "second"), ("proof", "my proof"), ("proof", "its end")]:
            part = copy.deepcopy(find(notebook, name)) | {"source": text}
            notebook["cells"].append(part)

    result = matched(change)
    names = [step.name for step in result.steps]
    place = names.index("step")
    assert [step.text for step in result.steps[place - 1 : place + 1]] == ["mine", "second"]
    assert names[place - 1] == "step, part 1"
    assert answer(result, "proof") == "my proof\n\nits end"


def test_a_copied_test_cell_does_nothing():
    result = matched(lambda nb: nb["cells"].append(copy.deepcopy(find(nb, "step-shown"))))
    assert [step.name for step in result.steps].count("step-shown") == 1
    assert result.notes == []


def test_a_renamed_answer_is_known_by_its_cell_id():
    def change(notebook):
        find(notebook, "step")["metadata"]["nbgrader"]["grade_id"] = "renamed"

    result = matched(change)
    assert answer(result) == "mine"
    assert result.notes == []


def test_lost_metadata_are_made_up_for_by_cell_ids():
    def change(notebook):
        for raw in notebook["cells"]:
            raw["metadata"] = {}

    result = matched(change)
    assert answer(result) == "mine"
    assert result.notes == []


def test_without_names_and_ids_the_code_is_run_in_its_own_order():
    def change(notebook):
        for raw in notebook["cells"]:
            raw["metadata"] = {}
            del raw["id"]

    result = matched(change)
    assert [step.text for step in result.steps[:2]] == [demo.GIVEN, "mine"]
    assert {step.role for step in result.steps[:6]} == {"added"}
    assert result.notes == ["no cell has the name it was given: your code is run in its own order"]


def test_added_code_runs_after_the_cell_it_followed_and_added_text_is_ignored():
    def change(notebook):
        place = notebook["cells"].index(find(notebook, "step")) + 1
        code = {"cell_type": "code", "source": "helper = 1", "metadata": {}}
        text = {"cell_type": "markdown", "source": "my notes", "metadata": {}}
        notebook["cells"][place:place] = [code, text]

    names = [step.name for step in matched(change).steps]
    assert names[names.index("step") + 1] == "added cell 1"
    assert "added cell 2" not in names


def test_flipped_flags_and_another_cell_type_change_nothing():
    def change(notebook):
        find(notebook, "step")["cell_type"] = "markdown"
        find(notebook, "step")["metadata"]["nbgrader"].update(solution=False, grade=True)
        find(notebook, "step-hidden")["metadata"]["nbgrader"].update(solution=True, grade=False)

    result = matched(change)
    step = next(step for step in result.steps if step.name == "step")
    assert (step.role, step.is_code, step.text) == ("answer", True, "mine")
    assert answer(result, "step-hidden") == demo.STEP_HIDDEN


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
names = st.sampled_from(["step", "given", "step-shown", "proof", "other"])
any_cell = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | json_values,
        "id": names.map("id-{}".format) | json_values,
        "source": st.lists(st.text(), max_size=3) | json_values,
        "metadata": json_values
        | st.fixed_dictionaries(
            {
                "nbgrader": json_values
                | st.fixed_dictionaries(
                    {}, optional={"grade_id": names | json_values, "solution": json_values}
                )
            }
        ),
    },
)


@settings(max_examples=50)
@given(st.lists(any_cell | json_values, max_size=8))
def test_matching_never_fails_and_takes_nothing_but_answers(cells):
    data = json.dumps({"cells": cells, "nbformat": 4}).encode()
    result = match(SOURCE_CELLS, cells_of(parse(data)))
    kept = [step for step in result.steps if step.role != "added"]
    assert [step.name for step in kept] == [cell.name for cell in SOURCE_CELLS if cell.name]
    for step, cell in zip(kept, [cell for cell in SOURCE_CELLS if cell.name], strict=True):
        assert replace(step, text="") == replace(cell, text="")
        assert step.text == cell.text or cell.role == "answer"


def test_text_that_cannot_be_stored_is_mended():
    result = matched(lambda nb: find(nb, "step").update(source="x = '\ud800\0'"))
    assert answer(result) == "x = '?'"
