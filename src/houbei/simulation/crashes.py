"""Crashes: the live part as a process of its own, killed at chosen moments and begun anew; the world goes on as if nothing had been.

A process ends in the middle of a write, before or after it committed and before it answered, or by SIGKILL wherever it happens to be.
Whoever asked and got no answer asks the next process the same again: that is all a shop's own programs do after a crash.
"""

import multiprocessing
import os
import signal
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import Engine, event

from houbei.errors import InvariantError
from houbei.facts.steps import Step
from houbei.runs.loop import start
from houbei.runs.providers import provider_of
from houbei.simulation.chance import Chance
from houbei.simulation.desk import Said, Seen, Sold
from houbei.simulation.live import StoreDesk, open_store
from houbei.simulation.till import SandboxTill
from houbei.store.database import reading
from houbei.store.marks import lived_until

_STREAM = 10
_DIED = 9
_BORN, _DIES = "born", "dies"
_TRIED_MAX = 4
_WRITES_MAX = 40
_KILLED_WITHIN_US = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """How a process dies in a call: before its `write`th write or commit, or when it is done with fewer; killed after `wait_us` where it is 0."""

    write: int = 0
    wait_us: int = 0


def plan_deaths(seed: int, *, calls: int, deaths: int) -> dict[int, Death]:
    """Choose the calls that a process dies in, and how: three in four at a write, the others by SIGKILL.

    Args:
        seed: Of the simulation.
        calls: How many calls the same simulation makes without crashes.
        deaths: How many shall die, at most as many as there are calls.
    """
    chance = Chance(seed, _STREAM)
    chosen = set[int]()
    while len(chosen) < min(deaths, calls):
        chosen.add(chance.whole(1, calls))
    return {
        call: Death(wait_us=chance.whole(0, _KILLED_WITHIN_US))
        if chance.happens(250)
        else Death(write=chance.whole(1, _WRITES_MAX))
        for call in sorted(chosen)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failed:
    """A call that failed in the process that was asked, and where."""

    trace: str


class MortalDesk:
    """Houbei in a process that dies.

    Args:
        path: Its store.
        address: Where the sandbox listens.
        deaths: The calls it dies in.
    """

    def __init__(self, path: Path, *, address: str, deaths: Mapping[int, Death]) -> None:
        self._deaths = deaths
        self.calls = 0
        self.died = 0
        self._listener = Listener(None, "AF_UNIX")
        spawn = multiprocessing.get_context("spawn")
        there, self._orders = spawn.Pipe(duplex=False)
        self._nursery = spawn.Process(target=_nurse, args=(there, self._listener.address, path, address), daemon=True)
        self._nursery.start()
        there.close()
        self._begin()

    def sell(self, sold: Sequence[Sold], *, now_us: int) -> None:
        """Tell of lines that were sold and delivered."""
        self._call("sell", sold, now_us=now_us)

    def reduce(self, sku: str, price_minor: int, *, until_us: int, now_us: int) -> None:
        """Tell of a price that holds from now on until a moment."""
        self._call("reduce", sku, price_minor, until_us=until_us, now_us=now_us)

    def report(self, said: Said, *, now_us: int) -> str:
        """Report a fault, and give the number of the case it belongs to."""
        return str(self._call("report", said, now_us=now_us))

    def tell(self, steps: Sequence[Step]) -> None:
        """Tell of steps, in the order in which they become known."""
        self._call("tell", steps)

    def tick(self, now_us: int) -> None:
        """Let the clock do what is due, and pay what is owed."""
        self._call("tick", now_us)

    def worklist(self) -> list[Seen]:
        """Give every case that is not over, in the order of opening."""
        return list(self._call("worklist"))

    def look(self, case: str) -> Seen:
        """Look at one case."""
        seen: Seen = self._call("look", case)
        return seen

    def close(self) -> None:
        """End all processes."""
        self._end()
        self._orders.close()
        self._nursery.join()
        self._listener.close()

    def _begin(self) -> None:
        """Let a process be born, and hear from it."""
        self._orders.send(_BORN)
        self._line = self._listener.accept()

    def _end(self) -> None:
        self._orders.send(_DIES)
        self._line.close()

    def _call(self, name: str, *given: object, **named: object) -> Any:
        self.calls += 1
        death = self._deaths.get(self.calls)
        for _ in range(_TRIED_MAX):
            try:
                return self._ask(name, given, named, death)
            except (EOFError, OSError):
                self.died += 1
            death = None
            self._end()
            self._begin()
        said = f"{name} ends every process that is asked for it"
        raise InvariantError(said)

    def _ask(self, name: str, given: tuple[object, ...], named: dict[str, object], death: Death | None) -> Any:
        """Ask once.

        Raises:
            EOFError: the process died before it answered; likewise OSError.
        """
        self._line.send((name, given, named, 0 if death is None else death.write))
        if death is not None and not death.write:
            self._line.poll(death.wait_us / 1_000_000)
            self._orders.send(_DIES)
        answer = self._line.recv()
        if death is not None and not death.write:
            # It answered before it was killed: the next call finds another one.
            self.died += 1
            self._end()
            self._begin()
        if isinstance(answer, _Failed):
            raise InvariantError(answer.trace)
        return answer


def _nurse(orders: Connection, listener: str, path: Path, address: str) -> None:
    """Have everything loaded, and let a process be born whenever one is asked for: that takes some milliseconds instead of seconds.

    Whoever bore a process ends it: until it has buried it, no other process can have its number.
    """
    born = 0
    with suppress(EOFError):
        while True:
            if orders.recv() == _BORN:
                _bury(born)
                born = os.fork() or _live(listener, path, address)
            else:
                _bury(born)
                born = 0


def _bury(number: int) -> None:
    """End a process by SIGKILL, wherever it happens to be, unless it is dead already; there is none of the number 0."""
    if number:
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)


def _live(listener: str, path: Path, address: str) -> NoReturn:
    """Be a process that was just born, to its end."""
    try:
        _serve(Client(listener), path, address)
    finally:
        os._exit(0)


def _serve(line: Connection, path: Path, address: str) -> None:
    """Be Houbei until the line ends: look over the books as every start does, then do what is asked."""
    database = open_store(path)
    writes = _Writes()
    writes.watch(database)
    payer = provider_of(f"sandbox={address}")
    desk = StoreDesk(database, payer=payer, till=SandboxTill(address))
    with reading(database) as connection:
        now_us = lived_until(connection)
    start(database, payer, now_us=now_us)
    with suppress(EOFError):
        while True:
            name, given, named, dies_at = line.recv()
            writes.left = dies_at
            try:
                answer = getattr(desk, name)(*given, **named)
            except Exception:  # noqa: BLE001  whoever asked gets it
                answer = _Failed(trace=traceback.format_exc())
            if dies_at:
                os._exit(_DIED)
            line.send(answer)


class _Writes:
    """Counts writes and commits down, and ends the process at the last."""

    def __init__(self) -> None:
        self.left = 0

    def watch(self, database: Engine) -> None:
        event.listen(database, "before_cursor_execute", self._statement)
        event.listen(database, "commit", lambda _connection: self._count())

    def _statement(self, *seen: Any) -> None:
        if seen[2].lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            self._count()

    def _count(self) -> None:
        if self.left == 1:
            os._exit(_DIED)
        self.left = max(self.left - 1, 0)
