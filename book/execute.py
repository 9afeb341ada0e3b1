"""Execute notebooks in place: `python book/execute.py [book/01_perceptron.ipynb ...]`.

Without arguments every notebook of this folder is executed. What is written holds no
timings, no versions and no other trace of the machine, so that executing an unchanged
notebook twice gives the same bytes, and a change shows as a small diff. A notebook
that fails, or is interrupted, stays as it was.
"""

import argparse
import os
import platform
import sys
import time
from pathlib import Path

import matplotlib
import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

BOOK = Path(__file__).resolve().parent
CELL_TIMEOUT = 300  # seconds; a whole chapter should take less than 60
NOTEBOOK_NOISE = ("jupytext", "celltoolbar", "toc", "vscode", "widgets")
CELL_NOISE = ("ExecuteTime", "collapsed", "execution", "scrolled", "vscode")
SAME_ARITHMETIC = "same-arithmetic"  # a tag: compare only where rounding is the same
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}


def kernel_environment():
    """Return the environment of a kernel whose results do not depend on who runs it.

    Figures are drawn inline with matplotlib's own defaults, whatever the user's
    settings. The linear algebra runs in one thread and, on x86, with the instructions
    that all processors of the last ten years have: the order of a sum, and with it the
    last bit, would otherwise change from machine to machine, and training amplifies it.
    """
    search = [str(BOOK.parent), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, search)),  # coursenn as it is here
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MATPLOTLIBRC": matplotlib.get_data_path(),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        **common_instructions(),
        **data_folder(),
    }


def data_folder():
    """Return COURSENN_DATA as seen from here: a kernel starts in another folder."""
    folder = os.environ.get("COURSENN_DATA")
    return {"COURSENN_DATA": str(Path(folder).expanduser().resolve())} if folder else {}


def common_instructions():
    """Return the variables that keep NumPy, OpenBLAS and PyTorch to AVX2, if any."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    if platform.machine() not in ("x86_64", "AMD64") or not {"AVX2", "X86_V3"} & set(
        found
    ):
        return {}
    wider = " ".join(name for name in found if "512" in name or name == "X86_V4")
    disabled = {"NPY_DISABLE_CPU_FEATURES": wider} if wider else {}
    torch = {"ATEN_CPU_CAPABILITY": "avx2", "MKL_CBWR": "COMPATIBLE"}
    return {"OPENBLAS_CORETYPE": "Haswell", **torch, **disabled}


def arithmetic():
    """Name what decides the last bit of every result, or return None if it is unknown.

    With the environment above, processors of one family round alike under one NumPy.
    """
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    if not common_instructions():
        return None
    return f"x86-64 with AVX2, NumPy {np.__version__}, {blas['name']} {blas['version']}"


def execute(path):
    """Run the notebook at `path` from top to bottom and store its outputs."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        startup_timeout=CELL_TIMEOUT,  # on a busy machine a kernel takes more than 60
        kernel_name=KERNELSPEC["name"],
        record_timing=False,
        extra_arguments=[
            "--log-level=ERROR"
        ],  # silences a note on unencrypted local ports
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute(env=kernel_environment())
    if any(SAME_ARITHMETIC in c.metadata.get("tags", []) for c in notebook.cells):
        notebook.metadata.setdefault("coursenn", {})["arithmetic"] = arithmetic()
    write(normalised(notebook), path)


def normalised(notebook):
    """Return the notebook without what differs between machines and editors."""
    for name in NOTEBOOK_NOISE:
        notebook.metadata.pop(name, None)
    notebook.metadata.kernelspec = nbformat.from_dict(KERNELSPEC)
    notebook.metadata.language_info = nbformat.from_dict({"name": "python"})
    notebook.nbformat_minor = 5  # the first version in which cells have ids
    taken = {cell.get("id") for cell in notebook.cells}
    for number, cell in enumerate(notebook.cells):
        normalise_cell(cell)
        if "id" not in cell:
            cell.id = next(i for i in ids_for(number) if i not in taken)
            taken.add(cell.id)
    return notebook


def ids_for(number):
    """Yield ids for a cell that has none, the same ones on every run."""
    yield f"cell-{number}"
    yield from (f"cell-{number}-{extra}" for extra in range(2, sys.maxsize))


def normalise_cell(cell):
    for name in CELL_NOISE:
        cell.metadata.pop(name, None)
    if cell.cell_type == "code":
        cell.outputs = merged_streams(cell.outputs)
        if not cell.source.strip():
            cell.execution_count = None


def merged_streams(outputs):
    """Join neighbouring pieces of one stream: where the kernel cut them is chance."""
    merged = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == "stream" and output.name == last.get("name"):
            last.text += output.text
        else:
            merged.append(output)
    return merged


def write(notebook, path):
    """Write under a temporary name and rename: `path` is never half a notebook."""
    nbformat.validate(notebook)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(
            nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n"
        )
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Execute notebooks in place.")
    parser.add_argument(
        "notebooks", nargs="*", type=Path, help="default: all of the book"
    )
    paths = parser.parse_args(arguments).notebooks or sorted(BOOK.glob("*.ipynb"))
    failed = [path for path in paths if not succeeds(path)]
    return f"not executed: {', '.join(map(str, failed))}" if failed else 0


def succeeds(path):
    """Execute one notebook; print its time, or why it failed."""
    start = time.perf_counter()
    try:
        execute(path)
    except (CellExecutionError, RuntimeError, OSError) as error:  # or kernel, or file
        print(f"{path}: {error}", file=sys.stderr)
        return False
    print(f"{path}: executed in {time.perf_counter() - start:.0f} s")
    return True


if __name__ == "__main__":
    sys.exit(main())
