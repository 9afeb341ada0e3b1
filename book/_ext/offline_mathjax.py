"""Give the book its own copy of MathJax, so that formulas are set without a network.

Sphinx takes MathJax from a CDN by default. This extension copies one file of the
package sphinx-mathjax-offline into the built book instead: ``tex-svg-full.js``, which
holds every TeX extension and draws glyphs as SVG, so it needs no font files.
"""

import hashlib
import importlib.util
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

PACKAGE = "sphinx-mathjax-offline"  # its folder, too, has hyphens
FILE = "tex-svg-full.js"  # of MathJax 3.2.2:
SHA256 = "a4354ff94fd868aea0cc6eaaa79a57fda0588646fc46ee3700a349ee0a11cbe6"
ADVICE = (
    "The book must be readable without a network, so it is not built with MathJax from"
    " a CDN. Run: pip install --force-reinstall --no-deps sphinx-mathjax-offline==0.0.2"
)


def installed_file() -> Path:
    """Return the installed file; stop the build if it is not the known one."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ExtensionError(f"{PACKAGE} is not installed. {ADVICE}")
    path = Path(spec.origin).parent / "static" / "mathjax" / FILE
    if not path.is_file():
        raise ExtensionError(f"{path} is missing. {ADVICE}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise ExtensionError(f"{path} is damaged: it has another SHA-256. {ADVICE}")
    return path


def use_local_file(app: Sphinx, config: Config) -> None:
    """Name the local file as the book's MathJax; Sphinx adds it to the pages."""
    config.mathjax_path = f"mathjax/{FILE}"  # relative to _static


def copy_file(app: Sphinx) -> None:
    """Copy the file into the built book before the first page is written."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static", "mathjax")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(installed_file(), folder / FILE)


def setup(app: Sphinx) -> dict[str, object]:
    """Register the two steps with Sphinx."""
    app.connect("config-inited", use_local_file)
    app.connect("builder-inited", copy_file)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
