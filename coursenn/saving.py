"""The file of a saved network: one ``.npz`` with a JSON header and its numbers, no pickle.

The array ``theta`` holds the parameters, and after them what layers remember (BatchNorm).

What a network is made of is described by type and knobs, and rebuilt only from the table
``TYPES``: a file can ask for a Dense layer with a sigmoid, and for nothing else.
"""

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from .activations import ACTIVATIONS
from .arrays import Array, is_finite
from .files import whole_file
from .layers import BatchNorm, Dense, Dropout
from .losses import LOSSES

FORMAT = "coursenn network"
VERSION = 1
TYPES: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        *(Dense, Dropout, BatchNorm),
        *map(type, (*ACTIVATIONS.values(), *LOSSES.values())),
    )
}


class ModelFileError(ValueError):
    """A file that is not a network saved by this package, or is damaged."""


def describe(thing: Any) -> Any:
    """Return a layer, activation or loss as plain data: its type, and its knobs.

    Raises
    ------
    TypeError
        If it is of a type that a file could not bring back.
    """
    if isinstance(thing, int | float):
        return thing
    name = type(thing).__name__
    if TYPES.get(name) is not type(thing):
        raise TypeError(
            f"{thing!r} cannot be saved: only coursenn's own {', '.join(TYPES)} can."
            " Save net.theta with np.save, and build the network again in code"
        )
    return {"type": name} | {knob: describe(getattr(thing, knob)) for knob in thing.knobs}


def rebuild(description: Any) -> Any:
    """Return what ``describe`` described.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        If it describes nothing that coursenn has.
    """
    if isinstance(description, int | float):
        return description
    knobs = {name: rebuild(value) for name, value in description.items() if name != "type"}
    return TYPES[description["type"]](**knobs)


def write_model(path: str | os.PathLike[str], architecture: dict[str, Any], theta: Array) -> None:
    """Write a model file, whole or not at all.

    Raises
    ------
    OSError
        If the file cannot be written; an older file of that name is then untouched.
    """
    header = json.dumps({"format": FORMAT, "version": VERSION, **architecture})
    with whole_file(path) as file:
        np.savez(file, header=np.array(header), theta=theta)


def read_model(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Array]:
    """Return the architecture and theta of a model file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ModelFileError
        If it is truncated, damaged, foreign, of a newer version, or holds pickled data.
    """
    arrays = _read_arrays(Path(path))
    header, theta = _read_header(arrays["header.npy"], path), arrays["theta.npy"]
    if theta.dtype.kind != "f" or theta.ndim != 1 or not is_finite(theta):
        raise ModelFileError(f"{path}: theta must be a vector of finite floats")
    return header, theta


def _read_arrays(path: Path) -> dict[str, Array]:
    """Return both arrays. Their sizes are bounded by the file's, and their sums checked."""
    with open(path, "rb") as file:  # missing or unreadable: the system's error names the file
        try:
            return _read_members(zipfile.ZipFile(file), path)
        except ModelFileError:
            raise
        except Exception as error:  # damage can surface in any layer of zip and npy parsing
            raise ModelFileError(
                f"{path} is not a network saved by coursenn, or is damaged ({error})."
                " Save the network again, or fetch the file again"
            ) from error


def _read_members(archive: zipfile.ZipFile, path: Path) -> dict[str, Array]:
    if sorted(archive.namelist()) != ["header.npy", "theta.npy"]:
        raise ModelFileError(
            f"{path} is an archive of {archive.namelist()}, not a saved network:"
            " those hold header.npy and theta.npy"
        )
    if sum(info.file_size for info in archive.infolist()) > path.stat().st_size:
        raise ModelFileError(f"{path} holds compressed data: save the network again")
    return {name: _parse_npy(archive.read(name)) for name in archive.namelist()}


def _parse_npy(data: bytes) -> Array:
    array: Array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    return array


def _read_header(array: Array, path: str | os.PathLike[str]) -> dict[str, Any]:
    try:
        header = json.loads(str(array))
        found = header.pop("format"), header.pop("version")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelFileError(f"{path} has a damaged header ({error!r})") from error
    if found != (FORMAT, VERSION):
        raise ModelFileError(
            f"{path} says it is a {found[0]!r} of version {found[1]!r}; this coursenn reads"
            f" {FORMAT!r} of version {VERSION}. A newer coursenn may read it"
        )
    return dict(header)
