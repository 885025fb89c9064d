"""Dates that are promised, alone and in bulk: `python -m benchmarks.promising`, or `make bench-promising`.

The sample network over a year, asked for dates and slots, by named services and any, with one parcel and two. Alone: one request after the
other, as a checkout asks. In bulk: all of them, booked in their order. A sample of the bulk answers is asked again alone, from the first on,
and dates are compared with a plain walk over days; any difference ends the benchmark.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import own_peak_mib, this_machine
from benchmarks.promising_rival import NOTHING, Walker
from benchmarks.table import put_into
from houbei.delivery.candidates import Refused
from houbei.delivery.promising import Promises, promise_arrivals
from houbei.delivery.quoting import quote
from houbei.delivery.requests import ANY, Booked, Requests
from houbei.delivery.timetable import Timetable, timetable_of
from houbei.store.network_files import load_network

BEGINS, ENDS = "<!-- promising: written by `make bench-promising` -->", "<!-- end of promising -->"
DAY_US = 86_400_000_000
FROM_US = 20_454 * DAY_US
"""2026-01-01."""
YEAR_DAYS = 365
ALONE_MAX = 5_000
"""How many are asked alone."""


def drawn(timetable: Timetable, count: int, *, seed: int) -> Requests:
    """Draw requests over a year: three in ten for any service, as many from any warehouse, one in ten for a slot."""
    random, network = np.random.default_rng(seed), timetable.loaded.network
    slot_names = ("", "*", *sorted({slot.id for service in network.services for slot in service.slots}))

    def some(share: float, instead: int, bound: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.where(random.random(count) < share, instead, random.integers(0, bound, count))

    return Requests(
        ids=range_of_names(count),
        at_us=FROM_US + random.integers(0, YEAR_DAYS * 86_400, count) * 1_000_000,
        region=random.integers(0, len(network.regions), count),
        carrier=np.full(count, ANY),
        service=some(0.3, ANY, len(network.services)),
        chance_permille=random.choice(np.array([900, 950, 980]), count),
        is_installed=random.random(count) < 0.05,
        slot=(random.random(count) < 0.1).astype(np.int64),
        slot_names=slot_names,
        first_parcel=np.arange(count + 1),
        parcel_origin=some(0.3, ANY, len(network.origins)),
        parcel_class=random.integers(0, len(network.weight_classes), count),
        parcel_count=random.choice(np.array([1, 1, 1, 2]), count),
    )


def range_of_names(count: int) -> list[str]:
    """Name orders so that their names sort as they are numbered."""
    return [f"o{number:09d}" for number in range(count)]


def asked_alone(timetable: Timetable, requests: Requests, *, with_reasons: bool) -> tuple[list[float], list[float]]:
    """Ask for single promises, warm, with or without their reasons in both languages.

    Returns:
        The milliseconds each took by the clock, and of the processor, shortest first: on a machine that does other things they part.
    """
    wall, cpu = [], []
    for row in range(len(requests)):
        one = requests.taken(np.array([row]))
        begun, cpu_begun = time.perf_counter(), time.thread_time()
        promises = promise_arrivals(timetable, one)
        if with_reasons:
            quote(timetable, one, promises, 0)
        cpu.append((time.thread_time() - cpu_begun) * 1e3)
        wall.append((time.perf_counter() - begun) * 1e3)
    warm = len(requests) // 20
    return sorted(wall[warm:]), sorted(cpu[warm:])


def check_one_by_one(timetable: Timetable, requests: Requests, promises: Promises) -> int:
    """Ask for the first promises again, one by one in the order of booking.

    Returns:
        How many were asked.

    Raises:
        SystemExit: One differs.
    """
    booked, order = Booked(), requests.in_order_of_booking()[:ALONE_MAX]
    for row in order.tolist():
        one = promise_arrivals(timetable, requests.taken(np.array([row])), booked=booked)
        if (one.refused[0], one.by_us[0], one.slot[0]) != (
            promises.refused[row],
            promises.by_us[row],
            promises.slot[row],
        ):
            sys.exit(f"{requests.ids[row]}: one by one {one.by_us[0]}, in bulk {promises.by_us[row]}")
        booked = booked.with_more(one.booked)
    return len(order)


def walked(timetable: Timetable, requests: Requests, promises: Promises) -> tuple[int, float]:
    """Let the rival walk over what it knows: dates of one parcel from a named warehouse by a service without limits.

    Returns:
        How many orders, and microseconds an order.

    Raises:
        SystemExit: A date or a chance differs.
    """
    walker, services = Walker(timetable), timetable.loaded.network.services
    plain = np.array([service.capacity is None and not service.weight_classes for service in services])
    known = (requests.service >= 0) & (requests.parcel_origin >= 0) & (requests.parcel_count == 1)
    known &= (requests.slot == 0) & ~requests.is_installed & plain[np.maximum(requests.service, 0)]
    rows = np.flatnonzero(known)[: 10 * ALONE_MAX].tolist()
    begun = time.process_time()
    found = [walker.walk(requests, row) for row in rows]
    took_us = (time.process_time() - begun) * 1e6
    for row, one in zip(rows, found, strict=True):
        is_promised = promises.refused[row] == Refused.NOT
        wanted = (int(promises.by_us[row]), int(promises.chance_permille[row])) if is_promised else (NOTHING, NOTHING)
        if (one.by_us, one.chance_permille) != wanted:
            sys.exit(f"{requests.ids[row]}: walked {one}, promised {wanted}")
    return len(rows), took_us / max(1, len(rows))


def measured(count: int, *, seed: int) -> dict[str, Any]:
    """Measure everything once.

    Raises:
        SystemExit: Answers differ.
    """
    loaded = load_network("sample-cn")
    begun = time.perf_counter()
    timetable = timetable_of(loaded, from_us=FROM_US, to_us=FROM_US + YEAR_DAYS * DAY_US)
    timetable_s = time.perf_counter() - begun
    some = drawn(timetable, ALONE_MAX, seed=seed + 1)
    alone = asked_alone(timetable, some, with_reasons=False)
    with_reasons = asked_alone(timetable, some, with_reasons=True)
    requests = drawn(timetable, count, seed=seed)
    promise_arrivals(timetable, requests.taken(np.arange(min(count, 50_000))))
    before_mib = own_peak_mib()
    begun, cpu_begun = time.perf_counter(), time.process_time()
    promises = promise_arrivals(timetable, requests)
    bulk_s, bulk_cpu_s = time.perf_counter() - begun, time.process_time() - cpu_begun
    peak_mib = own_peak_mib()
    rows, rival_us = walked(timetable, requests, promises)
    return {
        "requests": count,
        "promised": int(np.count_nonzero(promises.refused == Refused.NOT)),
        "timetable_s": round(timetable_s, 3),
        "alone_ms": [_percentiles(took) for took in alone],
        "with_reasons_ms": [_percentiles(took) for took in with_reasons],
        "bulk_s": round(bulk_s, 2),
        "bulk_cpu_s": round(bulk_cpu_s, 2),
        "memory_mib": [before_mib, peak_mib],
        "agreed_one_by_one": check_one_by_one(timetable, requests, promises),
        "rival": {"orders": rows, "us": round(rival_us, 1)},
    }


def _percentiles(took: list[float]) -> list[float]:
    return [round(took[len(took) * part // 1000], 2) for part in (500, 990, 999)]


def markdown(found: dict[str, Any]) -> str:
    """Write what was measured as a table."""
    alone, reasons = (
        "; of them the processor's ".join(", ".join(f"{ms} ms" for ms in took) for took in found[key])
        for key in ("alone_ms", "with_reasons_ms")
    )
    rival = found["rival"]
    return "\n".join(
        [
            f"{this_machine().sentence()} The network `sample-cn` over a year.",
            "",
            "| | |",
            "|---|---|",
            f"| one promise alone: median, 99th of 100, 999th of 1,000 | {alone} |",
            f"| the same with its reasons in both languages | {reasons} |",
            f"| {found['requests']:,} in bulk, {found['promised']:,} of them promised: seconds, one thread; of them the processor's | {found['bulk_s']}, {found['bulk_cpu_s']} |",
            f"| a plain walk over days, microseconds of the processor an order, for dates of one parcel alone | {rival['us']} |",
            f"| the timetable of the year, made once: seconds | {found['timetable_s']} |",
            f"| most memory: with the requests, with the answers | {found['memory_mib'][0]} MiB, {found['memory_mib'][1]} MiB |",
            "",
            f"{found['agreed_one_by_one']:,} were asked again one by one, and {rival['orders']:,} walked: every answer was the same.",
            "",
        ]
    )


def main() -> int:
    """Measure, print, and put the table into a document where one is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markdown", type=Path)
    given = parser.parse_args()
    found = measured(given.requests, seed=given.seed)
    print(json.dumps(found, indent=1), markdown(found), sep="\n\n")
    if given.markdown:
        put_into(given.markdown, markdown(found), begins=BEGINS, ends=ENDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
