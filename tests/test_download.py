"""Data files arrive whole and verified, or one error says what was tried and what to do."""

import errno
import gzip
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import requests  # noqa: F401  # not within the second that a download may take
from misbehaving_server import Server, bomb

from coursenn import download
from coursenn.download import DataFile, DatasetError, fetch, is_here

CONTENT = np.random.default_rng(0).bytes(150_000)  # does not compress
NAME = "numbers.idx"

BAD = {
    "not_found": "404 Client Error: Not Found",
    "broken": "500 Server Error",
    "hangs_up": "no connection",
    "speaks_another_protocol": "no connection",
    "lies_about_length": "invalid literal|no connection|broke off",
    "stops_halfway": "the connection broke off",
    "stops_halfway_unannounced": "cut short or damaged",
    "stops_halfway_decompressed": "holds 100 bytes; expected 150,000",
    "sends_nothing": "holds 0 bytes; expected 150,000",
    "sends_damaged_gzip": "cut short or damaged",
    "sends_other_content": "holds something else: SHA-256 [0-9a-f]{64}; expected",
    "sends_gzip_of_other_content": "holds something else: SHA-256",
    "sends_a_login_page": "holds 43 bytes; expected 150,000",
    "sends_too_much": "sends more than the 215,536 bytes that were expected",
    "sends_a_bomb": "holds more than 150,000 bytes",
    "hangs_before_headers": "no answer for",
    "hangs_halfway": "no answer for",
    "drips_headers": "too slow: 0 bytes in",
    "drips_body": "too slow: 0 bytes in",
    "redirects_to_itself": "it redirects without end",
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Let no name be looked up and no other machine be reached, as without a network."""
    connect = socket.socket.connect

    def connect_here(self, address):
        if address[0] != "127.0.0.1":
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        return connect(self, address)

    def look_up(host, port, *args, **kwargs):
        if host != "127.0.0.1":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]

    monkeypatch.setattr(socket.socket, "connect", connect_here)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSENN_DATA", raising=False)
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / "cache" / project)
    return tmp_path / "cache" / "coursenn"


@pytest.fixture
def server():
    with Server(CONTENT) as server:
        yield server


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Return the folder that COURSENN_DATA names."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("COURSENN_DATA", str(folder))
    return folder


@pytest.fixture
def file(server, monkeypatch):
    """Return a function that makes a file with mirrors of the behaviours named.

    Those that keep it waiting are given up sooner; on a busy machine good ones take their time.
    """

    def make(*behaviours):
        if any(behaviour.startswith("hangs_") for behaviour in behaviours):
            monkeypatch.setattr(download, "SILENCE", 0.5)
        if any(behaviour.startswith("drips_") for behaviour in behaviours):
            monkeypatch.setattr(download, "PATIENCE", 1.0)
        urls = tuple(server.url(behaviour) for behaviour in behaviours)
        return DataFile("numbers", NAME, len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), urls)

    return make


def files_in(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def put(root, data, suffix=".gz"):
    path = root / "numbers" / f"{NAME}{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "behaviour",
    [
        "good",
        "good_after_redirect",
        "good_decompressed",
        "good_decompressed_on_the_way",
        "good_in_two_halves",
        "good_without_length",
    ],
)
def test_a_good_mirror_is_asked_once_and_then_never_again(file, server, cache, behaviour):
    assert fetch(file(behaviour)) == CONTENT
    assert server.accepted == "identity"  # bytes as they are, or their number says nothing
    n_requests = len(server.seen)
    assert fetch(file(behaviour)) == CONTENT
    assert len(server.seen) == n_requests
    assert len(files_in(cache)) == 1


@pytest.mark.parametrize("behaviour", BAD)
def test_a_bad_mirror_is_passed_over_for_the_next(file, server, cache, behaviour):
    assert fetch(file(behaviour, "good")) == CONTENT
    assert server.seen[0] == behaviour
    assert server.seen.count("good") == 1
    assert files_in(cache) == [f"numbers/{NAME}.gz"]


@pytest.mark.parametrize("behaviour", BAD)
def test_bad_mirrors_alone_end_in_one_error_that_names_each(file, server, cache, behaviour):
    asked = file("not_found", behaviour)
    start = time.monotonic()
    with pytest.raises(DatasetError, match=BAD[behaviour]) as caught:
        fetch(asked)
    assert time.monotonic() - start < 10
    message = str(caught.value)
    assert f"numbers/{NAME}" in message
    assert f"{cache / 'numbers' / NAME}.gz: not there" in message
    assert f"{asked.urls[0]}: 404" in message
    assert f"{asked.urls[1]}: " in message
    assert "COURSENN_DATA" in message
    assert "object at 0x" not in message
    assert " for url" not in message  # it is at the start of the line
    assert files_in(cache.parent.parent) == []


def test_a_refused_connection_is_passed_over(file):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # taken, but nobody listens
        refused = f"http://127.0.0.1:{closed.getsockname()[1]}/file.gz"
        good = file("good")
        assert fetch(replace(good, urls=(refused, *good.urls))) == CONTENT
        with pytest.raises(DatasetError, match=f"{refused}: no connection"):
            fetch(replace(good, name="other", urls=(refused,)))


def test_without_a_network_the_error_names_every_mirror(file):
    urls = ("https://mirror-one.example/file.gz", "https://mirror-two.example/file.gz")
    with pytest.raises(DatasetError) as caught:
        fetch(replace(file(), urls=urls))
    for url in urls:
        assert f"{url}: no connection" in str(caught.value)


def test_a_look_up_of_the_name_that_never_ends_is_given_up(file, monkeypatch):
    over = threading.Event()
    here = socket.getaddrinfo

    def look_up(host, *args, **kwargs):
        if host != "127.0.0.1":
            over.wait()
            raise socket.gaierror
        return here(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(download, "PATIENCE", 1.0)
    asked = file("good")
    assert fetch(replace(asked, urls=("https://mirror.example/", *asked.urls))) == CONTENT
    over.set()


@pytest.mark.parametrize("behaviour", ["sends_too_much", "sends_a_bomb"])
def test_a_download_that_is_too_long_does_not_fill_the_memory(file, behaviour):
    bomb()  # made beforehand, so that only the download is measured
    assert peak_of_failed(fetch, file(behaviour)) < 20 * len(CONTENT)


def test_a_file_of_the_user_that_is_too_long_does_not_fill_the_memory(file, own):
    with put(own, b"").open("wb") as huge:
        huge.truncate(2**26)  # of zeros that take no room on the disk
    with pytest.warns(UserWarning, match="holds more than 150,000 bytes"):
        assert peak_of_failed(fetch, file("not_found")) < 20 * len(CONTENT)


def peak_of_failed(function, *args):
    """Return the most bytes in use while function ends in a DatasetError."""
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError):
            function(*args)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_slow_but_steady_mirror_is_waited_for(file, server, monkeypatch):
    server.pause = 1.5
    monkeypatch.setattr(download, "PATIENCE", 1.0)
    monkeypatch.setattr(download, "SLOWEST", 1e6)
    with pytest.raises(DatasetError, match=r"too slow: .* bytes in"):
        fetch(file("good_in_two_halves"))
    monkeypatch.setattr(download, "SLOWEST", 10_000)  # the first half earns 7 s more
    assert fetch(file("good_in_two_halves")) == CONTENT


# The folder of COURSENN_DATA


# mtime=0: the names of the tests hold the bytes, and every process must find the same names.
@pytest.mark.parametrize(
    ("suffix", "data"), [("", CONTENT), (".gz", gzip.compress(CONTENT, mtime=0))]
)
def test_the_folder_of_the_user_comes_first(
    file, server, cache, tmp_path, monkeypatch, suffix, data
):
    monkeypatch.setenv("COURSENN_DATA", str(tmp_path / "own"))
    put(tmp_path / "own", data, suffix)
    assert fetch(file("good")) == CONTENT
    assert server.seen == []
    assert not cache.exists()


def test_a_file_missing_from_the_folder_of_the_user_is_sought_elsewhere(
    file, tmp_path, monkeypatch
):
    monkeypatch.setenv("COURSENN_DATA", str(tmp_path))
    assert fetch(file("good")) == CONTENT


@pytest.mark.parametrize(
    ("suffix", "data", "reason"),
    [
        (".gz", gzip.compress(CONTENT, mtime=0)[:1000], "cut short or damaged"),
        (".gz", gzip.compress(CONTENT, mtime=0)[:10] + b"\xff" * 1000, "cut short or damaged"),
        (".gz", b"", "holds 0 bytes"),
        (".gz", gzip.compress(CONTENT[::-1], mtime=0), "holds something else"),
        ("", CONTENT[::-1], "holds something else"),
        ("", CONTENT + b"\n", "holds more than 150,000 bytes"),
    ],
)
def test_a_damaged_file_of_the_user_is_named_left_alone_and_passed_over(
    file, own, suffix, data, reason
):
    path = put(own, data, suffix)
    with (
        pytest.warns(UserWarning, match=f"COURSENN_DATA: {path}: .*{reason}"),
        pytest.raises(DatasetError, match=f"{path}: .*{reason}"),
    ):
        fetch(file("not_found"))
    with pytest.warns(UserWarning, match=f"COURSENN_DATA: {path}: .*{reason}"):
        assert fetch(file("good")) == CONTENT
    assert path.read_bytes() == data


def test_a_good_file_beside_a_damaged_one_is_taken(file, server, own):
    put(own, b"damaged", ".gz")
    put(own, CONTENT, "")
    with pytest.warns(UserWarning, match="holds 7 bytes"):
        assert fetch(file("good")) == CONTENT
    assert server.seen == []


def test_a_folder_of_the_user_that_does_not_exist_is_named(file, own):
    own.rmdir()
    with pytest.warns(UserWarning, match=f"COURSENN_DATA: {own} is not a folder"):
        assert fetch(file("good")) == CONTENT


# The cache


@pytest.mark.parametrize(
    "data", [b"", b"<html>", gzip.compress(CONTENT, mtime=0)[:-9], gzip.compress(b"", mtime=0)]
)
def test_a_damaged_file_in_the_cache_is_replaced(file, server, cache, data):
    path = put(cache, data)
    assert fetch(file("good")) == CONTENT
    assert path.read_bytes() == server.packed
    assert files_in(cache) == [f"numbers/{NAME}.gz"]


def test_a_cache_that_cannot_be_made_is_named_and_the_content_returned(file, cache):
    cache.parent.parent.joinpath("cache").write_text("a file where the folder should be")
    with pytest.warns(UserWarning, match="cannot be kept .*Not a directory"):
        assert fetch(file("good")) == CONTENT


def test_a_disk_that_fills_up_leaves_nothing_and_the_content_is_returned(file, cache, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.warns(UserWarning, match="cannot be kept .*No space left on device"):
        assert fetch(file("good")) == CONTENT
    assert files_in(cache) == []


def test_a_file_that_another_process_kept_first_is_no_cause_to_warn(
    file, server, cache, monkeypatch
):
    def be_late(temporary, path):
        Path(path).write_bytes(server.packed)
        raise PermissionError(errno.EACCES, "Access is denied")  # what Windows says

    monkeypatch.setattr(os, "replace", be_late)
    assert fetch(file("good")) == CONTENT
    assert files_in(cache) == [f"numbers/{NAME}.gz"]


def test_an_interrupt_while_writing_leaves_the_cache_as_it_was(file, cache, monkeypatch):
    def interrupt(handle):
        raise KeyboardInterrupt

    path = put(cache, b"old")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch(file("good"))
    assert files_in(cache) == [f"numbers/{NAME}.gz"]
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("package", ["pooch", "tqdm"])
def test_without_pooch_or_tqdm_the_folder_of_the_user_still_serves(file, own, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DatasetError, match=f"{package} is missing; pip install"):
        fetch(file("good"))
    put(own, CONTENT, "")
    assert fetch(file("good")) == CONTENT


# Other processes

FETCH = """
import signal
import sys
from pathlib import Path
import pooch
from coursenn.download import DataFile, fetch

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job has none
cache, folder, name, size, sha256, *urls = sys.argv[1:]
pooch.os_cache = lambda project: Path(cache)
print(len(fetch(DataFile(folder, name, int(size), sha256, tuple(urls)))))
"""


def start(file, cache, *wrapper):
    """Start another Python that fetches file through the cache and prints its length."""
    arguments = (cache, file.folder, file.name, str(file.size), file.sha256, *file.urls)
    return subprocess.Popen(
        [*wrapper, sys.executable, "-c", FETCH, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(Path(download.__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_that_download_at_once_both_succeed(file, server, cache):
    processes = [start(file("good_for_two_at_once"), cache) for _ in range(2)]
    outputs = [process.communicate(timeout=30) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert [out.strip() for out, _ in outputs] == [str(len(CONTENT))] * 2
    assert "Warning" not in "".join(err for _, err in outputs)
    assert server.seen == ["good_for_two_at_once"] * 2
    assert files_in(cache) == [f"numbers/{NAME}.gz"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signals")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_process_that_dies_while_downloading_leaves_nothing_behind(file, server, cache, how):
    process = start(file("hangs_halfway"), cache)
    assert server.half_sent.wait(30)
    process.send_signal(how)
    _, err = process.communicate(timeout=10)  # SILENCE is 15 s in there
    assert process.returncode == -how, err
    assert files_in(cache.parent.parent) == []
    assert fetch(file("good")) == CONTENT


def private_mount(options):
    """Return the start of a command that sees a file system of its own at its first argument.

    Neither root nor the mode of a folder stands in the way of root, so a full and a
    read-only file system are real ones here.
    """
    script = f'mount -t tmpfs -o {options} tmpfs "$0" && exec "$@"'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare of Linux to mount a file system for one process")
    tried = subprocess.run([*command, "/mnt", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"this system lets no process mount a file system: {tried.stderr.strip()}")
    return command


@pytest.mark.parametrize(
    ("options", "reason"),
    [("size=64k", "No space left on device"), ("ro", "Read-only file system")],
)
def test_a_full_or_read_only_cache_is_named_and_the_content_returned(file, cache, options, reason):
    cache.mkdir(parents=True)
    process = start(file("good"), cache, *private_mount(options), str(cache))
    out, err = process.communicate(timeout=30)
    assert out.strip() == str(len(CONTENT)), err
    assert "cannot be kept" in err
    assert reason in err


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="root may write anywhere; the read-only file system above stands in",
)
def test_a_cache_without_permission_is_named_and_the_content_returned(file, cache):
    cache.mkdir(parents=True)
    cache.chmod(0o555)
    with pytest.warns(UserWarning, match="Permission denied"):
        assert fetch(file("good")) == CONTENT
    cache.chmod(0o755)


def test_a_download_says_nothing_but_its_progress(file, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fetch(file("good"))
    out, err = capsys.readouterr()
    assert out == ""
    assert NAME in err


def test_a_file_is_here_if_it_is_whole_in_either_folder_and_no_mirror_is_asked(
    file, server, cache, own
):
    asked = file("good")
    assert not is_here(asked)
    damaged = put(own, CONTENT[:-1], suffix="")
    with pytest.warns(UserWarning, match="COURSENN_DATA"):
        assert not is_here(asked)
    damaged.unlink()
    kept = put(own, CONTENT, suffix="")
    assert is_here(asked)
    kept.rename(put(cache, b"", suffix=""))
    assert is_here(asked)
    assert server.seen == []
