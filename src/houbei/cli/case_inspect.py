"""`houbei case inspect`: what a technician finds in the old unit, by the form of its category."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from houbei.case.form_answers import Answer, check_answers, hint, read_answers
from houbei.case.forms import Form, form_for, form_of
from houbei.case.stages import Verdict
from houbei.cli.case_files import keep_files
from houbei.cli.case_options import Caller, caller_of, led_sentence, telling
from houbei.cli.case_words import say
from houbei.cli.language_option import language_option, spoken
from houbei.cli.store_option import store_option
from houbei.errors import InputError
from houbei.facts.steps import Teller, Told, What
from houbei.runs.clock import now_us
from houbei.runs.told_by_hand import Said, tell_said
from houbei.store.console_cases import CaseView, read_case
from houbei.store.database import open_database, reading


@telling
@click.command()
@click.argument("number")
@click.option("--verdict", required=True, type=click.Choice([one.value for one in Verdict]), help="What it comes to.")
@click.option("--findings", help="What was found, in plain words.")
@click.option("--form", "form_id", help="The form that was filled in, like washer-1. Default: the category's.")
@click.option("--answers", type=click.Path(path_type=Path), help="A JSON file: answers by the id of their question.")
@click.option("--parts-checked", type=click.IntRange(0), help="How many parts with a serial of their own were checked.")
@click.option(
    "--parts-other", type=click.IntRange(0), help="How many of them have another serial than the one recorded."
)
@click.option("--file", "files", multiple=True, type=click.Path(path_type=Path), help="A photo, a video or a PDF.")
def _inspect(number: str, form_id: str | None, answers: Path | None, files: tuple[Path, ...], **options: Any) -> int:
    """Take down an inspection. A form that is not filled in as it asks is refused; its answers hint, and never decide."""
    plain = {name: options.pop(name) for name in ("verdict", "findings", "parts_checked", "parts_other")}
    caller = caller_of(options)
    view = _view(caller, number)
    told: dict[str, Told] = {name: value for name, value in plain.items() if value is not None}
    if answers is not None:
        form = form_of(form_id) if form_id else form_for(view.facts.get("category"))
        text = _text_of(answers)
        given = read_answers(text, where=str(answers))
        if not _is_complete(caller, form, given):
            return 2
        told |= {"form": form.id, "answers": text}
    kept = keep_files(caller, files)
    if kept is None:
        return 2
    if kept:
        told["exhibits"] = ",".join(one.sha256 for one in kept)
    said = Said(
        case=number,
        what=What.INSPECTED,
        teller=Teller.INSPECTOR,
        told=told,
        person=caller.person,
        at_us=caller.at_us,
        step_id=caller.step_id,
    )
    click.echo(led_sentence(caller, tell_said(caller.database, said, now_us=now_us(), exhibits=kept)))
    return 0


@click.command()
@click.argument("number")
@store_option
@language_option
def _form(number: str, store: Path, language: str | None) -> int:
    """Print the inspection form of a case's category, question by question."""
    tongue = spoken(language)
    with reading(open_database(store)) as connection:
        view = read_case(connection, number, now_us=now_us())
    form = form_for(None if view is None else view.facts.get("category"))
    click.echo(f"{form.id}  {getattr(form.title, tongue)}")
    for question in form.questions:
        options = " | ".join(option.id for option in question.options)
        mark = "*" if question.required else " "
        click.echo(f"{mark} {question.id}: {getattr(question, tongue)} [{options or question.kind.value}]")
    return 0


def _view(caller: Caller, number: str) -> CaseView:
    with reading(caller.database) as connection:
        view = read_case(connection, number, now_us=now_us())
    if view is None:
        raise InputError(
            came=f"no case {number}",
            where="houbei case inspect",
            expected="a number like R-2026-0219",
            todo="Look at the list that houbei case list prints.",
        )
    return view


def _text_of(path: Path) -> str:
    if not path.is_file():
        raise InputError(
            came="no such file", where=str(path), expected="a JSON file of answers", todo="Check the path."
        )
    return path.read_text("utf-8")


def _is_complete(caller: Caller, form: Form, given: Mapping[str, Answer]) -> bool:
    """Whether a form is filled in as it asks; what is not is said, and what the answers point to."""
    complaints = check_answers(form, given)
    for complaint in complaints:
        click.echo(f"{complaint.question}: {getattr(complaint, caller.language)}", err=True)
    for verdict, pointers in hint(form, given).items():
        why = "; ".join(getattr(pointer, caller.language) for pointer in pointers)
        click.echo(say("hint", caller.language, verdict=verdict.value, why=why), err=True)
    return not complaints


commands = {"inspect": _inspect, "form": _form}
