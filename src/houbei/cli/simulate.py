"""`houbei simulate`: months of a sample shop's replacements lived through on a real store, then judged."""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from houbei.cli.progress import shown_progress
from houbei.errors import InputError
from houbei.money import text_of
from houbei.sandbox.process import start_sandbox
from houbei.simulation.lives import FAULTS, Asked, Life, live, live_twice
from houbei.simulation.shop import CURRENCY
from houbei.store.folders import open_folder

_SHOWN_MAX = 50


@click.command()
@click.option("--seed", type=click.IntRange(0), help="Decides everything that is left to chance; 1 for --festival.")
@click.option("--festival", is_flag=True, help="Live through a New Year of deliveries instead.")
@click.option(
    "--orders", default=15_000, show_default=True, type=click.IntRange(1, 1_000_000), help="With --festival: how many."
)
@click.option(
    "--chance",
    default=95,
    show_default=True,
    metavar="PERCENT",
    type=click.IntRange(1, 99),
    help="With --festival: how often a promise is to be kept.",
)
@click.option(
    "--days", default=180, show_default=True, type=click.IntRange(1, 3650), help="So long buyers report faults."
)
@click.option("--cases", default=10_000, show_default=True, type=click.IntRange(1, 1_000_000), help="Units that break.")
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the store in this file, to be looked at with houbei serve or houbei case.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="A folder for summary.json.")
@click.option(
    "--crashes",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="Live twice: the second time the live part dies so often, and the books must be equal.",
)
def command(  # noqa: PLR0913  one parameter an option
    *,
    seed: int | None,
    festival: bool,
    orders: int,
    chance: int,
    days: int,
    cases: int,
    store: Path | None,
    out: Path | None,
    crashes: int,
) -> int:
    """Live through months of a sample shop's replacements, and audit them to the cent; exit 1 where anything is wrong.

    Buyers report faults, couriers find nobody at home and have no signal, parcels vanish and turn up, inspections come late, a provider
    loses replies. Everybody acts on what they see; Houbei leads every case on a real store. The last line of the output is JSON.

    With --festival it is a sample shop's New Year of deliveries: orders surge, carriers thin out, snow falls on the third day.
    """
    if store is not None and store.exists():
        raise InputError(
            came="a file that is there already", where=str(store), expected="a new file", todo="Name another one."
        )
    if festival:
        from houbei.cli.simulate_festival import Festival, live_festival  # noqa: PLC0415  a world of its own

        chosen = Festival(
            seed=1 if seed is None else seed, orders=orders, chance_permille=chance * 10, out=out, store=store
        )
        return live_festival(chosen)
    if seed is None:
        raise InputError(
            came="no --seed", where="houbei simulate", expected="a whole number", todo="Give --seed 1, or another."
        )
    return _live_months(Asked(seed=seed, days=days, cases=cases), store=store, out=out, crashes=crashes)


def _live_months(asked: Asked, *, store: Path | None, out: Path | None, crashes: int) -> int:
    """Live through months of replacements, say what they came to, and give the exit code."""
    began = time.monotonic()
    seed = asked.seed
    with tempfile.TemporaryDirectory() as made, shown_progress() as progress:
        folder = Path(made)

        @contextmanager
        def provider(name: str) -> Iterator[str]:
            with start_sandbox(database=folder / f"{name}.sandbox.db", seed=seed, faults=FAULTS) as running:
                yield running.address

        kept = folder / "store.db" if store is None else store
        if crashes:
            life, differ = live_twice(
                asked, kept, beside=folder / "crashed.db", crashes=crashes, provider=provider, progress=progress
            )
        else:
            life, differ = live(asked, kept, provider=provider, progress=progress), ()
    faults = (*life.summary.faults, *differ)
    figures = _figures(life, asked, crashes=crashes, faults=len(faults), seconds=round(time.monotonic() - began, 1))
    _say(figures, faults)
    if out is not None:
        open_folder(out)
        (out / "summary.json").write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(json.dumps(figures, ensure_ascii=False))
    return 1 if faults else 0


def _figures(life: Life, asked: Asked, *, crashes: int, faults: int, seconds: float) -> dict[str, Any]:
    """The figures of a life, as they are written."""
    died = {"crashes": life.died, "calls": life.calls} if crashes else {}
    settled = {"seed": asked.seed, "faults": faults, "seconds": seconds}
    return {**settled, **life.summary.figures, **died}


def _say(figures: dict[str, Any], faults: tuple[str, ...]) -> None:
    """Say what it came to, on standard error; what is wrong first."""
    for fault in faults[:_SHOWN_MAX]:
        click.echo(fault, err=True)
    if len(faults) > _SHOWN_MAX:
        click.echo(f"… and {len(faults) - _SHOWN_MAX:,} more", err=True)
    cost = figures["money_minor"]["replacement_guarantee"]
    net = text_of(cost["debit"] - cost["credit"], CURRENCY) if cost["debit"] >= cost["credit"] else "nothing"
    click.echo(
        f"{figures['cases']:,} cases, {figures['steps']:,} steps, {figures['entries']:,} entries in {figures['days']} days;"
        f" {sum(figures['cases_open'].values()):,} still open. The promises cost {CURRENCY} {net} net.",
        err=True,
    )
    verdict = (
        "Everything is at rest, and the books agree to the cent." if not faults else f"Seed {figures['seed']} fails."
    )
    click.echo(verdict, err=True)
