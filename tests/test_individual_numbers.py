"""The individual networks of the backpropagation set have no coincidences: all 10,000 are tried.

A student's numbers are wrong in a way that can be named only if no slip leads to the right
value, or to that of another slip. Some slips cannot matter for some values: without biases or
with them, tanh of the same sum is the same. Such pairs agree in every network, and are let be.
"""

import hashlib
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coursenn.grading.cells import cells_of, read_source

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "exercises" / "backprop" / "source" / "backprop.ipynb"
RTOL = 1e-5  # of the comparison with a student's numbers
SAME = {frozenset(pair) for pair in [("d11", "db1"), ("d12", "db2"), ("d2", "dc")]}


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """Return what the notebook binds: the networks, the right steps, and the slips."""
    cells = {cell.name: cell.text for cell in cells_of(read_source(SOURCE))}
    found: dict[str, Any] = {"np": np, "hashlib": hashlib}
    for name in ("setup", "individual", "forward-hidden", "backward-hidden"):
        exec(cells[name].split("slips = {")[0], found)
    return found


@pytest.fixture(scope="module")
def networks(names) -> dict[str, np.ndarray]:
    """Return each number of all networks, (10000,)."""
    all_of_them = [names["network_number"](k) for k in range(10_000)]
    return {name: np.array([n[name] for n in all_of_them]) for name in all_of_them[0]}


@pytest.fixture(scope="module")
def answers(names, networks) -> dict[str, dict[str, np.ndarray]]:
    """Return for each value that is asked for what everybody gets, by the name of the slip."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for way in ("forward", "backward"):
        for slip, how in {"": {}, **names[f"{way.upper()}_SLIPS"]}.items():
            for value, numbers in names[f"go_{way}"](networks, **how).items():
                found.setdefault(value, {})[slip] = numbers
    return found


def apart(x: np.ndarray, y: np.ndarray) -> bool:
    """Can the numbers of no network be taken for each other?"""
    return bool(np.all(np.abs(x - y) > 2 * RTOL * np.maximum(np.abs(x), np.abs(y))))


def alike(x: np.ndarray, y: np.ndarray) -> bool:
    """Are the numbers of all networks the same?"""
    return bool(np.allclose(x, y, rtol=1e-9, atol=0))


def test_no_slip_leads_to_the_right_value_or_to_that_of_another_slip(answers):
    pairs = [
        (value, *pair) for value, by_slip in answers.items() for pair in combinations(by_slip, 2)
    ]
    without_difference = [
        (value, one, other)
        for value, one, other in pairs
        if alike(answers[value][one], answers[value][other])
    ]
    assert len(pairs) > 1000
    assert len(without_difference) < len(pairs) / 5
    assert [
        (value, one, other)
        for value, one, other in set(pairs) - set(without_difference)
        if not apart(answers[value][one], answers[value][other])
    ] == []


def test_every_slip_shows_in_some_value_of_every_network(answers, names):
    for way in ("forward", "backward"):
        for slip in names[f"{way.upper()}_SLIPS"]:
            of_slip = {v: by_slip for v, by_slip in answers.items() if slip in by_slip}
            assert any(apart(by_slip[""], by_slip[slip]) for by_slip in of_slip.values()), slip


def test_no_two_slips_leave_the_same_traces(answers, names):
    for way in ("forward", "backward"):
        for one, other in combinations(names[f"{way.upper()}_SLIPS"], 2):
            both = [by_slip for by_slip in answers.values() if {one, other} <= set(by_slip)]
            assert any(apart(by_slip[one], by_slip[other]) for by_slip in both), (one, other)


def test_different_values_of_one_network_differ(answers):
    for one, other in combinations(answers, 2):
        if frozenset((one, other)) not in SAME:
            assert apart(answers[one][""], answers[other][""]), (one, other)


def test_no_value_is_lost_in_rounding(answers):
    assert all(np.abs(by_slip[""]).min() > 1e-5 for by_slip in answers.values())


def test_networks_are_easy_to_write_down_and_differ(networks):
    stacked = np.column_stack(list(networks.values()))
    assert np.allclose(100 * stacked, np.round(100 * stacked), rtol=0, atol=1e-9)
    assert len(np.unique(stacked, axis=0)) == 10_000
    sizes = np.sort(np.abs(stacked[:, :-1]), axis=1)
    assert np.all(np.diff(sizes, axis=1) > 0.005)
    assert list(networks)[-1] == "y"
    assert 0 < networks["y"].min() < networks["y"].max() < 1


def test_an_id_leads_to_its_network_whatever_its_letters_look_like(names):
    individual = names["individual"]
    assert individual("ada") == individual(" ADA ") != individual("bob")
    assert individual(20_260_001) == individual("20260001")
    drawn = [tuple(individual(f"s{i}").values()) for i in range(1000)]
    assert 920 < len(set(drawn)) < 1000  # of 10,000, chance gives some students the same


def test_a_coincidence_would_be_found(answers):
    x = answers["a"][""]
    near = x.copy()
    near[77] *= 1 + 1e-5
    assert not apart(x, near)
    assert not apart(x, x)
    assert not alike(x, near)


def test_the_tolerance_is_that_of_the_notebook():
    tests = [cell.text for cell in cells_of(read_source(SOURCE)) if cell.name.endswith("hidden")]
    used = [float(found) for text in tests for found in re.findall(r"rtol=([\d.e-]+)", text)]
    assert used == [RTOL, RTOL]
