"""`houbei backtest --claims`: what a promise to replace or take back would have answered, and what it would have cost."""

import click

from houbei.backtest.claims_report import render
from houbei.backtest.claims_run import DONE, ClaimsAnswer, ClaimsQuestion, run_claims_backtest
from houbei.cli.progress import shown_progress
from houbei.money import text_of


def backtest_claims(question: ClaimsQuestion, *, again: str) -> int:
    """Run a backtest on claims, write its report and say in a sentence what was found.

    Args:
        question: What is asked.
        again: The command that gives the same report.
    """
    with shown_progress() as progress:
        answer = run_claims_backtest(question, progress)
    (question.out / "report.html").write_text(render(answer, command=again), encoding="utf-8")
    click.echo(in_sentences(answer))
    click.echo(f"Report: {question.out / 'report.html'}")
    return 0


def in_sentences(answer: ClaimsAnswer) -> str:
    """Say what was found."""
    summary = answer.summary
    done = ", ".join(f"{summary[word]} {word}" for word in DONE)
    costs = [
        f"{block['currency']} {text_of(block['cost_minor'], block['currency'])}" for block in summary["currencies"]
    ]
    return (
        f"{answer.question.promises[0].term}: of {summary['claims']} claims {done}; {summary['refused']} refused,"
        f" {summary['referred']} need a person, {summary['same_case']} told again. Cost: {', '.join(costs) or 'nothing'}."
        f" {summary['rejected']} rows rejected."
    )
