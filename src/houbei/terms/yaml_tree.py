"""A YAML text as plain mappings, lists and texts, with the line that each stands on.

Every scalar stays text, so 4999.00 is never a float and `on` never a truth; only a plain `null`, `~` or nothing at all is
None. What makes two documents hard to tell apart is refused: a key given twice, anchors and aliases, tags, several
documents in one text, keys that are no texts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from houbei.errors import TermsError

TEXT_BYTES_MAX = 262_144
_TOO_DEEP = "a deeper nesting than any terms have"
"""What our own limit says, and what PyYAML's parser means where it gives up first (from 6.0.4 on)."""
DEPTH_MAX = 24

Path = tuple[str | int, ...]
"""Keys and list places (from 0) from the root of a document."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_NULLS = frozenset({"", "~", "null"})
# libyaml where the installed wheel carries it: a tenth of the time, the same events.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """`root` is what the text says; `lines` holds the line, from 1, of every value (of its key, if it has one) by path."""

    root: Any
    lines: Mapping[Path, int]


@dataclass(slots=True, kw_only=True)
class _Open:
    """A mapping or list that is still being read; `key`, on `key_line`, is the mapping's key that waits for its value."""

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None
    key_line: int = 0


@dataclass(slots=True, kw_only=True)
class _Reading:
    where: str
    root: Any = None
    opened: list[_Open] = field(default_factory=list)
    lines: dict[Path, int] = field(default_factory=dict)
    documents: int = 0


def read_yaml(text: str, *, where: str) -> Tree:
    """Read one YAML document.

    Raises:
        TermsError: It is larger than 256 KiB, is no YAML, nests deeper than `DEPTH_MAX`, or holds what is refused (see
            the module).

    Cost: linear in the text.
    """
    size = len(text.encode(errors="surrogatepass"))
    if size > TEXT_BYTES_MAX:
        came = f"a document of {size} bytes"
        raise _refused(came=came, where=where, expected=f"at most {TEXT_BYTES_MAX} bytes", todo="Split it.")
    reading = _Reading(where=where)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            _take(event, reading)
    except (yaml.YAMLError, UnicodeError) as error:
        mark = getattr(error, "problem_mark", None)
        came = getattr(error, "problem", None) or "a character that YAML does not allow"
        came = _TOO_DEEP if "nesting depth" in str(came) else came
        place = where if mark is None else f"{where}, line {mark.line + 1}"
        raise _refused(came=str(came), where=place, expected="YAML", todo="Correct the spelling there.") from error
    if not isinstance(reading.root, dict):
        raise _refused(came="no mapping", where=where, expected="keys and values", todo="Write them like key: value.")
    return Tree(root=reading.root, lines=reading.lines)


def _take(event: Any, reading: _Reading) -> None:
    if isinstance(event, yaml.DocumentStartEvent):
        reading.documents += 1
        if reading.documents > 1:
            raise _refused_at(event, reading, came="a second document", todo="Write one document a file.")
    elif isinstance(event, yaml.CollectionEndEvent):
        reading.opened.pop()
    elif isinstance(event, yaml.NodeEvent):
        _check_plain(event, reading)
        _place(event, reading)


def _check_plain(event: Any, reading: _Reading) -> None:
    if event.anchor is not None:
        raise _refused_at(event, reading, came=f"the anchor or alias “{event.anchor}”", todo="Write the value out.")
    if event.tag is not None:
        raise _refused_at(event, reading, came=f"the tag “{event.tag}”", todo="Leave it out.")
    if isinstance(event, yaml.ScalarEvent) and _SURROGATE.search(event.value):
        raise _refused_at(event, reading, came="half of a character", todo="Write the character itself.")
    if len(reading.opened) > DEPTH_MAX:
        raise _refused_at(event, reading, came=_TOO_DEEP, todo="Flatten it.")


def _place(event: Any, reading: _Reading) -> None:
    """Put one scalar, mapping or list where it belongs: as a key, as a key's value, as a list's next, as the root."""
    parent = reading.opened[-1] if reading.opened else None
    if parent is not None and isinstance(parent.value, dict) and parent.key is None:
        parent.key, parent.key_line = _key(event, parent.value, reading), event.start_mark.line + 1
        return
    path: Path = ()
    value, line = _value(event), event.start_mark.line + 1
    if parent is None:
        reading.root = value
    elif isinstance(parent.value, list):
        path = (*parent.path, len(parent.value))
        parent.value.append(value)
    else:
        key, line, parent.key = str(parent.key), parent.key_line, None
        path = (*parent.path, key)
        parent.value[key] = value
    reading.lines[path] = line
    if isinstance(event, yaml.CollectionStartEvent):
        reading.opened.append(_Open(value=value, path=path))


def _key(event: Any, siblings: Mapping[str, Any], reading: _Reading) -> str:
    if not isinstance(event, yaml.ScalarEvent):
        raise _refused_at(event, reading, came="a key that is a mapping or a list", todo="Use a word as the key.")
    key = str(event.value)
    if key in siblings:
        raise _refused_at(event, reading, came=f"the key “{key}” a second time", todo="Keep one of the two.")
    return key


def _value(event: Any) -> Any:
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    return event.value if event.style or event.value not in _NULLS else None


def _refused_at(event: Any, reading: _Reading, *, came: str, todo: str) -> TermsError:
    place = f"{reading.where}, line {event.start_mark.line + 1}"
    return _refused(came=came, where=place, expected="plain keys and values, each key once", todo=todo)


def _refused(*, came: str, where: str, expected: str, todo: str) -> TermsError:
    return TermsError(came=came, where=where, expected=expected, todo=todo)
