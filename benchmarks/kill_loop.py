"""A thousand deaths: `python -m benchmarks.kill_loop --kills 1000` kills live loops at any moment and counts the money afterwards.

Two processes run the live loop on one store, each as `houbei run` does. A third tells of sales and falling prices, a fourth takes the
webhooks in, and the sandbox that pays is a process with a file of its own that loses replies, breaks, dawdles and lets refunds fail.
One of the two is killed at a random moment, by SIGKILL, and begun anew; again and again. Then nothing goes wrong any more, what waits is waited for,
and the books, the audit and the provider are compared.

Time passes faster than it does, by `--speed`, so that a claim that nobody holds any more runs out in seconds and not in minutes.
"""

import json
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.random import PCG64, Generator
from sqlalchemy import Engine

from houbei.payments.sandbox import Sandbox
from houbei.runs.audit import audit
from houbei.runs.hooks import take_event
from houbei.runs.loop import run_forever, run_until_done
from houbei.runs.reconcile import reconcile
from houbei.sandbox.process import start_sandbox
from houbei.store.database import open_database, reading
from tests.reliability.shop import Row, Stage, line, new_store, price, tell

SECRET = "whsec_a2lsbGVkIGEgdGhvdXNhbmQgdGltZXM="  # noqa: S105  nothing else is signed with it
WORKERS = 2
GOODS = tuple(f"sku-{number}" for number in range(40))
LINES_AT_ONCE = 5
PAID_MINOR = 100_000
FAULTS = {
    "lost_reply": 150,
    "error_after_acting": 50,
    "error_before_acting": 50,
    "conflict": 30,
    "throttle": 50,
    "slow": 5,
    "slow_ms": 3000,
    "pending_then_succeeded": 100,
    "pending_then_failed": 50,
    "succeeded_then_failed": 30,
    "failed_at_once": 20,
    "settle_after_s": 1,
    "webhook_lost": 100,
    "webhook_twice": 100,
    "webhook_reordered": 100,
    "webhook_forged": 50,
    "webhook_stale": 50,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was done to it, and what it came to."""

    kills: int
    looked_again: int
    """Settlements looked at more than once although no answer was lost: whoever had claimed them had died, or they were pending."""
    seconds: int
    lines: int
    prices: int
    settlements: int
    refunds: int
    refunds_failed: int
    answers_lost: int
    """Entries that say that a provider was asked and gave no answer that could be read."""
    webhooks: int
    owed_minor: int
    paid_minor: int
    credited_minor: int
    paid_twice: int
    differences: tuple[str, ...]


class FastClock:
    """A clock that runs faster than time does.

    Args:
        speed: How much faster.
    """

    def __init__(self, speed: int) -> None:
        self._speed, self._from_us = speed, time.time_ns() // 1000

    def __call__(self) -> int:
        """Give the moment, microseconds UTC."""
        return self._from_us + (time.time_ns() // 1000 - self._from_us) * self._speed


def forked(work: Callable[[], None]) -> int:
    """Run something in a process of its own that has loaded all that this one has; give its number."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except BaseException:  # noqa: BLE001  said, and then the process ends
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def ended(process: int, number: signal.Signals) -> int:
    """End a process of ours; give what it ended with."""
    os.kill(process, number)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def until_told() -> Callable[[], bool]:
    """Ask whether SIGTERM came."""
    came = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: came.set())
    return came.is_set


def work(store: Path, address: str, clock: FastClock) -> None:
    """Run the live loop until it is told to stop."""
    database, provider = open_database(store), Sandbox(address)
    holder = f"worker:{os.getpid()}"
    run_forever(
        database,
        provider,
        clock=clock,
        holder=holder,
        stopped=until_told(),
        say=lambda said: click.echo(said, err=True),
    )


