"""Fetch a data file, whole and verified, from this machine or from public mirrors."""

import gzip
import hashlib
import io
import os
import threading
import time
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .files import whole_file

SILENCE = 15.0  # seconds that a server may say nothing
PATIENCE = 30.0  # seconds until its file must arrive at SLOWEST, or faster
SLOWEST = 10_000.0  # bytes per second, on average
SLACK = 2**16  # bytes by which a gzip file can be longer than its content


class DatasetError(OSError):
    """A data file could not be had; says what was tried, why it failed and what to do."""


@dataclass(frozen=True)
class DataFile:
    """A file of known content, and where the public can get it.

    Parameters
    ----------
    folder, name : str
        The data set and the file in it, without ``.gz``.
    size : int
        Bytes of the content, decompressed.
    sha256 : str
        Of the content, decompressed: the gzip wrapper differs from mirror to mirror.
    urls : tuple of str
        Mirrors, of the content or of a gzip file of it, in the order to try.
    """

    folder: str
    name: str
    size: int
    sha256: str
    urls: tuple[str, ...]


def fetch(file: DataFile) -> bytes:
    """Return the content of file, verified, from the first source that has it.

    The sources, in this order:

    1. the folder that the environment variable ``COURSENN_DATA`` names;
    2. the cache of this user, ``pooch.os_cache("coursenn")``;
    3. the mirrors in turn. What they send is kept in the cache.

    Both folders hold ``folder/name.gz`` or, decompressed, ``folder/name``. A damaged file
    in COURSENN_DATA is left alone: a warning names it and the next source is tried.
    A damaged file in the cache is replaced. If the cache cannot be written, a warning
    says so, and the content is returned all the same.

    Raises
    ------
    DatasetError
        If no source has the content: with every source, its reason, and what to do.
    """
    tried: list[str] = []
    for source in (_from_own_folder, _from_cache_or_mirrors):
        content = source(file, tried)
        if content is not None:
            return content
    raise DatasetError(_lesson(file, tried))


def is_here(file: DataFile) -> bool:
    """Return whether ``fetch`` has the file without a network: whole, and unchanged."""
    if _from_own_folder(file, []) is not None:
        return True
    try:
        import pooch  # type: ignore[import-untyped]
    except ImportError:
        return False
    return _from_folder(Path(pooch.os_cache("coursenn")), file, []) is not None


def _lesson(file: DataFile, tried: list[str]) -> str:
    return "\n".join(
        [
            f"cannot get {file.folder}/{file.name} ({file.size:,} bytes). Tried:",
            *(f"  - {line}" for line in tried),
            "Check the network and try again. Or get the file by other means, for instance with"
            f" a browser from {file.urls[0]}, put it, as it is or decompressed, into a folder"
            f" named {file.folder}, and let the environment variable COURSENN_DATA name the"
            f" folder that holds {file.folder}.",
        ]
    )


def _from_own_folder(file: DataFile, tried: list[str]) -> bytes | None:
    own = os.environ.get("COURSENN_DATA")
    return _from_folder(Path(own).expanduser(), file, tried, warn=True) if own else None


def _from_cache_or_mirrors(file: DataFile, tried: list[str]) -> bytes | None:
    try:
        import pooch
        import tqdm  # noqa: F401
    except ImportError as error:
        tried.append(f"download: {error.name} is missing; pip install 'pooch>=1.8' tqdm")
        return None
    cache = Path(pooch.os_cache("coursenn"))
    content = _from_folder(cache, file, tried)
    return _from_mirrors(file, cache, tried) if content is None else content


def _from_folder(root: Path, file: DataFile, tried: list[str], warn: bool = False) -> bytes | None:
    missing = 0
    for path in _places(root, file):
        try:
            with path.open("rb") as stream:
                return _verified(stream.read(file.size + SLACK), file)
        except FileNotFoundError:
            missing += 1
        except (OSError, ValueError) as error:
            tried.append(f"{path}: {_reason(error)}")
            if warn:
                warnings.warn(f"COURSENN_DATA: {tried[-1]}. Other sources follow", stacklevel=2)
    if missing == 2:
        tried.append(f"{_places(root, file)[0]}: not there, nor without .gz")
        if warn and not root.is_dir():
            warnings.warn(f"COURSENN_DATA: {root} is not a folder", stacklevel=2)
    return None


def _places(root: Path, file: DataFile) -> tuple[Path, Path]:
    return root / file.folder / f"{file.name}.gz", root / file.folder / file.name


