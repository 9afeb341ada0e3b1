"""A process for the code of one student, in bubblewrap: no network, no files, no other process.

Inside, Python and its packages can be read, and two small folders in memory can be written.
A filter of system calls forbids new processes and threads, which also holds for root, where
limits on their number do not.
"""

import errno
import importlib.util
import json
import math
import os
import platform
import queue
import secrets
import shutil
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from .allowed import PACKAGE, homes_of, modules_of, path_of
from .wire import WireError, receive, send

HERE = Path(__file__).parent
INSIDE = "/run/grading"  # where the sandbox shows the student's side of this package
ALLOWED = "/run/coursenn"  # and what a set allows of the rest
# The worker is a module of this package, but the package with its answers is not there:
START = """
import sys, types
package = types.ModuleType("grading")
package.__path__ = [sys.argv.pop(1)]
sys.modules["grading"] = package
from grading.worker import main
main()
"""
HOW_TO = {
    "Linux": "Install it with 'apt install bubblewrap', 'dnf install bubblewrap' or "
    "'pacman -S bubblewrap'.",
    "Darwin": "It needs Linux: grade in a virtual machine, with Lima or UTM for instance.",
    "Windows": "It needs Linux: grade in WSL, with 'wsl --install' and 'apt install bubblewrap'.",
}
NOT_ALLOWED = (
    "bubblewrap is there, but may not make a user namespace. On Ubuntu 24.04 and later: "
    "'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'. In Docker: "
    "'--security-opt seccomp=unconfined'. It said: "
)


class NoSandbox(RuntimeError):
    """Student code cannot be run safely here; the message says what to do."""


class Died(Exception):
    """The student's process has ended, or had to be ended; the message says why."""


@dataclass(frozen=True)
class Limits:
    """What the code of one student may use.

    Attributes
    ----------
    cell, call : seconds of the processor for one cell, and for one call by a test; by the
        clock it may be twice as long, since the machine may be busy with others
    total : seconds for a submission, by the clock
    memory, disk : MB
    output : characters of what is printed that are kept
    restarts : how often a process that died is started again
    allows : what of coursenn may be imported, as in ``allowed.modules_of``
    """

    cell: float = 10.0
    call: float = 5.0
    total: float = 120.0
    memory: int = 2048
    disk: int = 32
    output: int = 20_000
    restarts: int = 6
    allows: tuple[str, ...] = ()

    def at_least(self, **least: float) -> "Limits":
        """Return limits of which none of these is smaller."""
        larger: dict[str, Any] = {k: max(v, getattr(self, k)) for k, v in least.items()}
        return replace(self, **larger)

    def of_process(self) -> dict[str, int]:
        """Return the limits that the worker sets for itself, as the system calls them."""
        return {
            "RLIMIT_AS": self.memory << 20,
            "RLIMIT_CPU": int(self.total) + 1,
            "RLIMIT_FSIZE": self.disk << 20,
            "RLIMIT_NOFILE": 64,
            "RLIMIT_CORE": 0,
        }


def limits_of(notebook: dict[str, Any]) -> Limits:
    """Return what a set lets students use: its notebook's metadata may say so under ``coursenn``.

    For instance ``{"limits": {"cell": 20}, "allows": ["coursenn.data"]}``.

    Raises
    ------
    ValueError
        If there is no such limit or no such module, or a limit is not a number above 0.
    """
    said = as_dictionary(as_dictionary(notebook.get("metadata")).get("coursenn"))
    limits, allows = as_dictionary(said.get("limits")), said.get("allows", [])
    known = {field.name for field in fields(Limits)} - {"allows"}
    for name, limit in limits.items():
        if name not in known:
            raise ValueError(f"there is no limit {name!r}; there are {', '.join(sorted(known))}")
        number = isinstance(limit, int | float) and not isinstance(limit, bool)
        if not (number and 0 < limit < math.inf):
            raise ValueError(f"the limit {name} should be a number above 0, got {limit!r}")
    if not isinstance(allows, list):
        raise ValueError(f"what a set allows should be a list of modules, got {allows!r}")
    allows = tuple(map(str, allows))
    modules_of(allows)  # it complains of what there is not
    return Limits(**limits, allows=allows)


@cache
def why_no_sandbox() -> str:
    """Return why student code cannot be run safely here, and what to do; empty if it can."""
    system = platform.system()
    if system != "Linux" or not shutil.which("bwrap"):
        return f"Grading needs bubblewrap, which is not here. {HOW_TO.get(system, '')}".strip()
    if platform.machine() not in CALLS:
        return f"The filter of system calls is not written for {platform.machine()} processors."
    with filter_file() as file:
        command = [*walls(Limits(), file), sys.executable, "-I", "-c", ""]
        trial = subprocess.run(command, pass_fds=[file], capture_output=True, text=True)
    return NOT_ALLOWED + trial.stderr.strip() if trial.returncode else ""


