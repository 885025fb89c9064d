"""Cases and their clock: `python -m benchmarks.cases`, or `make bench-cases`.

A store with many open cases at the stages where cases wait, each with its steps and its money. Then ticks: when no deadline has come,
when a thousand have, when all have; telling single steps; the audit. What a tick posts is counted, and the audit must agree.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Engine

from benchmarks.live_shop import DAY_US, PAID_MINOR, T0, teller
from benchmarks.measure import own_peak_mib, this_machine
from benchmarks.table import put_into
from houbei.facts.steps import Person, Step, Teller, Told, What
from houbei.runs.arrivals import take_lines
from houbei.runs.audit import audit
from houbei.runs.case_timers import tick
from houbei.runs.cases import lead_on, tell
from houbei.runs.cycle import run_until_idle
from houbei.store.cases import find_case, open_case
from houbei.store.database import open_database, reading, writing
from houbei.store.promises import publish
from houbei.terms.document import parse_terms

BEGINS, ENDS = "<!-- cases: written by `make bench-cases` -->", "<!-- end of cases -->"
TERMS = """
term: cases-benchmark-180
version: 1
kind: replacement
zone: Asia/Shanghai
window: {opens: {at: placed}, closes: {after: {at: placed}, length: P180D}}
fulfilment: {way: advance, security: deposit}
unavailable: [refund]
remedy: {pay: {when: at_once}, clause: C-1}
clauses: [{id: C-1, text: {zh: 一百八十天内换新, en: A new unit within 180 days}}]
"""
BATCH = 5_000
SOON = 1_000
"""How many cases come due before the others."""
HOUR_US = DAY_US // 24
_ZONED = pa.timestamp("us", tz="UTC")
_WORKER = {name: Person(name=f"worker {name}", role=name, named=True) for name in ("warehouse", "courier", "inspector")}
_Tale = list[tuple[What, Teller, dict[str, Told]]]
_SECURED: tuple[What, Teller, dict[str, Told]] = (
    What.DEPOSITED,
    Teller.SHOP,
    {"amount_minor": PAID_MINOR, "reference": "d"},
)
_VISIT: _Tale = [
    _SECURED,
    (What.SLOT_CHOSEN, Teller.BUYER, {"from_us": DAY_US, "until_us": DAY_US + 4 * HOUR_US}),
    (What.RESERVED, Teller.WAREHOUSE, {"serial": "new", "unit_cost_minor": 4_000}),
    (What.DISPATCHED, Teller.WAREHOUSE, {}),
]
_SWAP: _Tale = [
    *_VISIT,
    (What.SWAPPED, Teller.COURIER, {"old_serial": "old", "new_serial": "new", "service_minor": 900}),
]
STORIES: tuple[_Tale, ...] = (
    [],
    [_SECURED],
    _VISIT,
    _SWAP,
    [*_SWAP, (What.RECEIVED, Teller.WAREHOUSE, {"serial": "old"})],
)
"""How far cases have come, in equal parts: a deposit is waited for, a visit is to be chosen, the new unit is on its way, the old one
is, the old one is to be inspected (its silence settles the case and gives the deposit back). Moments are so long after now."""


def filled(path: Path, cases: int) -> Engine:
    """A store with that many open cases; the first thousand came a month before the others."""
    database = open_database(path, create=True)
    with writing(database) as connection:
        publish(connection, parse_terms(TERMS, where="the benchmark"), known_us=T0)
        take_lines(connection, _lines(cases), teller=teller(T0))
    run_until_idle(database, now_us=T0)
    for first in range(0, cases, SOON):
        _open(database, first, min(first + SOON, cases), now_us=T0 + (0 if first == 0 else 30 * DAY_US))
        print(f"{min(first + SOON, cases):,} of {cases:,} cases opened", end="\r", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return database


def _lines(cases: int) -> pa.Table:
    ids = [f"l{place}" for place in range(cases)]
    return pa.table(
        {
            "order_id": ids,
            "line_id": ids,
            "sku": [f"s{place % 500}" for place in range(cases)],
            "quantity": np.ones(cases, dtype=np.int64),
            "paid_minor": np.full(cases, PAID_MINOR),
            "currency": ["CNY"] * cases,
            "placed_at": pa.array(np.full(cases, T0 - DAY_US), _ZONED),
        }
    )


def _open(database: Engine, first: int, last: int, *, now_us: int) -> None:
    with writing(database) as connection:
        opened = [
            open_case(connection, line=place + 1, unit=1, serial="old", year=2026, known_us=now_us)
            for place in range(first, last)
        ]
        told = [
            (one, step)
            for place, one in enumerate(opened, start=first)
            for step in _steps(one.case_id, STORIES[place % len(STORIES)], now_us)
        ]
        lead_on(connection, told, now_us=now_us)


def _steps(case_id: str, story: _Tale, now_us: int) -> Iterator[Step]:
    judged: dict[str, Told] = {
        "answer": "replace",
        "value_minor": PAID_MINOR,
        "clause": "C-1",
        "term": "cases-benchmark-180/1",
    }
    begins: _Tale = [(What.REPORTED, Teller.BUYER, {"channel": "app"}), (What.JUDGED, Teller.HOUBEI, judged)]
    for number, (what, teller_, told) in enumerate([*begins, *story]):
        named: dict[str, Told] = {
            name: f"d-{case_id}" if name == "reference" else now_us + int(value) if name.endswith("_us") else value
            for name, value in told.items()
        }
        yield Step(
            source="benchmark",
            step_id=f"{case_id}:{number}",
            case=case_id,
            what=what,
            teller=teller_,
            at_us=now_us,
            known_us=now_us,
            person=_WORKER.get(teller_.value) or (_WORKER["courier"] if teller_ is Teller.SHOP else None),
            told=named,
        )


def ticked(database: Engine, now_us: int) -> tuple[int, float, float]:
    """Tick until nothing is due: how many deadlines had passed, the seconds it took, and the processor's part of them."""
    begun, cpu = time.perf_counter(), time.process_time()
    passed = tick(database, now_us=now_us)
    return passed, round(time.perf_counter() - begun, 3), round(time.process_time() - cpu, 3)


