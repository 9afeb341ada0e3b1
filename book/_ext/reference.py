"""Write the reference of the package from its docstrings, while the book is built.

``book/api.yml`` says which modules there are, in the order in which the chapters need
them, and for each public name the section of the book that derives it or uses it first.
A line ``% reference`` on a page is replaced by all of them.

Docstrings are plain text in NumPy's style. They are read here, and not by Sphinx,
because they are neither Markdown nor reStructuredText: ``|x|`` is meant literally.
"""

import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

import yaml
from sections import BOOK, link
from sphinx.application import Sphinx

sys.path.insert(0, str(BOOK.parent))  # the package, if it is not installed

PLACE = "% reference"
PACKAGE = BOOK.parent / "coursenn"
UNDERLINED = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)


def contents() -> list[dict[str, Any]]:
    """Return the modules of the reference, each with its names and their places."""
    text = (BOOK / "api.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["modules"]


def public_names(module: Any) -> list[str]:
    """Return what a module lists, or what it defines without an underscore.

    A class whose only object is public (``Sigmoid``, of ``sigmoid``) is found under it.
    """
    if hasattr(module, "__all__"):
        return list(module.__all__)
    source = inspect.getsource(module)
    offered = importlib.import_module("coursenn").__all__
    tables = [x for x in offered if re.search(rf"^{x}\b.*=", source, re.M)]
    own = {
        name: thing
        for name, thing in vars(module).items()
        if name in tables
        or (name[0] != "_" and getattr(thing, "__module__", None) == module.__name__)
    }
    single = [type(thing) for thing in own.values() if not is_code(thing)]
    return [name for name, thing in own.items() if thing not in single or takes(thing)]


def is_code(thing: Any) -> bool:
    return inspect.isclass(thing) or inspect.isroutine(thing)


def takes(thing: Any) -> list[str]:
    """Return the arguments of a function or class as they are written, but no types."""
    try:
        parameters = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):  # written in C, or nothing that is called
        return []
    return [str(p.replace(annotation=p.empty)) for p in map(readable, parameters)]


def readable(parameter: inspect.Parameter) -> inspect.Parameter:
    """Name a default that is a function or an object, without its address."""
    default = parameter.default
    text = getattr(default, "__name__", None) or repr(default)
    if default is parameter.empty or not re.search(r" at 0x|^<", repr(default)):
        return parameter
    return parameter.replace(
        default=type("Name", (), {"__repr__": lambda self: text})()
    )


# ---- docstrings ----------------------------------------------------------------------


def sections(docstring: str) -> dict[str, str]:
    """Return the text above the first underlined heading, under "", and below each."""
    first, *others = UNDERLINED.split(docstring)
    return {"": first, **dict(zip(others[::2], others[1::2], strict=True))}


def markdown(docstring: str) -> str:
    """Return a docstring as Markdown: its sections one after the other."""
    parts = sections(docstring)
    lines = [prose(parts.pop(""))]
    for title, text in parts.items():
        is_list = title not in ("References", "Notes", "Examples")
        body = "\n".join(entries(text)) if is_list else prose(text)
        lines.append(f"*{title}*\n\n{body}")
    return "\n\n".join(lines)


def entries(text: str) -> Iterator[str]:
    """Yield an item for each entry of a list such as that of the parameters."""
    for entry in re.split(r"\n(?=\S)", text.strip("\n")):
        head, *body = entry.split("\n")
        name, colon, kind = head.partition(" : ")
        said = " ".join(line.strip() for line in body)
        what = f": {escape(kind)}" if colon else ""
        yield f"- {names_in(name)}{what}" + (f"<br>{escape(said)}" if said else "")


def names_in(text: str) -> str:
    """Set names as code: ``n_in, n_out``; leave a sentence alone."""
    parts = text.split(", ")
    if all(re.fullmatch(r"[*\w\[\]., ]+", part) for part in parts):
        return ", ".join(f"`{part}`" for part in parts)
    return escape(text)


def prose(text: str) -> str:
    """Return paragraphs; what is indented is shown as it stands."""
    blocks = []
    for block in re.split(r"\n\s*\n(?! {4})", re.sub(r"^::$", "", text, flags=re.M)):
        lines = block.strip("\n").split("\n")
        if lines[0].startswith("    "):
            code = "\n".join(line.removeprefix("    ") for line in lines)
            blocks.append(f"```text\n{code}\n```")
        elif lines[0].startswith("- "):
            blocks.append("\n".join(escape(line) for line in lines))
        else:
            paragraph, _, code = block.strip("\n").partition("\n\n    ")
            blocks.append(escape(" ".join(paragraph.split()).removesuffix("::")))
            if code:
                blocks += [prose("    " + code)]
    return "\n\n".join(block for block in blocks if block.strip())


def escape(text: str) -> str:
    """Escape what Markdown would take for markup, but not ``code``."""
    parts = re.split(r"(``.+?``|`[^`]+`)", text)
    plain = (re.sub(r"([\\`*_{}\[\]<>$|~])", r"\\\1", part) for part in parts[::2])
    code = [f"`{part.strip('`')}`" for part in parts[1::2]]
    return "".join(a + b for a, b in zip(plain, [*code, ""], strict=True))


# ---- the page ------------------------------------------------------------------------


def reference() -> str:
    """Return the reference of all modules as Markdown."""
    return "\n\n".join(map(module_text, contents()))


def module_text(entry: dict[str, Any]) -> str:
    module = importlib.import_module(entry["module"])
    about = prose(inspect.getdoc(module) or "")
    parts = [f"## {entry['title']}", f"`{entry['module']}`", about]
    for name, where in entry["names"].items():
        parts.append(name_text(name, getattr(module, name), where))
    return "\n\n".join(parts)


def name_text(name: str, thing: Any, where: str) -> str:
    """Return the entry of a name: where it comes from, its call, what it does."""
    parts = [f"### `{name}`", f"*In the book:* {link(where)}"]
    if is_code(thing):
        call = f"{name}({', '.join(takes(thing))})"
        parts += [f"```python\n{call}\n```"] if len(call) > len(name) + 2 else []
        parts.append(markdown(inspect.getdoc(thing) or ""))
        parts += methods(thing) if inspect.isclass(thing) else []
    elif isinstance(thing, dict | list):
        parts.append(f"A {type(thing).__name__}: {', '.join(f'`{x}`' for x in thing)}.")
    else:
        parts.append(f"An object of the class `{type(thing).__name__}`.")
        parts.append(markdown(inspect.getdoc(thing) or ""))
    return "\n\n".join(parts)


def methods(thing: type) -> list[str]:
    """Return the public methods that a class defines itself, with their docstrings."""
    items = []
    for name, method in vars(thing).items():
        function = getattr(method, "__func__", method)
        documented = inspect.isfunction(function) and function.__doc__
        if documented and (name[0] != "_" or name == "__call__"):
            arguments = ", ".join(takes(function)[1:])
            shown = f"({arguments})" if name == "__call__" else f"{name}({arguments})"
            said = sections(inspect.getdoc(function) or "")[""]
            items.append(f"- `.{shown}`<br>{escape(' '.join(said.split()))}")
    return ["*Methods*\n\n" + "\n".join(items).replace("`.(", "`(")] if items else []


def write(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the reference where a page asks for it."""
    if PLACE in source[0].splitlines():
        source[0] = source[0].replace(PLACE, reference())
        for path in [BOOK / "api.yml", *PACKAGE.rglob("*.py")]:
            app.env.note_dependency(str(path))


def setup(app: Sphinx) -> dict[str, object]:
    """Register with Sphinx."""
    app.connect("source-read", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
