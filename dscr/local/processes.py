"""Processes and ports: looking at them, ending them, and not being interrupted half way."""

import contextlib
import ctypes
import signal
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil

HOST = "127.0.0.1"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still fading away counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(preferred: int | None = None) -> int:
    """The preferred port if nobody has it, so that addresses survive a restart; else one the system picks."""
    if preferred and port_is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def running(pid: int, name: str, argument: str) -> psutil.Process | None:
    """The live process with this id, if it is the program meant and not a later one with the same number."""
    try:
        process = psutil.Process(pid)
        if process.name() == name and argument in " ".join(process.cmdline()) and not ended(process):
            return process
    except psutil.NoSuchProcess:
        pass
    return None


def ended(process: psutil.Process) -> bool:
    """Gone, or a zombie that only waits for its parent to notice."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(condition: Callable[[], Any], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def end(process: psutil.Process, *steps: tuple[signal.Signals, float]) -> None:
    """Send each signal in turn until the process has ended, giving it some seconds after each."""
    for number, seconds in steps:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)
            process.send_signal(signal.SIGCONT)
        if wait_until(lambda: ended(process), seconds):
            return


def die_with_parent() -> None:
    """In a child before it becomes its program: the kernel ends it with SIGTERM when we are killed."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextlib.contextmanager
def signals_deferred() -> Iterator[None]:
    """Finish starting or stopping a server before Ctrl-C or SIGTERM takes effect."""
    arrived: list[int] = []
    with signals_handled(lambda number, frame: arrived.append(number)):
        yield
    for number in arrived[:1]:
        signal.raise_signal(number)


@contextlib.contextmanager
def signals_handled(handler: Callable[[int, Any], Any], *numbers: signal.Signals) -> Iterator[None]:
    try:
        before = {number: signal.signal(number, handler) for number in numbers or STOP_SIGNALS}
    except ValueError:  # not the main thread, where signals never arrive
        yield
        return
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
