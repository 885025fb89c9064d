"""`houbei case capture-hold`: a part of what the provider holds for a case is to be taken; the case is told when it gave its receipt."""

from typing import Any

import click

from houbei.cli.case_options import caller_of, case_named, telling
from houbei.cli.case_words import say
from houbei.errors import InputError
from houbei.facts.steps import Teller, What
from houbei.money import minor_of
from houbei.runs.clock import now_us
from houbei.runs.hold_settling import ask_capture
from houbei.runs.secured_cases import StoredCases
from houbei.runs.told_by_hand import Said, tell_said
from houbei.store.database import writing
from houbei.store.marks import live_through

_EXPECTED = {
    "no_hold": (
        "no hold at the provider",
        "a hold that the provider has",
        "Tell of what the shop took itself: case capture.",
    ),
    "above_hold": ("more than is held", "at most what is held", "Take less, or let the rest go: case write-off."),
    "not_now": (
        "a case that nothing is taken for now",
        "a case whose unit does not come back",
        "Look at it: case show.",
    ),
}


@click.command()
@click.argument("number")
@click.option("--amount", required=True, help="How much, like 4999.00; never more than is held.")
@click.option("--reason", required=True, help="Why, in plain words; the buyer may read it.")
@telling
def _capture_hold(number: str, amount: str, reason: str, **options: Any) -> int:
    """Take a part of what is held on the buyer's card, through the provider; houbei run carries it out."""
    caller = caller_of(options)
    currency, now = case_named(caller.database, number).currency, now_us()
    amount_minor = minor_of(amount, currency, where="--amount")
    with writing(caller.database) as connection:
        moment = live_through(connection, now)
        secured = StoredCases().find(connection, number)
        if secured is None:
            refused: str | None = "no_hold"
        else:
            refused = ask_capture(connection, secured, amount_minor=amount_minor, note=reason, now_us=moment)
    if refused is not None:
        came, expected, todo = _EXPECTED[refused]
        raise InputError(came=came, where=f"case {number}", expected=expected, todo=todo)
    if caller.person is not None:
        said = Said(case=number, what=What.TAKEN_UP, teller=Teller.SHOP, told={"note": reason}, person=caller.person)
        tell_said(caller.database, said, now_us=now)
    click.echo(say("to_capture", caller.language, case=number, amount=f"{currency} {amount}"))
    return 0


commands = {"capture-hold": _capture_hold}
