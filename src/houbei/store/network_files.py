"""Network documents and models of lead times on disk, and the networks that ship with the product."""

import json
from importlib.resources import files
from pathlib import Path

from houbei.delivery.document import parse_network
from houbei.delivery.lead_times import LeadTimes, read_lead_times
from houbei.delivery.network import Loaded
from houbei.errors import InputError


def load_network(name: str) -> Loaded:
    """Load a network: a file, or by its name one that ships with the product (`sample-cn`).

    Raises:
        InputError: there is no such file or network, or it cannot be read.
    """
    return parse_network(network_text(name), where=name)


def network_text(name: str) -> str:
    """Read the text of a network.

    Raises:
        InputError: there is no such file or network, or it is no text.
    """
    path = Path(name)
    if path.is_file():
        return _text_of(path)
    if name in shipped_networks():
        return (files("houbei.delivery") / "shipped" / f"{name}.yaml").read_text("utf-8")
    raise InputError(
        came="no such file",
        where=name,
        expected=f"a network, or one of {', '.join(shipped_networks())}",
        todo="Check the path.",
    )


def shipped_networks() -> list[str]:
    """Name the networks that ship with the product."""
    folder = files("houbei.delivery") / "shipped"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def load_lead_times(path: Path) -> LeadTimes:
    """Load a model of lead times.

    Raises:
        InputError: there is no such file, or it is no such model.
    """
    if not path.is_file():
        raise InputError(came="no such file", where=str(path), expected="a model of lead times", todo="Check the path.")
    try:
        told = json.loads(_text_of(path))
    except ValueError as error:
        raise InputError(
            came=str(error), where=str(path), expected="JSON", todo="Train the model again, or name another file."
        ) from error
    if not isinstance(told, dict):
        raise InputError(came="no object", where=str(path), expected="a model of lead times", todo="Name another file.")
    return read_lead_times(told, where=str(path))


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            came=str(error), where=str(path), expected="a text in UTF-8", todo="Save it as UTF-8, or check the rights."
        ) from error
