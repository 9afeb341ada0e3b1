"""The reference of the package has every public name, and leads to the right sections."""

import importlib
import pkgutil
import re
import sys
from pathlib import Path

import page_checks
import pytest
import yaml

import coursenn

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import reference  # noqa: E402
import sections  # noqa: E402

MODULES = {entry["module"]: entry["names"] for entry in reference.contents()}
HEAVIEST = 1_500_000  # bytes of a page, without what pages share


def test_every_module_is_on_the_page_or_said_to_be_internal():
    found = {module.name for module in pkgutil.iter_modules(coursenn.__path__)}
    listed = {name.removeprefix("coursenn.") for name in MODULES}
    internal = yaml.safe_load((ROOT / "book" / "api.yml").read_text(encoding="utf-8"))["internal"]
    assert listed | set(internal) == {name for name in found if name[0] != "_"}
    assert not listed & set(internal)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_of_a_module_is_on_the_page(module):
    found = reference.public_names(importlib.import_module(module))
    assert sorted(found) == sorted(MODULES[module])


def test_what_the_package_offers_is_on_the_page():
    listed = {name for names in MODULES.values() for name in names}
    assert set(coursenn.__all__) <= listed


@pytest.mark.parametrize("module", MODULES)
def test_every_name_leads_to_a_section_that_exists(module):
    for name, where in MODULES[module].items():
        assert sections.place(where), name


def test_a_section_that_does_not_exist_is_noticed():
    with pytest.raises(ValueError, match="no such heading"):
        sections.place("05 BP5: one layer too many")


def test_every_public_name_says_what_it_does():
    for module, names in MODULES.items():
        for name in names:
            thing = getattr(importlib.import_module(module), name)
            assert isinstance(thing, dict | list) or thing.__doc__, f"{module}.{name}"


def test_lists_of_a_docstring_become_lists_and_markup_is_escaped():
    text = reference.markdown(
        "Return |x| * 2.\n\nParameters\n----------\n"
        "x, y : (m, n) array, in [0, 1)\n    Rows of ``X``."
    )
    assert r"Return \|x\| \* 2." in text
    assert r"- `x`, `y`: (m, n) array, in \[0, 1)<br>Rows of `X`." in text


def test_what_is_indented_is_shown_as_it_stands():
    text = reference.prose("See\n\n    BP1   δ = ∂C/∂A\n    BP3   ∂C/∂b\n\nand go on.")
    assert text == "See\n\n```text\nBP1   δ = ∂C/∂A\nBP3   ∂C/∂b\n```\n\nand go on."


def test_no_address_of_this_computer_is_on_the_page():
    assert " at 0x" not in reference.reference()


def test_the_built_page_has_all_names_and_working_links(html):
    page = html / "book" / "api.html"
    text = page.read_text(encoding="utf-8")
    assert len(text.encode()) < HEAVIEST
    anchors = page_checks.anchors(page)
    for module, names in MODULES.items():
        for name in names:
            assert name.lower().replace("_", "-") in anchors or f">{name}<" in text, (module, name)
    for file, anchor in re.findall(r'href="(\d\d_\w+\.html)#([^"]+)"', text):
        assert anchor in page_checks.anchors(html / "book" / file), (file, anchor)
