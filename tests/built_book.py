"""The built book: which pages it has, and a build of it that is not older than its sources."""

import subprocess
import sys
from pathlib import Path

import yaml
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
LOCK = ROOT / "_build" / "tests.lock"  # several processes run the tests, and one builds


def pages(entry):
    """Yield the files of a table of contents, from its root down."""
    if isinstance(entry, list):
        for part in entry:
            yield from pages(part)
    else:
        yield from (entry[key] for key in ("root", "file") if key in entry)
        for key in ("parts", "chapters", "sections"):
            yield from pages(entry.get(key, []))


PAGES = list(pages(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))))


def is_up_to_date():
    """Say whether the book was built after its last source was written."""
    built = HTML / "searchindex.js"  # written at the end of every complete build
    sources = [ROOT / "_config.yml", ROOT / "_toc.yml"]
    kinds = (".ipynb", ".md", ".yml", ".bib", ".css", ".js", ".png", ".svg")
    sources += [path for path in (ROOT / "book").rglob("*") if path.suffix in kinds]
    sources += (ROOT / "book" / "_ext").glob("*.py")
    sources += (ROOT / "coursenn").rglob("*.py")  # their docstrings are on a page
    return built.exists() and built.stat().st_mtime > max(s.stat().st_mtime for s in sources)


def built():
    """Return the folder of the built book; build it if it is missing or older than a page."""
    LOCK.parent.mkdir(exist_ok=True)
    with FileLock(LOCK):
        if not is_up_to_date():
            build()
    return HTML


def build():
    """Build the book as `make book` does."""
    jupyter_book = "from jupyter_book.cli.main import main; main()"  # it has no __main__
    options = ["build", ".", "--all", "-W", "-n", "--keep-going"]
    done = subprocess.run(
        [sys.executable, "-c", jupyter_book, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
