"""`houbei case look`: what of a case is worth a person's look, and which facts about its units contradict each other."""

from pathlib import Path

import click

from houbei.case.conflict_words import say_conflict
from houbei.case.signal_words import explain
from houbei.cli.case_options import case_named
from houbei.cli.language_option import language_option, spoken
from houbei.cli.store_option import store_option
from houbei.runs.clock import now_us
from houbei.runs.lineage_of import forest_around
from houbei.runs.signals import score_case
from houbei.store.database import open_database, reading


@click.command()
@click.argument("number")
@store_option
@language_option
def _look(number: str, store: Path, language: str | None) -> int:
    """Say what of a case is worth a look: conclusion, facts, sum. It decides nothing."""
    database, said = open_database(store), spoken(language)
    one = case_named(database, number)
    with reading(database) as connection:
        explained = explain(score_case(connection, one, now_us=now_us()), said)
        forest = forest_around(connection, [one.serial], line=one.line)
    click.echo(explained.conclusion)
    for sentence, points in explained.facts:
        click.echo(f"  {points:>4}  {sentence}")
    click.echo(f"  {explained.sum}")
    for found in forest.contradictions_of(one.serial):
        click.echo(say_conflict(found, said))
    return 0


commands = {"look": _look}
