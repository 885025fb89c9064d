"""A sandbox as a process of one's own: started, waited for, and stopped with the block that uses it."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from types import MappingProxyType

from houbei.errors import InputError

START_MAX_S = 60
STOP_MAX_S = 5
_LISTENING = "sandbox: listening on "


def listening_line(host: str, port: int) -> str:
    """Give the line that says that calls are taken, and where."""
    return f"{_LISTENING}http://{host}:{port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSandbox:
    """A sandbox that takes calls at an address."""

    address: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it as a power cut of the process would, with nothing finished or said goodbye to."""
        self.process.kill()
        self.process.wait()


@contextmanager
def start_sandbox(
    *,
    database: Path | None = None,
    port: int = 0,
    seed: int = 0,
    webhook: tuple[str, str] | None = None,
    faults: Mapping[str, int] = MappingProxyType({}),
) -> Iterator[RunningSandbox]:
    """Run a sandbox beside this process, on this machine alone, until the block ends.

    Args:
        database: Its file; without one nothing outlives it.
        port: Where it listens; 0 is any that is free.
        seed: Decides when faults strike.
        webhook: Where events go, and the secret they are signed with.
        faults: What goes wrong at first, by name.

    Raises:
        InputError: it does not come up; its standard error says why.
    """
    call = [sys.executable, "-m", "houbei", "sandbox", "--port", str(port), "--seed", str(seed)]
    call += [] if database is None else ["--database", str(database)]
    call += [] if webhook is None else ["--webhook-url", webhook[0], "--webhook-secret", webhook[1]]
    for name, strength in faults.items():
        call += ["--fault", f"{name}={strength}"]
    with subprocess.Popen(call, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  our own program
        try:
            yield RunningSandbox(address=_wait_for(process), process=process)
        finally:
            _stop(process)


def _wait_for(process: subprocess.Popen[str]) -> str:
    patience = Timer(START_MAX_S, process.kill)
    patience.start()
    try:
        line = "" if process.stdout is None else process.stdout.readline()
    finally:
        patience.cancel()
    if not line.startswith(_LISTENING):
        raise InputError(
            came="a sandbox that did not come up",
            where="houbei sandbox",
            expected=f"a line {_LISTENING!r} within {START_MAX_S} s",
            todo="Look at its standard error.",
        )
    return line.removeprefix(_LISTENING).strip()


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(timeout=STOP_MAX_S)
    except subprocess.TimeoutExpired:
        process.kill()