class Process:
    """A running worker, and the line to it.

    Raises
    ------
    NoSandbox
        If it shall be in a sandbox and there is none.
    """

    def __init__(self, limits: Limits, sandbox: bool = True, folder: Path | None = None):
        if sandbox and why_no_sandbox():
            raise NoSandbox(why_no_sandbox())
        self._start(limits, sandbox, folder)
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._replies: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._limit, self._output = limits.output, bytearray()
        # Threads, since only they can wait with a deadline on every system. Daemons: one that
        # a hostile process keeps waiting must not keep the grader from ending.
        self._threads = [
            threading.Thread(target=task, daemon=True) for task in (self._talk, self._drain)
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request and return the reply.

        Raises
        ------
        Died
            If there is none in time, or none that can be read. The process is ended.
        """
        self._requests.put(request | {"token": secrets.token_hex(8)})
        try:
            reply = self._replies.get(timeout=seconds)
        except queue.Empty:
            self.end()
            raise Died("your code took too long and had to be stopped") from None
        if isinstance(reply, Exception):
            raise Died(self._why(reply))
        return reply

    def end(self) -> None:
        """End the process and all that it started."""
        with suppress(ProcessLookupError, PermissionError):
            self._process.kill()
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._requests.put(None)
        for thread in self._threads:
            thread.join(1)
        if not any(thread.is_alive() for thread in self._threads):
            for pipe in self._pipes:
                with suppress(OSError):
                    pipe.close()

    @property
    def output(self) -> str:
        """What the student's code has printed, up to the limit."""
        return self._output.decode("utf-8", "replace")

    def _start(self, limits: Limits, sandbox: bool, folder: Path | None) -> None:
        worker = [sys.executable, "-c", START]
        modules = modules_of(limits.allows)
        settings = {"modules": modules, "homes": homes_of(modules)}
        pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        pipes["start_new_session"] = True
        if sandbox:
            settings |= {"limits": limits.of_process(), "package": ALLOWED}
            arguments = [INSIDE, json.dumps(settings)]
            worker[1:1] = ["-I", "-B"]
            with filter_file() as file:
                command = [*walls(limits, file), *worker, *arguments]
                self._process = subprocess.Popen(command, pass_fds=[file], **pipes)
        else:
            environment = {**os.environ, "MPLBACKEND": "agg", "PYTHONIOENCODING": "utf-8"}
            settings |= {"limits": {}, "package": str(PACKAGE)}
            command = [*worker, str(HERE), json.dumps(settings)]
            self._process = subprocess.Popen(command, env=environment, cwd=folder, **pipes)
        self._pipes: list[Any] = [
            self._process.stdin,
            self._process.stdout,
            self._process.stderr,
        ]

    def _talk(self) -> None:
        requests, replies, _ = self._pipes

        def write(data: bytes) -> None:
            requests.write(data)
            requests.flush()

        while (request := self._requests.get()) is not None:
            try:
                send(write, request)
                self._replies.put(_reply(replies.read, request["token"]))
            except (EOFError, OSError, ValueError, WireError) as error:
                self._replies.put(error)
                return

    def _drain(self) -> None:
        with suppress(OSError, ValueError):
            while data := self._pipes[2].read1(1 << 16):
                self._output += data[: max(0, self._limit - len(self._output))]

    def _why(self, error: Exception) -> str:
        if isinstance(error, WireError):
            self.end()
            return f"the answer of your code could not be read: {error}"
        with suppress(subprocess.TimeoutExpired):  # it may have closed the line and live on
            self._process.wait(1)
        code = self._process.poll()
        self.end()
        if code is None:
            return "your code closed the line to the grader"
        number = -code if code < 0 else code - 128
        if number in set(signal.Signals):
            return f"your code ended the Python process ({signal.Signals(number).name})"
        return f"your code ended the Python process (exit status {code})"


def _reply(read: Callable[[int], bytes], token: str) -> dict[str, Any]:
    """Return the reply to a request. Student code that finds the line can forge one, with the
    same chance as by returning a value; but it cannot forge replies to later requests."""
    while True:
        reply = receive(read)
        if not isinstance(reply, dict):
            raise WireError("it is not a reply")
        if reply.get("token") == token:
            return reply


def walls(limits: Limits, filter_fd: int) -> list[str]:
    """Return the command before the command: what the sandbox contains.

    It has no /proc: where root grades, the settings of the kernel in /proc/sys could be
    written through it, since there a file's owner is root without any capability.
    """
    folder = ["--size", str(limits.disk << 20), "--tmpfs"]
    command = ["bwrap", "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    command += ["--cap-drop", "ALL", "--uid", "65534", "--gid", "65534", "--hostname", "grading"]
    command += ["--seccomp", str(filter_fd), "--clearenv"]
    for name, value in environment_inside().items():
        command += ["--setenv", name, value]
    for path in system_folders():
        link = os.path.islink(path)
        command += ["--symlink", os.readlink(path), path] if link else ["--ro-bind", path, path]
    command += ["--ro-bind-try", "/etc/fonts", "/etc/fonts"]
    command += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    command += ["--dev", "/dev", *folder, "/dev/shm", "--remount-ro", "/dev"]
    command += [*folder, "/tmp", *folder, "/box"]
    command += binds_of_python()
    for name in ("wire.py", "worker.py"):
        command += ["--ro-bind", str(HERE / name), f"{INSIDE}/{name}"]
    command += binds_of_package(limits.allows) + binds_of_fonts()
    return [*command, "--remount-ro", "/", "--chdir", "/box"]


def environment_inside() -> dict[str, str]:
    """Return the environment of student code: nothing of the grader's own."""
    names = {"PATH": "/usr/bin:/bin", "HOME": "/box", "LANG": "C.UTF-8", "MPLBACKEND": "agg"}
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return names | threads | {"MPLCONFIGDIR": "/tmp"}


def system_folders() -> list[str]:
    """Return the folders in which the system keeps programs and libraries."""
    names = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/alternatives")
    return [name for name in names if os.path.exists(name)]


def binds_of_python() -> list[str]:
    """Show Python, the environment it runs in, and hide this package: it holds the answers."""
    command = []
    shown = dict.fromkeys([os.path.realpath(sys.base_prefix), os.path.abspath(sys.prefix)])
    for path in shown:
        command += [] if path.startswith("/usr/") or path == "/usr" else ["--ro-bind", path, path]
    if any(HERE.is_relative_to(path) for path in [*shown, "/usr"]):
        command += ["--tmpfs", str(HERE.parent)]
    return command


def binds_of_package(allows: tuple[str, ...]) -> list[str]:
    """Show the modules of coursenn that a set allows, compiled if they have been already."""
    command = []
    for module in modules_of(allows):
        path = path_of(module)
        command += ["--ro-bind", str(path), f"{ALLOWED}/{path.name}"]
        if path.is_file():
            compiled = Path(importlib.util.cache_from_source(path))
            command += ["--ro-bind-try", str(compiled), f"{ALLOWED}/__pycache__/{compiled.name}"]
    return command


def binds_of_fonts() -> list[str]:
    """Show Matplotlib's list of fonts, if there is one: to make it takes a second."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(os.environ.get("MPLCONFIGDIR") or Path(home, "matplotlib"))
    lists = [str(path) for path in folder.glob("fontlist-*.json") if path.is_file()]
    return [word for path in lists for word in ("--ro-bind", path, f"/tmp/{Path(path).name}")]


def as_dictionary(x: Any) -> dict[str, Any]:
    """Return x if it is a dictionary, and else an empty one."""
    return x if isinstance(x, dict) else {}


# A filter of system calls is a program of 8-byte instructions for a small machine in the kernel
# (BPF): load a word, compare, return. See `man 2 seccomp`.
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000
# For each kind of processor its number, and the calls that start processes and threads, enter
# other namespaces, watch other processes, or open large doors into the kernel:
# clone, fork, vfork, clone3; unshare, setns, mount; ptrace, perf_event_open, bpf,
# userfaultfd, io_uring_setup; add_key, request_key, keyctl.
CALLS = {
    "x86_64": (
        0xC000003E,
        [56, 57, 58, 435, 272, 308, 165, 101, 298, 321, 323, 425, 248, 249, 250],
    ),
    "aarch64": (0xC00000B7, [220, 435, 97, 268, 40, 117, 241, 280, 282, 425, 217, 218, 219]),
}


def filter_program(machine: str) -> bytes:
    """Return the filter: the calls of the list are refused, all others allowed."""
    processor, calls = CALLS[machine]
    program = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, processor), (RETURN, 0, 0, KILL), (LOAD, 0, 0, 0)]
    # 32-bit calls have other numbers: with that bit set, all are refused.
    program.append((AT_LEAST, len(calls) + 1, 0, 0x40000000))
    for i, call in enumerate(calls):
        program.append((EQUAL, len(calls) - i, 0, call))
    program += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


@contextmanager
def filter_file() -> Iterator[int]:
    """Open a pipe from which bubblewrap reads the filter."""
    file, end = os.pipe()
    try:
        os.write(end, filter_program(platform.machine()))
        os.close(end)
        yield file
    finally:
        os.close(file)
