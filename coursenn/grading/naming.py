"""Names that others chose, made fit to name a file."""

import hashlib
import re
import unicodedata

MAX_BYTES = 120  # most systems allow 255 in the name of a file
# What Windows keeps for its devices, with any ending:
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def clean_name(raw: str) -> str:
    """Return a name for a student's files: letters, digits, spaces and ``-.'@_`` alone.

    It never leads out of a folder, begins like an option or a formula, or takes two lines. A
    name that has to be changed gets a few digits more, made from the original: so two students
    whose names differ never share one file.
    """
    raw = unicodedata.normalize("NFC", raw.encode("utf-8", "replace").decode())
    name = re.sub(r"[^\w .'@-]+", "_", raw).lstrip(" .'@-_").rstrip(" .")
    name = re.sub(r"\.{2,}", ".", name)
    name = name.encode()[:MAX_BYTES].decode(errors="ignore").rstrip(" .")
    if name and name == raw and not RESERVED.fullmatch(name):
        return name
    return f"{name or 'student'}-{hashlib.sha256(raw.encode()).hexdigest()[:8]}"


def shown(name: str) -> str:
    """Return a name from outside as it can be printed in one line: no control characters."""
    name = name.encode("utf-8", "replace").decode()
    name = "".join(c if c.isprintable() else "\ufffd" for c in name)
    return name if len(name) <= 160 else name[:157] + "..."
