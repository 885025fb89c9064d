"""`houbei delivery`: dates that can be promised, and what they rest on."""

import importlib

import click

_MODULES = {
    "at-risk": "delivery_at_risk",
    "check": "delivery_check",
    "evaluate": "delivery_evaluate",
    "plan": "delivery_plan",
    "promise": "delivery_promise",
    "quote": "delivery_quote",
    "train": "delivery_train",
}
"""Every command and its module, which has it as `command`."""
_OF_SEVERAL = {
    **dict.fromkeys(("close", "dismiss", "dispute", "give", "move-slot", "reopen", "scan", "uphold"), "delivery_live"),
    **dict.fromkeys(("list", "show"), "delivery_lists"),
    **dict.fromkeys(("tellings", "told"), "delivery_tellings"),
}
"""Commands that share a module, which has them by name as `commands`."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return sorted({*_MODULES, *_OF_SEVERAL})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        if cmd_name in _OF_SEVERAL:
            found = importlib.import_module(f"houbei.cli.{_OF_SEVERAL[cmd_name]}").commands[cmd_name]
        elif cmd_name in _MODULES:
            found = importlib.import_module(f"houbei.cli.{_MODULES[cmd_name]}").command
        else:
            return None
        if not isinstance(found, click.Command):
            raise TypeError(found)
        return found


@click.group(cls=_Commands)
def command() -> None:
    """Promise dates of arrival that hold, and say what they rest on."""