def told_one_by_one(database: Engine, steps: int, now_us: int) -> list[float]:
    """Tell single steps, each with its commit; the milliseconds each took, shortest first."""
    took = []
    for place in range(steps):
        case_id = f"R-2026-{place * len(STORIES) + 2:04d}"
        step = Step(
            source="benchmark",
            step_id=f"call:{place}",
            case=case_id,
            what=What.CALLED,
            teller=Teller.SHOP,
            at_us=now_us,
            known_us=now_us,
            person=_WORKER["courier"],
            told={"outcome": "ok"},
        )
        begun = time.perf_counter()
        tell(database, step, now_us=now_us)
        took.append((time.perf_counter() - begun) * 1e3)
    return sorted(took)


def measured(cases: int, steps: int, folder: Path) -> dict[str, Any]:
    """Measure everything once.

    Raises:
        SystemExit: a tick did not find what was due, or the audit finds a difference.
    """
    database = filled(folder / "cases.db", cases)
    begins = T0 + 30 * DAY_US
    none = ticked(database, T0)
    some = ticked(database, begins)
    took = told_one_by_one(database, steps, begins)
    every = ticked(database, T0 + 90 * DAY_US)
    if none[0] or some[0] < SOON or every[0] < cases - SOON:
        sys.exit(f"due: {none[0]}, {some[0]}, {every[0]} deadlines passed")
    begun = time.perf_counter()
    audited = audit(database, progress=lambda *_: None)
    audit_s = time.perf_counter() - begun
    if not audited.agrees:
        sys.exit(audited.differences[0])
    with reading(database) as connection:
        last = find_case(connection, f"R-2026-{cases:04d}")
    return {
        "cases": cases,
        "entries": audited.entries,
        "last_stage": None if last is None else last.case.stage.value,
        "tick_s": {"none due": none[1:], f"{some[0]:,} due": some[1:], f"{every[0]:,} due": every[1:]},
        "step_ms": [round(took[len(took) // 2], 2), round(took[len(took) * 99 // 100], 2)],
        "audited": round(audited.cases / audit_s),
        "memory_mib": own_peak_mib(),
    }


def markdown(found: dict[str, Any]) -> str:
    """Write what was measured as a table."""
    ticks = [
        f"| a tick, {due}: seconds, of them the processor's | {took}, {cpu} |"
        for due, (took, cpu) in found["tick_s"].items()
    ]
    median, p99 = found["step_ms"]
    return "\n".join(
        [
            f"{this_machine().sentence()} {found['cases']:,} open cases at five stages.",
            "",
            "| | |",
            "|---|---|",
            *ticks,
            f"| a step told, folded, posted and committed: median, 99th of 100 | {median} ms, {p99} ms |",
            f"| cases audited with their covers, a second | {found['audited']:,} |",
            f"| most memory | {found['memory_mib']} MiB |",
            "",
        ]
    )


def main() -> int:
    """Measure, print, and put the table into a document where one is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--markdown", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measured(given.cases, given.steps, Path(folder))
    print(json.dumps(found, indent=1), markdown(found), sep="\n\n")
    if given.markdown:
        put_into(given.markdown, markdown(found), begins=BEGINS, ends=ENDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
