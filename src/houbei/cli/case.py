"""`houbei case`: what people tell of a case, one plain sentence back, and how each stands."""

import importlib

import click

from houbei.cli.case_calls import COMMANDS

_OTHERS = {
    "list": "case_lists",
    "show": "case_lists",
    "look": "case_look",
    "capture-hold": "case_capture",
    "report": "case_report",
    "evidence": "case_files",
    "inspect": "case_inspect",
    "form": "case_inspect",
    "claim": "case_claim",
    "send": "case_send",
    "people": "case_people",
    "drawing": "case_lists",
}
"""Commands that do more than tell one step, and the module of each."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return sorted({*_OTHERS, *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        if cmd_name in COMMANDS:
            module, name = "case_steps", cmd_name
        elif cmd_name in _OTHERS:
            module, name = _OTHERS[cmd_name], cmd_name
        else:
            return None
        found = importlib.import_module(f"houbei.cli.{module}").commands[name]
        if not isinstance(found, click.Command):
            raise TypeError(found)
        return found


@click.group(cls=_Commands)
def command() -> None:
    """Take down what happens in a case, from the report to the settled swap, and see how each stands.

    Whoever does something gives their name with --as and their part with --role. Everything may be told twice: it counts once.
    """
