"""`houbei case evidence`: files that a buyer or a technician shows, kept beside the store."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from houbei.cli.case_calls import teller_of
from houbei.cli.case_options import Caller, caller_of, led_sentence, telling
from houbei.errors import InputError
from houbei.facts.steps import What
from houbei.runs.clock import now_us
from houbei.runs.told_by_hand import Said, tell_said
from houbei.store.exhibit_shapes import Refusal
from houbei.store.exhibits import Exhibit, exhibits_of, keep


def keep_files(caller: Caller, files: Sequence[Path]) -> list[Exhibit] | None:
    """Keep files beside the store; None where one is not taken, which is said."""
    kept = []
    for path in files:
        if not path.is_file():
            raise InputError(
                came="no such file", where=str(path), expected="a photo, a video or a PDF", todo="Check the path."
            )
        with path.open("rb") as content:
            found = keep(exhibits_of(caller.store), content)
        if isinstance(found, Refusal):
            click.echo(f"{path.name}: {getattr(found, caller.language)}", err=True)
            return None
        kept.append(found)
    return kept


@telling
@click.command()
@click.argument("number")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--note", help="Anything else worth keeping.")
def _evidence(number: str, files: tuple[Path, ...], note: str | None, **options: Any) -> int:
    """Add photos, videos or PDFs to a case."""
    caller = caller_of(options)
    kept = keep_files(caller, files)
    if kept is None:
        return 2
    said = Said(
        case=number,
        what=What.SHOWN,
        teller=teller_of(What.SHOWN, by_person=caller.person is not None),
        told={"exhibits": ",".join(one.sha256 for one in kept), **({} if note is None else {"note": note})},
        person=caller.person,
        at_us=caller.at_us,
        step_id=caller.step_id,
    )
    click.echo(led_sentence(caller, tell_said(caller.database, said, now_us=now_us(), exhibits=kept)))
    return 0


commands = {"evidence": _evidence}
