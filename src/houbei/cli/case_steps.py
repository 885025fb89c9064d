"""The commands that tell one step of a case: `houbei case dispatch R-2026-0219 --as … --role …` and its like."""

from pathlib import Path
from typing import Any

import click

from houbei.cli.case_calls import COMMANDS, teller_of, told_by
from houbei.cli.case_files import keep_files
from houbei.cli.case_options import Caller, caller_of, case_named, led_sentence, telling
from houbei.cli.case_words import DID
from houbei.facts.steps import Told, What
from houbei.money import minor_of
from houbei.runs.clock import now_us
from houbei.runs.told_by_hand import Said, tell_said


def values_told(caller: Caller, number: str, what: What, given: dict[str, Any]) -> dict[str, Told]:
    """Turn options into what a step tells: amounts in the case's currency, moments in the shop's zone."""
    currency = case_named(caller.database, number).currency
    told: dict[str, Told] = {}
    for one in told_by(what):
        value = given.get(one.name)
        if value is None or one.name == "exhibits":
            continue
        if one.name.endswith("_minor"):
            value = minor_of(value, currency, where=one.option)
        elif one.name.endswith("_us"):
            value = caller.moment(value, where=one.option)
        told[one.name] = value
    return told


def _command(name: str, what: What) -> click.Command:
    def call(number: str, **options: Any) -> int:
        files = [Path(file) for file in options.pop("exhibits", ())]
        caller = caller_of(options)
        told = values_told(caller, number, what, options)
        kept = keep_files(caller, files)
        if kept is None:
            return 2
        if kept:
            told["exhibits"] = ",".join(one.sha256 for one in kept)
        said = Said(
            case=number,
            what=what,
            teller=teller_of(what, by_person=caller.person is not None),
            told=told,
            person=caller.person,
            at_us=caller.at_us,
            step_id=caller.step_id,
        )
        click.echo(led_sentence(caller, tell_said(caller.database, said, now_us=now_us(), exhibits=kept)))
        return 0

    found = click.Command(
        name, callback=call, params=[click.Argument(["number"]), *_options(what)], help=f"{DID[what][1].capitalize()}."
    )
    return telling(found)


_GRAMS = click.IntRange(0)


def _options(what: What) -> list[click.Parameter]:
    return [
        click.Option(
            [one.option, one.name],
            required=one.must,
            help=one.help,
            multiple=one.name == "exhibits",
            type=click.Choice(one.choices) if one.choices else _GRAMS if one.name.endswith("_g") else str,
        )
        for one in told_by(what)
    ]


commands = {name: _command(name, what) for name, what in COMMANDS.items()}
