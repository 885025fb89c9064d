"""`houbei backtest --promises`: how a delivery promise would have been kept, and what it would have owed."""

import click

from houbei.backtest.arrivals_report import render
from houbei.backtest.arrivals_run import ArrivalsAnswer, ArrivalsQuestion, run_arrivals_backtest
from houbei.cli.progress import shown_progress
from houbei.money import POINTS, text_of


def backtest_arrivals(question: ArrivalsQuestion, *, again: str) -> int:
    """Run a backtest of a delivery promise, write its report and say in a sentence what was found.

    Args:
        question: What is asked.
        again: The command that gives the same report.
    """
    with shown_progress() as progress:
        answer = run_arrivals_backtest(question, progress)
    (question.out / "report.html").write_text(render(answer, command=again), encoding="utf-8")
    click.echo(in_sentences(answer))
    click.echo(f"Report: {question.out / 'report.html'}")
    return 0


def in_sentences(answer: ArrivalsAnswer) -> str:
    """Say what was found."""
    summary = answer.summary
    owed = [
        f"{text_of(block['owed_minor'], POINTS)} points"
        if block["currency"] == POINTS
        else f"{block['currency']} {text_of(block['owed_minor'], block['currency'])}"
        for block in summary["owed"]
    ]
    stands = ", ".join(f"{summary[word]} {word}" for word in ("kept", "late", "excused", "disputed", "open", "ended"))
    return (
        f"{answer.question.terms.term}: of {summary['deliveries']} deliveries {stands}; {summary['none']} without a promise."
        f" Owed: {', '.join(owed) or 'nothing'}. {summary['rejected']} rows rejected, {summary['undecided']} lines undecided."
    )
