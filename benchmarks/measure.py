"""Run a whole process and weigh it: wall time, processor time, peak memory."""

import os
import platform
import resource
import subprocess
import time
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("houbei", "numpy", "pyarrow", "numba", "duckdb", "chdb", "polars")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What one run of a process took."""

    wall_s: float
    cpu_s: float
    peak_mib: int


class RunFailedError(Exception):
    """A process that was to be timed did not end well; the message is the end of what it said."""


def run_weighed(command: list[str], *, log: Path, environment: dict[str, str]) -> Weight:
    """Run a command to its end.

    The peak that Linux reports for a child is never less than its parent's at the start, so the caller must stay small:
    whoever looks into files does it in a process of its own.

    Args:
        command: The program and its arguments.
        log: Where what it says is kept.
        environment: Variables to set beside those of this process.

    Raises:
        RunFailedError: It ended with another code than 0.
    """
    with log.open("wb") as said:
        begun = time.perf_counter()
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=ROOT, env=os.environ | environment
        )
        _, status, used = os.wait4(child.pid, 0)
        wall_s = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        said_last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
        message = f"{' '.join(command)} ended with {child.returncode}: {' / '.join(said_last)}"
        raise RunFailedError(message)
    return Weight(
        wall_s=round(wall_s, 3), cpu_s=round(used.ru_utime + used.ru_stime, 3), peak_mib=used.ru_maxrss // 1024
    )


def own_peak_mib() -> int:
    """Give the most memory that this process had. Of a child, getrusage never says less on Linux than its parent had."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]) // 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if platform.system() == "Darwin" else 2**10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What was measured on, because seconds do not travel."""

    cpu: str
    cores: int
    memory_gib: int
    system: str
    python: str
    packages: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)

    def sentence(self) -> str:
        """Name the machine in one sentence."""
        packages = ", ".join(f"{name} {number}" for name, number in self.packages.items())
        return (
            f"{self.cores} cores of {self.cpu}, {self.memory_gib} GiB, {self.system}, Python {self.python}; {packages}."
        )


def this_machine() -> Machine:
    """Look at the machine and at what is installed."""
    packages = {}
    for name in PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return Machine(
        cpu=_first_of(Path("/proc/cpuinfo"), "model name") or platform.processor(),
        cores=os.cpu_count() or 1,
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        packages=packages,
    )


def _first_of(path: Path, name: str) -> str | None:
    if not path.exists():
        return None
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
