"""The command line: parse, call, show. No rule lives here."""

import importlib
import sys
from collections.abc import Sequence
from typing import Any

import click

from houbei import __version__
from houbei.cli.memory import keep_freed_memory
from houbei.errors import HoubeiError, InputError

EXIT_CHECK_FAILED = 1
EXIT_UNUSABLE = 2

_COMMANDS = {
    "audit": "Work out again what is owed, and compare it with the ledger to the cent.",
    "backtest": "What a promise would have cost on a history of orders and prices, or of claims.",
    "calendar": "Look at a calendar, take notices into one, hand it on.",
    "case": "Take down what happens in a case, from the report to the settled swap.",
    "delivery": "Promise dates of arrival that hold, and take down what becomes of them.",
    "demo": "Replay a grocer's year and open the report.",
    "explain": "Why a line is owed what it is owed, or nothing.",
    "import": "Take a shop's own orders and prices into the live store.",
    "quality": "How often units fail, which batch goes bad, what the promise costs and will cost.",
    "run": "Work out what is owed and pay it, unasked and exactly once, until stopped.",
    "sandbox": "A payment provider to try Houbei with, as hostile as you ask.",
    "serve": "Show what was done and why, on pages in a browser.",
    "settle": "List the refunds that wait for a person, or settle one.",
    "simulate": "Live through months of a sample shop's replacements, and audit them.",
    "terms": "Check terms documents, their clauses and their own examples.",
}
"""Every command and its line in the help; its module is loaded when it is called, so that help comes at once."""

_MODULES = {"import": "import_"}
"""Commands whose name is a word of the language."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        if cmd_name not in _COMMANDS:
            return None
        keep_freed_memory()
        command = importlib.import_module(f"houbei.cli.{_MODULES.get(cmd_name, cmd_name)}").command
        if not isinstance(command, click.Command):
            raise TypeError(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


@click.command(cls=_Commands)
@click.version_option(__version__, prog_name="houbei")
def houbei() -> None:
    """Houbei keeps a shop's promises: it works out what is owed, and does it unasked, exactly once."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; 0 done, 1 a check failed, 2 the call or the input is unusable."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    try:
        result: Any = houbei.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except InputError as error:
        click.echo(f"houbei: {error}", err=True)
        return EXIT_UNUSABLE
    except HoubeiError as error:
        click.echo(f"houbei: {error}", err=True)
        return EXIT_CHECK_FAILED
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.Abort:
        click.echo("houbei: stopped", err=True)
        return EXIT_CHECK_FAILED
    except click.ClickException as error:
        error.show()
        return EXIT_UNUSABLE
    return result if isinstance(result, int) else 0
