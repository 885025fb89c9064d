"""`houbei case list`, `show` and `drawing`: what waits for whom, one case from its report to now, and the table that leads them all."""

from collections.abc import Iterator
from pathlib import Path

import click

from houbei.case.drawing import mermaid
from houbei.case.signal_words import explain
from houbei.case.stages import Stage
from houbei.cli.case_options import Caller, case_named, next_words, possible_now, zone_of
from houbei.cli.case_words import DID, NEXT, TELLERS, say, word
from houbei.cli.language_option import language_option, spoken
from houbei.cli.store_option import store_option
from houbei.money import text_of
from houbei.runs.cases import due_of
from houbei.runs.clock import now_us
from houbei.runs.signals import read_look
from houbei.store.cases import worklist
from houbei.store.console_cases import CaseView, Deed, read_case
from houbei.store.database import open_database, reading

LISTED_MAX = 200
_LEFT_OUT = frozenset({"answers", "document", "by_person", "term", "refund_minor", "look"})
"""What a step tells that a line of the timeline does without."""


@click.command()
@store_option
@language_option
@click.option("--stage", type=click.Choice([stage.value for stage in Stage]), help="Cases at one stage alone.")
def _list(store: Path, language: str | None, stage: str | None) -> int:
    """List open cases: what needs a person first, then by deadline."""
    caller = _reader(store, language)
    with reading(caller.database) as connection:
        found = worklist(connection, stage=stage, most=LISTED_MAX)
        for one in found:
            words = next_words(caller, one, due_of(connection, one))
            click.echo(say("row", caller.language, case=one.case_id, **words))
    if not found:
        click.echo(say("none", caller.language))
    return 0


@click.command()
@click.argument("number")
@store_option
@language_option
def _show(number: str, store: Path, language: str | None) -> int:
    """Show a case: what happened and by whom, clauses, money, whom to thank, and what is possible now."""
    caller = _reader(store, language)
    one = case_named(caller.database, number)
    with reading(caller.database) as connection:
        view = read_case(connection, number, now_us=now_us())
        due = due_of(connection, one)
    if view is not None:
        words = next_words(caller, one, due)
        click.echo("\n".join(_lines(caller, view, f"{words['next']}{words['until']}")))
    return 0


@click.command()
def _drawing() -> int:
    """Print the table of stages as a drawing (Mermaid)."""
    click.echo(mermaid())
    return 0


def _reader(store: Path, language: str | None) -> Caller:
    database = open_database(store)
    return Caller(
        database=database,
        store=store,
        language=spoken(language),
        zone=zone_of(database),
        person=None,
        at_us=None,
        step_id=None,
    )


def _lines(caller: Caller, view: CaseView, following: str) -> Iterator[str]:
    language = caller.language
    facts = {"sku": view.facts["sku"], "line": view.facts["line_id"], "unit": view.unit, "serial": view.serial}
    yield say("head", language, case=view.number, **facts)
    if view.day is not None:
        key = "day_alone" if view.of_days is None else "day"
        yield say(key, language, day=view.day, days=view.of_days)
    yield following
    yield ""
    yield from (_deed(caller, deed, view.currency) for deed in view.deeds)
    for text in (str(deed.told["look"]) for deed in view.deeds if deed.told.get("look")):
        told = explain(read_look(text), language)
        yield f"\n{told.conclusion}"
        yield from (f"  {sentence}" for sentence, _ in told.facts)
        yield f"  {told.sum}"
    if view.clauses and view.promise is not None:
        title = view.promise.terms.title[language]
        yield f"\n{say('clauses', language)}  {title}"
        yield from (f"  {clause.id}  {clause.zh if language == 'zh' else clause.en}" for clause in view.clauses)
    if view.money:
        yield f"\n{say('money', language)}"
        # How far a settlement has come, the ledger tells; here stands what moved.
        for line in (one for one in view.money if one.entries[0].settles is None):
            yield f"  {line.code}  {text_of(line.amount_minor, view.currency)}"
        yield f"  {say('net', language)}  {view.currency} {text_of(view.net_minor, view.currency)}"
    if view.credits:
        yield f"\n{say('credits', language)}"
        yield from (f"  {'、'.join(one.roles)}  {one.name}" for one in view.credits)
    can = ", ".join(possible_now(view.case))
    if can:
        yield f"\n{say('can', language)}: {can}"


def _deed(caller: Caller, deed: Deed, currency: str) -> str:
    language = caller.language
    who = deed.person or deed.role or word(TELLERS[deed.teller], language)
    mark = say("aside_mark", language) if deed.set_aside else ""
    return f"  {caller.moment_text(deed.at_us)}  {who}  {word(DID[deed.what], language)}{mark}{_told(caller, deed, currency)}"


def _told(caller: Caller, deed: Deed, currency: str) -> str:
    """What a step tells besides, shortly: times as times, amounts as amounts, files counted; what is long or says no is left out."""
    parts = []
    for name, value in deed.told.items():
        if name in _LEFT_OUT or value in ("", False):
            continue
        if name == "exhibits":
            parts.append(f"{name}={len(str(value).split(','))}")
        elif name.endswith("_us") and isinstance(value, int):
            parts.append(f"{name.removesuffix('_us')}={caller.moment_text(value)}")
        elif name.endswith("_minor") and isinstance(value, int):
            parts.append(f"{name.removesuffix('_minor')}={text_of(value, currency)}")
        elif name == "stage" and str(value) in set(Stage):
            parts.append(word(NEXT[Stage(str(value))], caller.language))
        else:
            parts.append(f"{name}={value}")
    return f"  ({', '.join(parts)})" if parts else ""


commands = {"list": _list, "show": _show, "drawing": _drawing}
