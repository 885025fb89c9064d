"""`houbei case report`: a buyer says once what is wrong, and hears what is done about it."""

from pathlib import Path
from typing import Any

import click

from houbei.cli.case_files import keep_files
from houbei.cli.case_options import Caller, caller_of, next_words, telling
from houbei.cli.case_words import say
from houbei.facts.claims import KINDS, REMEDIES
from houbei.facts.steps import Teller
from houbei.runs.clock import now_us
from houbei.runs.reports import Report, Reported, report
from houbei.runs.told_by_hand import BY_HAND, content_id


@telling
@click.command()
@click.option("--order", "order_id", help="The order.")
@click.option("--line", "line_id", help="The order line, where an order has several.")
@click.option("--serial", help="What is printed on the unit.")
@click.option("--unit", type=int, help="Which unit of the line, from 1, where it has several and no serial is known.")
@click.option("--fault", help="A fault's code, as the promise names it.")
@click.option("--words", help="What the buyer says, in their own words.")
@click.option("--channel", default="desk", show_default=True, help="How it reached us: app, phone, desk, …")
@click.option("--kind", type=click.Choice(KINDS), default=KINDS[0], show_default=True, help="A fault, or no reason.")
@click.option(
    "--wants", type=click.Choice(REMEDIES), help="What the buyer asks for. Default: what the promise does unasked."
)
@click.option("--intact/--not-intact", default=None, help="Whether the unit is as it was; asked for a return.")
@click.option("--file", "files", multiple=True, type=click.Path(path_type=Path), help="A photo, a video or a PDF.")
def _report(files: tuple[Path, ...], **options: Any) -> int:
    """Take down what a buyer reports. A unit that has an open case gets no second one."""
    caller = caller_of(options)
    kept = keep_files(caller, files)
    if kept is None:
        return 2
    now = now_us()
    who = None if caller.person is None else caller.person.name
    parts = ("report", sorted((name, value) for name, value in options.items() if value is not None), who)
    told = Report(
        source=BY_HAND,
        step_id=caller.step_id or content_id(parts, at_us=caller.at_us, now_us=now),
        at_us=now if caller.at_us is None else caller.at_us,
        teller=Teller.BUYER if caller.person is None else Teller.SHOP,
        person=caller.person,
        exhibits=tuple(kept),
        made_id=caller.step_id is None,
        **options,
    )
    click.echo(_sentence(caller, report(caller.database, told, now_us=now)))
    return 0


def _sentence(caller: Caller, reported: Reported) -> str:
    led = reported.led
    words = next_words(caller, led.now, led.due)
    if led.known or not reported.opened:
        return say("known" if led.known else "added", caller.language, case=led.now.case_id, **words)
    told = led.step.told
    answer = say(str(told["answer"]), caller.language)
    for name in ("missing", "wants"):
        if name in told:
            answer += (" " if caller.language == "en" else "") + say(name, caller.language, **{name: told[name]})
    return say("opened", caller.language, case=led.now.case_id, answer=answer, clause=told["clause"], **words)


commands = {"report": _report}
