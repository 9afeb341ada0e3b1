"""Writing files whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its name only when the block ends well.

    Until then it has a temporary name in the same folder; if the block raises, it is
    removed and whatever had the name before is untouched.

    Raises
    ------
    OSError
        If the folder is missing or cannot be written to, or the disk is full.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # on disk before the rename, or a crash leaves it empty
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
