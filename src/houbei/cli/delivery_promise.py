"""`houbei delivery promise`: a date for each order, learnt from history."""

from pathlib import Path

import click

from houbei.cli.delivery_options import day_of, history_options, share_of, source_of, spread_option
from houbei.cli.progress import shown_progress
from houbei.lead_times.choosing import Spread
from houbei.lead_times.run import run_promise


@click.command(name="promise")
@history_options
@click.option("--chance", default="90", show_default=True, metavar="PERCENT", help="The share of promises to keep.")
@click.option("--as-of", "as_of", metavar="TIME", help="The day of the promises; what happened before it is known.")
@click.option(
    "--orders",
    type=click.Path(path_type=Path),
    help="The orders to promise. Default: those of the history that are open.",
)
@click.option(
    "--model", type=click.Path(path_type=Path), help="A model that was trained. Default: one is learnt first."
)
@spread_option
def command(  # noqa: PLR0913  one parameter an option
    *,
    history: Path,
    out: Path,
    columns: str | None,
    zone: str,
    calendar: str | None,
    chance: str,
    as_of: str | None,
    orders: Path | None,
    model: Path | None,
    spread: str,
) -> int:
    """Promise a date to every order, with the chance of keeping it.

    Writes promises.parquet, promises.csv and rejected.csv.
    """
    source = source_of(history, out, columns, zone, calendar)
    now = None if as_of is None else day_of(as_of, zone=zone, where="--as-of")
    with shown_progress() as progress:
        answer = run_promise(
            source,
            chance=share_of(chance),
            now=now,
            orders=orders,
            choosing=(Spread(spread), model),
            progress=progress,
        )
    if not answer["orders"]:
        click.echo(f"No order was open on {answer['as_of']}.")
        return 0
    click.echo(f"{answer['promised']} of {answer['orders']} orders promised as of {answer['as_of']}.")
    if answer["promised"]:
        days, sure = answer["mean_days_promised"], answer["mean_chance_permille"] / 10
        click.echo(f"On average {days:.1f} days after purchase, {sure:.1f}% sure.")
    if answer["promised"] < answer["orders"]:
        click.echo("The others have been open for so long that no date can be promised: look for them.")
    click.echo(f"Promises: {out / 'promises.csv'}")
    return 0
