"""`houbei run`: cycles, the outbox, events and reconciliation, round after round, until it is stopped."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from sqlalchemy import Engine

from houbei.errors import InvariantError, StoreError
from houbei.payments.provider import PaymentProvider
from houbei.runs.case_refunds import tell_refunds
from houbei.runs.case_timers import tick
from houbei.runs.clock import Clock
from houbei.runs.cycle import run_cycle
from houbei.runs.deliveries import look_at_deliveries
from houbei.runs.holds import reconcile_holds, run_holds
from houbei.runs.hooks import look_at_events
from houbei.runs.outbox import run_outbox
from houbei.runs.reconcile import reconcile
from houbei.runs.secured_cases import StoredCases
from houbei.runs.watching import Lookout, look_out, watch_deliveries
from houbei.store.checks import missing_guards
from houbei.store.database import check_storage, reading, writing
from houbei.store.digests import broken_batches
from houbei.store.needs import is_needed, need_no_longer, need_person

RECONCILE_EVERY_US = 60_000_000
RECONCILE_ALL_EVERY_US = 86_400_000_000
"""How often the provider's records are read from their start: a refund that came back and whose event was lost is found then."""
IDLE_S = 0.2
"""How long to rest when there was nothing to do."""
FULL_S = 5
"""How long to wait before the store is tried again that could not be written."""
JUMP_MAX_US = 3_600_000_000
"""A clock that gains or loses more than this against time that passed has been set, not lived through."""
BATCHES_CHECKED = 50
"""How many of the latest batches are checked against their digests at a start."""
CLOCK = "clock"
_CASES = StoredCases()
_BARE = Lookout()


@dataclass(slots=True, kw_only=True)
class Steady:
    """A clock that is held against time that passes by itself: a jump pauses what depends on the day.

    Args:
        clock: What the machine says it is.
        passed_ns: Time that cannot be set.
    """

    clock: Clock
    passed_ns: Callable[[], int] = time.monotonic_ns
    _us: int = 0
    _ns: int = 0

    def read(self) -> tuple[int, int]:
        """Give the moment to live by, and by how much the machine's clock jumped since (0 where it did not)."""
        us, ns = self.clock(), self.passed_ns()
        if not self._us:
            self._us, self._ns = us, ns
        lived = self._us + (ns - self._ns) // 1000
        jump = us - lived
        if abs(jump) > JUMP_MAX_US:
            return lived, jump
        self._us, self._ns = us, ns
        return us, 0


def start(database: Engine, provider: PaymentProvider | None, *, now_us: int) -> None:
    """Look over the store before anything is paid from it, and read what the provider did since.

    Raises:
        StoreError: a page of the file is damaged.
        InvariantError: a row of the latest batches is not as it was added, or the database would let somebody change one.
    """
    check_storage(database)
    with reading(database) as connection:
        broken = [*missing_guards(connection), *broken_batches(connection, newest=BATCHES_CHECKED)]
    if broken:
        said = "; ".join(broken) + ". Nothing is paid from these books: run houbei audit"
        raise InvariantError(said)
    if provider is not None:
        _reconcile_all(database, provider, now_us=now_us)


def run_round(
    database: Engine, provider: PaymentProvider | None, *, now_us: int, holder: str, lookout: Lookout = _BARE
) -> int:
    """Do what there is to do, once round; give how much that was."""
    done = run_cycle(database, now_us=now_us).facts
    done += look_at_deliveries(database, now_us=now_us)
    done += watch_deliveries(database, now_us=now_us, pacing=lookout.pacing, rules=lookout.rules)
    done += tick(database, now_us=now_us)
    if provider is not None:
        done += run_outbox(database, provider, now_us=now_us, holder=holder).claimed
        done += run_holds(database, provider, _CASES, now_us=now_us, holder=holder).claimed
        done += look_at_events(database, provider, now_us=now_us, cases=_CASES)
    done += tell_refunds(database, now_us=now_us)
    return done + look_out(database, lookout, now_us=now_us, holder=holder)


def run_until_done(
    database: Engine, provider: PaymentProvider | None, *, clock: Clock, holder: str, lookout: Lookout = _BARE
) -> None:
    """Run rounds until nothing is left to do now; what waits for a later moment waits.

    Raises:
        StoreError: the store is damaged or cannot be written.
        InvariantError: the books contradict themselves.
    """
    start(database, provider, now_us=clock())
    while run_round(database, provider, now_us=clock(), holder=holder, lookout=lookout):
        pass
    if provider is not None:
        _reconcile_all(database, provider, now_us=clock())


def run_forever(  # noqa: PLR0913  a process: its store, its provider, its clock, its name, its end, its voice, its channel
    database: Engine, provider: PaymentProvider | None, *, clock: Clock, holder: str, stopped: Callable[[], bool],
    say: Callable[[str], None], lookout: Lookout = _BARE,
) -> None:  # fmt: skip
    """Run rounds until `stopped` says so; what fails in a round is tried again in the next.

    Args:
        database: The store.
        provider: Who pays; None to decide and post alone.
        clock: What time it is.
        holder: A name for this process that no other has.
        stopped: Asked after every round.
        say: Told of trouble, in one sentence.
        lookout: What promises of arrival are watched with, and how buyers are told.

    Raises:
        InvariantError: the books contradict themselves; nothing more is done.
    """
    steady, reconciled_us, all_us = Steady(clock=clock), 0, clock()
    start(database, provider, now_us=all_us)
    while not stopped():
        now_us, jump_us = steady.read()
        try:
            _note_jump(database, now_us, jump_us)
            done = run_round(database, provider, now_us=now_us, holder=holder, lookout=lookout)
            if provider is not None and now_us - reconciled_us >= RECONCILE_EVERY_US:
                reconciled_us, whole = now_us, now_us - all_us >= RECONCILE_ALL_EVERY_US
                all_us = now_us if whole else all_us
                _reconcile_all(database, provider, now_us=now_us, from_start=whole)
        except StoreError as trouble:
            say(f"the store cannot be written ({trouble}); nothing is lost, trying again in {FULL_S} s")
            time.sleep(FULL_S)
            continue
        if not done:
            time.sleep(IDLE_S)


def _reconcile_all(database: Engine, provider: PaymentProvider, *, now_us: int, from_start: bool = False) -> None:
    """Read the provider's refunds and holds on."""
    reconcile(database, provider, now_us=now_us, from_start=from_start)
    reconcile_holds(database, provider, _CASES, now_us=now_us)


def _note_jump(database: Engine, now_us: int, jump_us: int) -> None:
    """Put a clock that jumped before a person; it is lived by the time that passed until the clock is right or the process restarts."""
    with reading(database) as connection:
        noted = is_needed(connection, kind=CLOCK, ref=CLOCK)
    if noted == bool(jump_us):
        return
    with writing(database) as connection:
        if jump_us:
            told = msgspec.json.encode({"jump_s": jump_us // 1_000_000}).decode()
            need_person(connection, kind=CLOCK, ref=CLOCK, since_us=now_us, told=told, money=None)
        else:
            need_no_longer(connection, kind=CLOCK, ref=CLOCK)
