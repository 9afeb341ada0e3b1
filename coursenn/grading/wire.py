"""Plain data on its way between the grader and a student's process: JSON, and nothing that runs.

Numbers, text, lists, tuples, dictionaries and arrays of numbers cross over, and random
generators as their state. JSON has no nan and no infinity, so they cross over as words.
Everything else is refused by name. This module is read by both sides; inside the sandbox it
stands alone, so it imports nothing of coursenn, and NumPy only when there are arrays.
"""

import base64
import json
import math
import struct
import sys
from collections.abc import Callable
from typing import Any

MAX_BYTES = 32 << 20  # of a message; a larger one is refused, not stored
MAX_ITEMS = 500_000  # of lists and dictionaries in a message: small on the wire, large in memory
MAX_DEPTH = 40  # of lists in lists
NUMBERS = "biufc"  # the kinds of dtype that cross over: bool, int, unsigned, float, complex


class WireError(Exception):
    """What came from the other side is not a message, or is too large to be one."""


class NotPlain(TypeError):
    """A value is not plain data and stays where it is."""


def pack(x: Any, seen: list[Any] | None = None, depth: int = 0) -> Any:
    """Return x as JSON can hold it. Arrays and generators met on the way are added to ``seen``.

    Lists and the simple values stand for themselves; all else is a dictionary whose first
    key says what it is.

    Raises
    ------
    NotPlain
        If x, or something in it, is not plain data.
    WireError
        If it is nested too deeply or too large.
    """
    if depth > MAX_DEPTH:
        raise WireError(f"the value is nested more than {MAX_DEPTH} deep")
    if x is None or x is True or x is False:
        return x
    if (np := sys.modules.get("numpy")) and isinstance(x, np.ndarray | np.generic):
        return _pack_array(x, seen)
    if np and isinstance(x, np.random.Generator):
        _remember(x, seen)
        return {"generator": pack(x.bit_generator.state, None, depth + 1)}
    if isinstance(x, int):
        return int(x) if abs(x) < 2**53 else {"int": hex(x)}
    if isinstance(x, float):
        return float(x) if math.isfinite(x) else {"float": str(float(x))}
    if isinstance(x, complex):
        return {"complex": [pack(x.real), pack(x.imag)]}
    if isinstance(x, str):
        return str(x)
    if isinstance(x, list | tuple | dict) and len(x) > MAX_ITEMS:
        raise WireError("the value is too large to be sent")
    if isinstance(x, list | tuple):
        items = [pack(item, seen, depth + 1) for item in x]
        return items if isinstance(x, list) else {"tuple": items}
    if isinstance(x, dict):
        return {"dict": [[pack(part, seen, depth + 1) for part in item] for item in x.items()]}
    raise NotPlain(
        f"{_article(type(x).__name__)}, where numbers, text, lists or arrays can be used"
    )


def unpack(x: Any, seen: list[Any] | None = None, depth: int = 0) -> Any:
    """Return what ``pack`` packed, in the same order of arrays and generators in ``seen``.

    Raises
    ------
    WireError
        If x was not made by ``pack``.
    """
    if depth > MAX_DEPTH:
        raise WireError(f"the value is nested more than {MAX_DEPTH} deep")
    if isinstance(x, list):
        return [unpack(item, seen, depth + 1) for item in x]
    if not isinstance(x, dict):
        return x
    try:
        return _unpack_tagged(x, seen, depth)
    except WireError:
        raise
    except Exception as error:  # whatever a forged message can cause
        raise WireError(f"a value could not be read ({type(error).__name__})") from None


def send(write: Callable[[bytes], Any], message: Any) -> None:
    """Write one message: its length, then JSON.

    Raises
    ------
    WireError
        If it is too large.
    """
    body = json.dumps(message, allow_nan=False).encode()
    if len(body) > MAX_BYTES or _items(body) > MAX_ITEMS:
        raise WireError("the value is too large to be sent")
    write(struct.pack("<I", len(body)) + body)


def receive(read: Callable[[int], bytes]) -> Any:
    """Read one message.

    Raises
    ------
    EOFError
        If the other side has closed the line.
    WireError
        If what comes is not a message.
    """
    (length,) = struct.unpack("<I", _read_exactly(read, 4))
    if length > MAX_BYTES:
        raise WireError("a message is too large")
    body = _read_exactly(read, length)
    if _items(body) > MAX_ITEMS:
        raise WireError("a message is too large")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise WireError("a message is not JSON") from None


def state_of(x: Any) -> bytes:
    """Return bytes that differ once the array or generator x has been changed in place."""
    return x.tobytes() if hasattr(x, "tobytes") else repr(x.bit_generator.state).encode()


def _items(body: bytes) -> int:
    """Return at least the number of items in JSON. The base64 of arrays has none of these signs."""
    return sum(map(body.count, (b",", b"[", b"{")))


def _read_exactly(read: Callable[[int], bytes], n: int) -> bytes:
    parts = []
    while n:
        part = read(min(n, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        n -= len(part)
    return b"".join(parts)


def _pack_array(x: Any, seen: list[Any] | None) -> dict[str, Any]:
    if x.dtype.kind not in NUMBERS:
        raise NotPlain(f"an array of dtype {x.dtype}, where an array of numbers can be used")
    if x.nbytes > MAX_BYTES:
        raise WireError(f"an array of shape {x.shape} is too large to be sent")
    if x.ndim or type(x).__name__ == "ndarray":
        _remember(x, seen)
    scalar = not hasattr(x, "__setitem__")
    data = base64.b64encode(x.tobytes()).decode()
    return {"array": data, "dtype": x.dtype.str, "shape": list(x.shape), "scalar": scalar}


def _unpack_tagged(x: dict[str, Any], seen: list[Any] | None, depth: int) -> Any:
    match x:
        case {"array": str(data), "dtype": str(dtype), "shape": list(shape), "scalar": scalar}:
            return _unpack_array(data, dtype, shape, scalar, seen)
        case {"tuple": list(items)}:
            return tuple(unpack(item, seen, depth + 1) for item in items)
        case {"dict": list(items)}:
            return {unpack(k, seen, depth + 1): unpack(v, seen, depth + 1) for k, v in items}
        case {"int": str(digits)}:
            return int(digits, 16)
        case {"float": "nan" | "inf" | "-inf" as word}:
            return float(word)
        case {"complex": [real, imaginary]}:
            return complex(unpack(real, None, depth + 1), unpack(imaginary, None, depth + 1))
        case {"generator": state}:
            return _unpack_generator(unpack(state, None, depth + 1), seen)
    raise WireError("a value has an unknown form")


def _unpack_array(data: str, dtype: str, shape: list[Any], scalar: Any, seen: Any) -> Any:
    import numpy as np

    kind = np.dtype(dtype)
    if kind.kind not in NUMBERS:
        raise WireError("an array is not of numbers")
    flat = np.frombuffer(base64.b64decode(data, validate=True), dtype=kind)
    if scalar is True:
        return flat[0]
    array = flat.reshape([int(n) for n in shape]).copy()
    _remember(array, seen)
    return array


def _unpack_generator(state: dict[str, Any], seen: list[Any] | None) -> Any:
    import numpy as np

    kinds = {"PCG64": np.random.PCG64, "MT19937": np.random.MT19937}
    generator = np.random.Generator(kinds[state["bit_generator"]]())
    generator.bit_generator.state = state
    _remember(generator, seen)
    return generator


def _remember(x: Any, seen: list[Any] | None) -> None:
    if seen is not None:
        seen.append(x)


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name[:80]}"
