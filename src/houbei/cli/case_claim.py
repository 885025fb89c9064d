"""`houbei case claim`: a supplier is asked to make good what a swap cost, with a document of the facts."""

from pathlib import Path
from typing import Any

import click

from houbei.case.moves import Move
from houbei.cli.case_calls import teller_of
from houbei.cli.case_options import caller_of, case_named, led_sentence, telling
from houbei.cli.case_words import say
from houbei.errors import InputError
from houbei.facts.steps import What
from houbei.money import minor_of
from houbei.runs.clock import now_us
from houbei.runs.supplier_claims import claim_document
from houbei.runs.told_by_hand import Said, tell_said
from houbei.store.console_cases import read_case
from houbei.store.database import reading

_COSTS = frozenset({Move.UNIT_COST.value, Move.SERVICE_COST.value})
"""What a supplier is asked for where nobody names an amount."""


@telling
@click.command()
@click.argument("number")
@click.option("--supplier", required=True, help="Who is asked: the brand, a carrier, an insurer.")
@click.option("--amount", help="How much, like 2310.00. Default: what the unit and the visit cost.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the claim's document here, too.")
def _claim(number: str, supplier: str, amount: str | None, out: Path | None, **options: Any) -> int:
    """Ask a supplier to make good what a swap cost: who, why, for which units, on what evidence, how much."""
    caller = caller_of(options)
    currency = case_named(caller.database, number).currency
    now = now_us()
    with reading(caller.database) as connection:
        view = read_case(connection, number, now_us=now)
    if view is None:
        return 2
    cost_minor = sum(line.amount_minor for line in view.money if line.code in _COSTS)
    amount_minor = cost_minor if amount is None else minor_of(amount, currency, where="--amount")
    if not amount_minor:
        raise InputError(
            came="a claim of nothing",
            where=f"case {number}",
            expected="an amount above 0: nothing has cost the shop anything yet",
            todo="Name it with --amount, or wait until the new unit was handed over.",
        )
    at_us = now if caller.at_us is None else caller.at_us
    document = claim_document(view, supplier=supplier, amount_minor=amount_minor, at_us=at_us)
    said = Said(
        case=number,
        what=What.CLAIMED,
        teller=teller_of(What.CLAIMED, by_person=caller.person is not None),
        told={"supplier": supplier, "amount_minor": amount_minor, "document": document},
        person=caller.person,
        at_us=caller.at_us,
        step_id=caller.step_id,
        made_of=(supplier, amount_minor),
    )
    led = tell_said(caller.database, said, now_us=now)
    click.echo(led_sentence(caller, led))
    if out is not None:
        out.write_text(str(led.step.told.get("document", document)) + "\n", "utf-8")
        click.echo(say("document", caller.language, path=out))
    return 0


commands = {"claim": _claim}
