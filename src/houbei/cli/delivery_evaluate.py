"""`houbei delivery evaluate`: how good promises learnt from a history would have been."""

import shlex
from pathlib import Path
from typing import Any

import click

from houbei.cli.delivery_options import day_of, history_options, share_of, source_of, spread_option
from houbei.cli.progress import shown_progress
from houbei.lead_times.choosing import Spread
from houbei.lead_times.report import render
from houbei.lead_times.run import run_evaluate

_EVERY = ",".join(str(share) for share in range(80, 98))


@click.command(name="evaluate")
@history_options
@click.option("--from", "from_text", required=True, metavar="DATE", help="The first day whose orders are judged.")
@click.option(
    "--chance",
    "chances",
    default=_EVERY,
    metavar="PERCENT,…",
    help="The shares to keep. Default: 80 to 97, one by one.",
)
@spread_option
def command(  # noqa: PLR0913  one parameter an option
    *,
    history: Path,
    out: Path,
    columns: str | None,
    zone: str,
    calendar: str | None,
    from_text: str,
    chances: str,
    spread: str,
) -> int:
    """Promise the orders from a day on week by week, knowing only what was known, and see what came of it.

    Writes summary.json, rejected.csv and report.html.
    """
    source = source_of(history, out, columns, zone, calendar)
    with shown_progress() as progress:
        summary = run_evaluate(
            source,
            from_day=day_of(from_text, zone=zone, where="--from"),
            chances=sorted({share_of(one) for one in chances.split(",")}),
            spread=Spread(spread),
            progress=progress,
        )
    words = ["houbei", "delivery", "evaluate", "--history", str(history), "--from", from_text, "--spread", spread]
    words += [word for pair in (("--columns", columns), ("--calendar", calendar)) if pair[1] for word in pair if word]
    command_again = shlex.join([*words, "--zone", zone, "--chance", chances])
    (out / "report.html").write_text(render(summary, command=command_again), encoding="utf-8")
    click.echo(in_sentences(summary))
    click.echo(f"Report: {out / 'report.html'}")
    return 0


def in_sentences(summary: dict[str, Any]) -> str:
    """Say what was found."""
    ours, shop = summary["all"]["ours"], summary["all"].get("shop")
    said = [
        f"{summary['judged']} orders judged, {summary['never_arrived']} of them never arrived.",
        f"Asked for {summary['chance_permille'] / 10:g}%: {ours['share_kept']:.1%} kept at {ours['mean_days_promised']:.1f} days.",
    ]
    if shop is not None and shop["orders"]:
        said.append(f"The shop's own estimate: {shop['share_kept']:.1%} kept at {shop['mean_days_promised']:.1f} days.")
    if "frontier" in summary and summary["frontier"]["mean_shorter_percent"] is not None:
        mean, worst = summary["frontier"]["mean_shorter_percent"], summary["frontier"]["worst_percent"]
        said.append(
            f"Beside that estimate shifted to the same share, 80 to 97%: {mean:.1f}% fewer days on average, {worst:.1f}% at worst."
        )
    return "\n".join(said)