def tell_of_facts(store: Path, clock: FastClock, *, seed: int, orders: int) -> None:
    """Sell and lower prices, a little at a time, until told to stop."""
    database, dice, stopped = open_database(store), Generator(PCG64([seed, 1])), until_told()
    names, sold, prices = iter(range(orders)), 0, 0
    while not stopped():
        now_us = clock()
        lines: list[Row] = [
            {
                **line(f"line-{k}", order=f"order-{k}", sku=str(dice.choice(GOODS)), paid=PAID_MINOR),
                "placed_at": _stamp(now_us),
            }
            for k in (next(names, None) for _ in range(LINES_AT_ONCE))
            if k is not None
        ]
        fallen = [
            price(f"price-{prices}", int(dice.integers(50_000, 99_999)), at_us=now_us, sku=str(dice.choice(GOODS)))
            for prices in range(prices, prices + int(dice.integers(4)))
        ]
        prices += len(fallen)
        sold += len(lines)
        tell(database, lines=lines, prices=fallen, now_us=now_us)
        time.sleep(float(dice.uniform(0.02, 0.12)))


def _stamp(us: int) -> str:
    return np.datetime64(us, "us").item().isoformat() + "Z"


def take_webhooks(store: Path, told: int) -> None:
    """Take webhooks in until killed; the port goes to a pipe."""
    database = open_database(store)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            now_us = time.time_ns() // 1000
            good = take_event(database, secret=SECRET, headers=dict(self.headers.items()), body=body, now_us=now_us)
            self.send_response(204 if good else 400)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Let go of a connection that was broken off."""

    server = Server(("127.0.0.1", 0), Handler)
    os.write(told, str(server.server_address[1]).encode())
    server.serve_forever()


def killed(begin: Callable[[], int], *, kills: int, dice: Generator) -> None:
    """Kill one of the workers at random moments, begin another in its place, and stop them all in the end."""
    workers = [begin() for _ in range(WORKERS)]
    try:
        for number in range(1, kills + 1):
            time.sleep(float(dice.uniform(0.02, 0.5)))
            worker = workers.pop(int(dice.integers(WORKERS)))
            must_be(ended(worker, signal.SIGKILL), -signal.SIGKILL)
            workers.append(begin())
            if number % 100 == 0:
                click.echo(f"{number} kills", err=True)
        while workers:  # the one that has just begun may die of it: it does not listen yet
            must_be(ended(workers.pop(), signal.SIGTERM), 0, -signal.SIGTERM)
    finally:
        for worker in workers:
            ended(worker, signal.SIGKILL)


def must_be(code: int, *expected: int) -> None:
    """See that a process ended as it was meant to."""
    if code not in expected:
        said = f"a process ended by itself, with {code}"
        raise RuntimeError(said)


def bring_to_rest(database: Engine, stage: Stage, clock: FastClock) -> None:
    """Let everything that waits come to an end, now that nothing goes wrong any more."""
    stage.faults(**dict.fromkeys(FAULTS, 0))
    # A call that the sandbox has in hand ends by real time: days must not leap past it.
    time.sleep(FAULTS["slow_ms"] / 1000)
    provider, now_us = Sandbox(str(stage.web.base_url)), clock()
    while True:
        stage.settle()
        run_until_done(database, provider, clock=lambda: now_us, holder="last")  # noqa: B023  called before it changes
        reconcile(database, provider, now_us=now_us, from_start=True)
        waiting = _asked(database, "SELECT MIN(due_us) FROM actions")[0][0]
        if waiting is None:
            break
        now_us = max(waiting, now_us + 1)
    provider.close()


def figures_of(database: Engine, stage: Stage, *, kills: int, seconds: int) -> Figures:
    """Count what it came to; every difference is a sentence."""
    refunds = stage.refunds()
    made = Counter(one["metadata"].get("houbei_settlement") for one in refunds if one["state"] != "failed")
    differences = list(audit(database, progress=lambda *_: None).differences)
    differences += [f"{settlement} was paid {count} times" for settlement, count in made.items() if count > 1]
    paid: Counter[str] = Counter()
    for one in refunds:
        if one["state"] == "succeeded":
            paid[one["payment"]] += one["amount_minor"]
    booked = {name: int(minor) for name, minor in _asked(database, _BOOKED)}
    differences += [
        f"payment {name}: the provider paid {paid[name]}, the books say {booked.get(name, 0)}"
        for name in sorted(paid.keys() | booked.keys())
        if paid[name] != booked.get(name, 0)
    ]
    open_still = _asked(
        database,
        "SELECT state, COUNT(*) FROM actions WHERE state NOT IN ('reconciled', 'credited', 'stopped') GROUP BY state",
    )
    differences += [f"{count} settlements are still {state}" for state, count in open_still]
    differences += [
        f"{count} wait for a person: {kind}"
        for kind, count in _asked(database, "SELECT kind, COUNT(*) FROM needs GROUP BY kind")
    ]
    ((looked_again,),) = _asked(
        database,
        "SELECT COUNT(*) FROM actions a WHERE attempts > 1 AND NOT EXISTS"
        " (SELECT 1 FROM entries e WHERE e.cover = a.cover AND e.settles = a.sequence AND e.code = 'unknown')",
    )
    counts = {
        name: int(_asked(database, f"SELECT COUNT(*) FROM {name}")[0][0])
        for name in ("lines", "prices", "actions", "hooks")
    }
    ((lost,),) = _asked(database, "SELECT COUNT(*) FROM entries WHERE code = 'unknown'")
    sums = dict(_asked(database, "SELECT state, SUM(amount_minor) FROM actions GROUP BY state"))
    return Figures(
        kills=kills,
        looked_again=looked_again,
        seconds=seconds,
        lines=counts["lines"],
        prices=counts["prices"],
        settlements=counts["actions"],
        refunds=len(refunds),
        refunds_failed=sum(one["state"] == "failed" for one in refunds),
        answers_lost=lost,
        webhooks=counts["hooks"],
        owed_minor=int(sum(sums.values()) - sums.get("stopped", 0)),
        paid_minor=sum(paid.values()),
        credited_minor=int(sums.get("credited", 0)),
        paid_twice=sum(count > 1 for count in made.values()),
        differences=tuple(differences),
    )


_BOOKED = "SELECT payment, SUM(amount_minor) FROM actions WHERE kind = 'refund' AND state IN ('confirmed', 'reconciled') GROUP BY payment"


def _asked(database: Engine, query: str) -> list[Any]:
    with reading(database) as connection:
        return list(connection.exec_driver_sql(query).all())


def run(folder: Path, *, kills: int, seed: int, speed: int) -> Figures:
    """Kill and count.

    Args:
        folder: Where the store and the sandbox's file go.
        kills: How many processes to kill.
        seed: Decides when, and over the sandbox's faults.
        speed: How much faster than time the clock runs.
    """
    store, orders, clock, begun = folder / "houbei.db", 60 * kills, FastClock(speed), time.monotonic()
    new_store(store).dispose()
    came, told = os.pipe()
    with ExitStack() as stack:
        stack.callback(ended, forked(lambda: take_webhooks(store, told)), signal.SIGKILL)
        hook = f"http://127.0.0.1:{os.read(came, 16).decode()}/"
        sandbox = stack.enter_context(
            start_sandbox(database=folder / "sandbox.db", seed=seed, webhook=(hook, SECRET), faults=FAULTS)
        )
        stage = stack.enter_context(closing(Stage(sandbox.address)))
        for first in range(0, orders, 20_000):
            stage.capture({f"order-{k}": PAID_MINOR for k in range(first, min(orders, first + 20_000))})
        teller = forked(lambda: tell_of_facts(store, clock, seed=seed, orders=orders))
        try:
            dice = Generator(PCG64([seed, 0]))
            killed(lambda: forked(lambda: work(store, sandbox.address, clock)), kills=kills, dice=dice)
        finally:
            code = ended(teller, signal.SIGTERM)
        must_be(code, 0)
        database = open_database(store)
        stack.callback(database.dispose)
        bring_to_rest(database, stage, clock)
        return figures_of(database, stage, kills=kills, seconds=round(time.monotonic() - begun))


@click.command()
@click.option("--kills", default=1000, show_default=True, help="How many processes to kill.")
@click.option("--seed", default=1, show_default=True, help="Decides when, and over the sandbox's faults.")
@click.option("--speed", default=60, show_default=True, help="How much faster than time the clock runs.")
@click.option("--folder", type=click.Path(path_type=Path), help="Keep the store and the sandbox's file here.")
def main(*, kills: int, seed: int, speed: int, folder: Path | None) -> None:
    """Kill live loops at random moments, and count the money afterwards; exit 1 where anything differs."""
    with tempfile.TemporaryDirectory() as made:
        figures = run(folder or Path(made), kills=kills, seed=seed, speed=speed)
    print(json.dumps(asdict(figures), indent=2))
    sys.exit(bool(figures.differences))


if __name__ == "__main__":
    main()
