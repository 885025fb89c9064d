"""Lives of one seed: as it comes, or with a live part that dies again and again; judged at the end, and the two held against each other."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from houbei.runs.audit import audit
from houbei.runs.providers import provider_of
from houbei.simulation.compare import differences, refunds_of
from houbei.simulation.crashes import Death, MortalDesk, plan_deaths
from houbei.simulation.live import StoreDesk, open_store
from houbei.simulation.months import Months, Progress, Truth
from houbei.simulation.summary import Summary, summary_of
from houbei.simulation.till import SandboxTill

FAULTS = {
    "lost_reply": 150,
    "error_after_acting": 50,
    "error_before_acting": 50,
    "conflict": 30,
    "throttle": 50,
    "pending_then_succeeded": 100,
    "settle_after_s": 600,
}
"""What goes wrong at the provider, per mille; every refund arrives in the end."""
Provider = Callable[[str], AbstractContextManager[str]]
"""Runs a provider with books of its own under a name, until the block ends; gives its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to simulate: `days` on which buyers report faults, `cases` that are reported for the first time."""

    seed: int
    days: int
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One life to its end: what it came to, how many calls it made of Houbei, how often that died."""

    summary: Summary
    calls: int
    died: int


def live(asked: Asked, store: Path, *, provider: Provider, progress: Progress) -> Life:
    """Live through the months once, and judge them.

    Args:
        asked: What to simulate.
        store: The store's file, a new one.
        provider: Who pays.
        progress: Told of days done.

    Cost: some 50 ms a case.
    """
    database = open_store(store)
    try:
        with provider("plain") as address, closing(SandboxTill(address)) as till:
            with closing(provider_of(f"sandbox={address}")) as payer:
                desk = StoreDesk(database, payer=payer, till=till)
                desk.open(now_us=0)
                truth = Months(desk, till=till, seed=asked.seed, days=asked.days, cases=asked.cases).live(progress)
            return Life(summary=_judged(database, truth, address, progress), calls=0, died=0)
    finally:
        database.dispose()


def live_twice(
    asked: Asked, store: Path, *, beside: Path, crashes: int, provider: Provider, progress: Progress
) -> tuple[Life, tuple[str, ...]]:
    """Live through the months once as they come and once with a live part that dies, and compare.

    Args:
        asked: What to simulate.
        store: The store's file of the first life, a new one.
        beside: That of the second.
        crashes: How often the live part dies.
        provider: Who pays; each life has its own.
        progress: Told of days done.

    Returns:
        The life with crashes, and where the two differ: nowhere, if all is well.
    """
    plain = _mortal(asked, store, deaths={}, provider=provider, progress=progress)
    deaths = plan_deaths(asked.seed, calls=plain.calls, deaths=crashes)
    crashed = _mortal(asked, beside, deaths=deaths, provider=provider, progress=progress)
    one, other = open_store(store), open_store(beside)
    try:
        return crashed, (*plain.summary.faults, *differences(one, other))
    finally:
        one.dispose()
        other.dispose()


def _mortal(asked: Asked, path: Path, *, deaths: dict[int, Death], provider: Provider, progress: Progress) -> Life:
    """Live through the months with Houbei in a process of its own."""
    database = open_store(path)
    try:
        with provider("crashed" if deaths else "plain") as address, closing(SandboxTill(address)) as till:
            with closing(provider_of(f"sandbox={address}")) as payer:
                StoreDesk(database, payer=payer, till=till).open(now_us=0)
            with closing(MortalDesk(path, address=address, deaths=deaths)) as desk:
                truth = Months(desk, till=till, seed=asked.seed, days=asked.days, cases=asked.cases).live(progress)
                calls, died = desk.calls, desk.died
            return Life(summary=_judged(database, truth, address, progress), calls=calls, died=died)
    finally:
        database.dispose()


def _judged(database: Engine, truth: Truth, address: str, progress: Progress) -> Summary:
    """Judge the end of a life: at rest, audited, and paid once what is owed."""
    summary = summary_of(database, truth)
    audited = audit(database, progress=progress)
    with closing(provider_of(f"sandbox={address}")) as payer:
        paid = refunds_of(payer)
    booked = Counter(key for key, _ in paid)
    twice = [f"the provider paid {key} {count} times" for key, count in sorted(booked.items()) if count > 1]
    figures = {
        **summary.figures,
        "refunds_at_provider": paid.total(),
        "audit": "agrees" if audited.agrees else "differs",
    }
    return Summary(figures=figures, faults=(*summary.faults, *audited.differences, *twice))