def _from_mirrors(file: DataFile, cache: Path, tried: list[str]) -> bytes | None:
    for url in file.urls:
        try:
            data = _download(url, file)
            content = _verified(data, file)
        except Exception as error:  # whatever a mirror does, the next one is tried
            tried.append(f"{url}: {_reason(error)}")
        else:
            _keep(data, cache, file)
            return content
    return None


def _verified(data: bytes, file: DataFile) -> bytes:
    """Return the content of data, decompressed; raise ValueError if it is not file's."""
    content = _unpacked(data, file.size + 1) if _is_gzip(data) else data
    if len(content) != file.size:
        got = f"more than {file.size:,}" if len(content) > file.size else f"{len(content):,}"
        raise ValueError(f"holds {got} bytes; expected {file.size:,}")
    digest = hashlib.sha256(content).hexdigest()
    if digest != file.sha256:
        raise ValueError(f"holds something else: SHA-256 {digest}; expected {file.sha256}")
    return content


def _is_gzip(data: bytes) -> bool:
    return data[:2] == b"\x1f\x8b"


def _unpacked(data: bytes, limit: int) -> bytes:
    """Return what the gzip file data holds, or its first ``limit`` bytes."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            return stream.read(limit)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"is cut short or damaged: {error}") from error


class _Buffer(io.BytesIO):
    """What has arrived: never more than ``limit``, and nothing once it is ``stopped``."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit, self.stopped = limit, False

    def write(self, chunk: Any) -> int:
        if self.stopped or self.tell() + len(chunk) > self.limit:
            raise ValueError(f"sends more than the {self.limit:,} bytes that were expected")
        return super().write(chunk)


def _download(url: str, file: DataFile) -> bytes:
    """Return what the server sends.

    The request runs in a thread of its own, which is left to itself when its time is up:
    no timeout of a socket ends a slow look-up of the name, or a byte every second.
    """
    from tqdm import tqdm

    buffer = _Buffer(file.size + SLACK)
    errors: list[Exception] = []
    with tqdm(desc=file.name, total=file.size, unit="B", unit_scale=True, leave=False) as bar:
        thread = threading.Thread(target=_request, args=(url, buffer, bar, errors), daemon=True)
        thread.start()
        try:
            _wait(thread, buffer)
        finally:
            buffer.stopped = True
    if errors:
        raise errors[0]
    return buffer.getvalue()


def _request(url: str, buffer: _Buffer, bar: Any, errors: list[Exception]) -> None:
    import pooch

    responses: list[Any] = []
    get = pooch.HTTPDownloader(
        progressbar=bar,
        chunk_size=2**14,
        timeout=SILENCE,
        headers={"Accept-Encoding": "identity"},
        hooks={"response": lambda response, **_: responses.append(response)},
    )
    try:
        get(url, buffer, None)
    except Exception as error:
        errors.append(error)
    finally:
        for response in responses:  # pooch leaves the connection of a failure open
            response.close()


def _wait(thread: threading.Thread, buffer: _Buffer) -> None:
    """Return when thread ends; raise TimeoutError if the buffer fills too slowly."""
    start = time.monotonic()
    while thread.is_alive():
        thread.join(0.05)
        waited, received = time.monotonic() - start, buffer.tell()
        if thread.is_alive() and waited > PATIENCE + received / SLOWEST:
            raise TimeoutError(f"too slow: {received:,} bytes in {waited:.0f} s")


def _keep(data: bytes, cache: Path, file: DataFile) -> None:
    """Put data into the cache; warn if the cache does not take it."""
    packed, plain = _places(cache, file)
    path = packed if _is_gzip(data) else plain
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as stream:
            stream.write(data)
    except OSError as error:
        if _from_folder(cache, file, []) is not None:
            return  # another process kept it first; Windows replaces no file that is being read
        warnings.warn(
            f"{file.name} is downloaded and right, but cannot be kept for the next time in"
            f" {path}: {_reason(error)}. Make room there, or put the file into a folder that"
            " the environment variable COURSENN_DATA names",
            stacklevel=2,
        )


def _reason(error: Exception) -> str:
    """Return what went wrong, in words for people who never met a connection pool."""
    if "timed out" in str(error):
        return f"no answer for {SILENCE:.0f} s"
    plain = {
        "ConnectionError": "no connection",
        "ProxyError": "no connection through the proxy",
        "SSLError": "the secure connection failed",
        "ChunkedEncodingError": "the connection broke off",
        "TooManyRedirects": "it redirects without end",
    }.get(type(error).__name__)
    system = error.strerror if isinstance(error, OSError) else None
    return plain or system or str(error).split(" for url")[0] or type(error).__name__
