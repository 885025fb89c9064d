"""What every `houbei case` command shares: its options, the store it opens, and the sentence it says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import Engine

from houbei.case.deadlines import Deadline
from houbei.case.edges import ANYWHERE, EDGES
from houbei.case.stages import Case
from houbei.cli.case_calls import NAMES
from houbei.cli.case_words import BESIDE, DID, NEEDS, NEXT, say, word
from houbei.cli.language_option import language_option, spoken
from houbei.cli.store_option import store_option
from houbei.errors import InputError
from houbei.facts.moments import text_of_moment
from houbei.facts.steps import Person, What
from houbei.runs.cases import Led
from houbei.store.cases import Standing, asks_of_person, find_case
from houbei.store.database import open_database, reading
from houbei.store.promises import published
from houbei.terms.moments import parse_moment

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, from which store, in which language, and when; `at` and `step_id` are None where they are not named."""

    database: Engine
    store: Path
    language: str
    zone: str
    person: Person | None
    at_us: int | None
    step_id: str | None

    def moment(self, text: str, *, where: str) -> int:
        """Read a moment in the shop's zone."""
        return parse_moment(text, zone=self.zone, where=where)

    def moment_text(self, us: int) -> str:
        """Write a moment in the shop's zone, to the minute."""
        return text_of_moment(us, self.zone)[:16].replace("T", " ")


def telling(command: _Command) -> _Command:
    """Give a command the options of whoever tells something."""
    for option in (
        click.option(
            "--id", "step_id", help="An id of its own; the same id is the same step. Default: made of what is said."
        ),
        click.option("--at", help="When it happened, for a phone that was offline. Default: now."),
        click.option("--unnamed", is_flag=True, help="Do not show the name in credits, here or anywhere."),
        click.option("--role", help="Their part: clerk, storekeeper, courier, inspector, …"),
        click.option("--as", "name", help="Who did it."),
        language_option,
        store_option,
    ):
        command = option(command)
    return command


def caller_of(options: dict[str, Any]) -> Caller:
    """Take the shared options out of a command's, and open the store.

    Raises:
        InputError: a name without a part, a moment that is none, or no store.
    """
    store, name, role = options.pop("store"), options.pop("name", None), options.pop("role", None)
    at, unnamed = options.pop("at", None), options.pop("unnamed", False)
    person = person_of(name, role, unnamed=unnamed, where="houbei case")
    database = open_database(store)
    zone = zone_of(database)
    return Caller(
        database=database,
        store=store,
        language=spoken(options.pop("language", None)),
        zone=zone,
        person=person,
        at_us=None if at is None else parse_moment(at, zone=zone, where="--at"),
        step_id=options.pop("step_id", None),
    )


def person_of(name: str | None, role: str | None, *, unnamed: bool, where: str) -> Person | None:
    """Give who calls, None where nobody is named.

    Raises:
        InputError: a name without a part, or a part without a name.
    """
    if not name and not role:
        return None
    if not name or not role:
        raise InputError(
            came="--role without --as" if role else "--as without --role",
            where=where,
            expected="both: who it is, and their part in it",
            todo="Give both, like --as 'He Xiuqin' --role clerk.",
        )
    return Person(name=name, role=role, named=not unnamed)


def zone_of(database: Engine) -> str:
    """The zone of the shop: that of its first promise of replacement, else UTC."""
    with reading(database) as connection:
        promises = [one.terms for one in published(connection) if one.terms.replacement is not None]
    return next((terms.zone for terms in promises), "UTC")


def case_named(database: Engine, number: str) -> Standing:
    """Find a case.

    Raises:
        InputError: there is none of that number.
    """
    with reading(database) as connection:
        found = find_case(connection, number)
    if found is None:
        raise InputError(
            came=f"no case {number}",
            where="houbei case",
            expected="a number like R-2026-0219",
            todo="Look at the list that houbei case list prints.",
        )
    return found


def led_sentence(caller: Caller, led: Led) -> str:
    """Say what a step did and what comes next."""
    key = "known" if led.known else "aside" if led.set_aside else "done"
    return say(
        key,
        caller.language,
        case=led.now.case_id,
        did=word(DID[led.step.what], caller.language),
        can=", ".join(possible_now(led.now.case)),
        **next_words(caller, led.now, led.due),
    )


def next_words(caller: Caller, one: Standing, due: Deadline | None) -> Mapping[str, str]:
    """What comes next in a case, and until when; what a person must do comes first."""
    asked = asks_of_person(one.case)
    beside = None if due is None else BESIDE.get(due.kind)
    following = word(beside or NEXT[one.case.stage], caller.language)
    if asked:
        join = "、" if caller.language == "zh" else ", "
        needs = say("asks", caller.language, needs=join.join(word(NEEDS[need], caller.language) for need in asked))
        following = f"{needs}（{following}）" if caller.language == "zh" else f"it {needs} ({following})"
    until = "" if due is None else say("until", caller.language, at=caller.moment_text(due.at_us))
    return {"next": following, "until": until}


def possible_now(case: Case) -> list[str]:
    """Name the commands that lead a case on from where it stands; whether each does depends on what it tells."""
    here = [edge.what for edge in EDGES if edge.stage is case.stage]
    if case.claimed_minor:
        here += [What.RECOVERED, What.SUPPLIER_REFUSED]
    elif not case.supplier_asked and case.cost_minor:
        here.append(What.CLAIMED)
    if case.needs:
        here += [edge.what for edge in ANYWHERE if edge.what in {What.CALLED, What.TAKEN_UP}]
    return list(dict.fromkeys(NAMES[what] for what in here if what in NAMES))
