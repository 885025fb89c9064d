"""The shape of a document: the schema of its kind (JSON Schema 2020-12) applied to YAML in which every scalar is text.

The schemas are the only statement of the shape: one for price protection, one for replacements and returns, one for promises of arrival, and what they share. This file reads the keywords that it uses, and types whole numbers and
true/false on the way; the tests hold it against a full JSON Schema validator.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from houbei.errors import TermsError
from houbei.terms.yaml_tree import Path, Tree

Schema = Mapping[str, Any]
"""One JSON Schema object."""

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,14}")
_TRUTHS = {"true": True, "false": False}
_WORDS = {
    "object": "keys and values",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """Where in which document we are."""

    where: str
    lines: Mapping[Path, int]
    path: Path = ()

    def inside(self, key: str | int) -> "_Spot":
        """The spot one step further down."""
        return replace(self, path=(*self.path, key))


KINDS = {
    "price_protection": "price_protection",
    "replacement": "replacement",
    "return": "replacement",
    "delivery_promise": "delivery_promise",
}
"""The kinds of documents, and the schema of each."""


@cache
def schema(name: str) -> Schema:
    """Give one of the schemas of terms documents, as shipped with the package, with what all share put in.

    Args:
        name: One of the values of `KINDS`.
    """
    own, shared = _file(name), _file("shared")
    return {**own, "$defs": {**shared["$defs"], **own["$defs"]}}


def _file(name: str) -> Schema:
    found: Schema = json.loads(files("houbei.terms").joinpath("schema", f"{name}.json").read_text(encoding="utf-8"))
    return found


@cache
def _definitions() -> Schema:
    """Every definition that may be referred to; their names are unique among all schemas."""
    return {key: rule for name in sorted(set(KINDS.values())) for key, rule in schema(name)["$defs"].items()}


def shape(tree: Tree, *, where: str) -> dict[str, Any]:
    """Check a document against the schema of its kind and type it.

    Args:
        tree: What `read_yaml` gave.
        where: The document, for messages.

    Returns:
        The same mappings and lists, with whole numbers and true/false where the schema has them; amounts stay text.

    Raises:
        TermsError: The first thing that does not fit, with its line, and the nearest known key for an unknown one.
    """
    spot, kind = _Spot(where=where, lines=tree.lines), tree.root.get("kind", "price_protection")
    if not isinstance(kind, str) or kind not in KINDS:
        raise _misfit(kind, {"enum": [*KINDS]}, spot.inside("kind"))
    typed: dict[str, Any] = _shaped(tree.root, schema(KINDS[kind]), spot)
    return typed


def with_defaults(document: dict[str, Any]) -> dict[str, Any]:
    """Write out every default of its schema that a typed document leaves out, down to optional parts left out whole."""
    full: dict[str, Any] = _filled(document, schema(KINDS[document["kind"]]))
    return full


def place(path: Path, *, where: str, lines: Mapping[Path, int]) -> str:
    """Say where something stands: document, line and keys, as in `terms.yaml, line 12, compare.same[1]`."""
    keys = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
    line = lines.get(path)
    return ", ".join(part for part in (where, f"line {line}" if line else "", keys) if part)


def _filled(value: Any, rule: Schema) -> Any:
    rule = _resolved(rule)
    if isinstance(value, list):
        return [_filled(inner, rule["items"]) for inner in value]
    if not isinstance(value, dict):
        return value
    known: Mapping[str, Schema] = rule["properties"]
    full = {key: _filled(inner, known[key]) if key in known else inner for key, inner in value.items()}
    for key in known.keys() - value.keys():
        part = _resolved(known[key])
        if "default" in part:
            full[key] = part["default"]
        elif part["type"] == "object" and not {"required", "minProperties", "oneOf"} & part.keys():
            full[key] = _filled({}, part)
    return full


def _resolved(rule: Schema) -> Schema:
    """Follow $ref to definitions; what stands beside a reference wins."""
    while "$ref" in rule:
        beside = {keyword: meaning for keyword, meaning in rule.items() if keyword != "$ref"}
        rule = {**_definitions()[rule["$ref"].rsplit("/", 1)[1]], **beside}
    return rule


def _shaped(value: Any, rule: Schema, spot: _Spot) -> Any:
    rule = _resolved(rule)
    kinds = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
    typed = _typed(value, kinds)
    if typed is _UNFIT:
        raise _misfit(value, rule, spot)
    return _CHECKS[type(typed)](typed, rule, spot)


_UNFIT = object()


def _typed(value: Any, kinds: list[str]) -> Any:
    """Read a scalar as the first of the kinds that it can be; `_UNFIT` if it is none of them."""
    readings: dict[str, Callable[[], Any]] = {
        "object": lambda: value if isinstance(value, dict) else _UNFIT,
        "array": lambda: value if isinstance(value, list) else _UNFIT,
        "null": lambda: None if value is None else _UNFIT,
        "boolean": lambda: _TRUTHS.get(value, _UNFIT) if isinstance(value, str) else _UNFIT,
        "integer": lambda: int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else _UNFIT,
        "string": lambda: value if isinstance(value, str) else _UNFIT,
    }
    return next((read for kind in kinds if (read := readings[kind]()) is not _UNFIT), _UNFIT)


def _check_mapping(value: dict[str, Any], rule: Schema, spot: _Spot) -> dict[str, Any]:
    known: Mapping[str, Schema] = rule["properties"]
    others = rule.get("additionalProperties", {})
    for key in value:
        if key not in known and others is False:
            raise _unknown_key(key, known, spot)
    _check_keys(value, rule, spot)
    if not rule.get("minProperties", 0) <= len(value) <= rule.get("maxProperties", len(value)):
        raise _misfit(value, rule, spot)
    return {key: _shaped(inner, known.get(key, others), spot.inside(key)) for key, inner in value.items()}


def _check_keys(value: Mapping[str, Any], rule: Schema, spot: _Spot) -> None:
    """The keys that must be there, that go together, and of which exactly one must be there."""
    needed = [key for key in rule.get("required", ()) if key not in value]
    for key, partners in rule.get("dependentRequired", {}).items():
        needed += [partner for partner in partners if key in value and partner not in value]
    if needed:
        raise _wrong(spot, came=f"no {needed[0]}", expected=_about(rule, needed[0]), todo=f"Add {needed[0]}.")
    choices = [choice["required"][0] for choice in rule.get("oneOf", ())]
    chosen = [key for key in choices if key in value]
    if choices and len(chosen) != 1:
        came = " and ".join(chosen) if chosen else f"none of {', '.join(choices)}"
        raise _wrong(spot, came=came, expected=f"one of {', '.join(choices)}", todo="Give exactly one of them.")


def _check_list(value: list[Any], rule: Schema, spot: _Spot) -> list[Any]:
    if not rule.get("minItems", 0) <= len(value) <= rule.get("maxItems", len(value)):
        raise _misfit(value, rule, spot)
    typed = [_shaped(inner, rule["items"], spot.inside(number)) for number, inner in enumerate(value)]
    if rule.get("uniqueItems") and len(set(typed)) < len(typed):
        raise _wrong(spot, came=f"one entry twice in {', '.join(typed)}", expected="each once", todo="Remove one.")
    return typed


def _check_text(value: str, rule: Schema, spot: _Spot) -> str:
    fits = rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", len(value))
    if not fits or ("pattern" in rule and not re.fullmatch(rule["pattern"], value)):
        raise _misfit(value, rule, spot)
    if "enum" in rule and value not in rule["enum"]:
        raise _misfit(value, rule, spot)
    return value


def _check_whole(value: int, rule: Schema, spot: _Spot) -> int:
    if not rule.get("minimum", value) <= value <= rule.get("maximum", value):
        raise _misfit(value, rule, spot)
    return value


def _pass(value: bool | None, _: Schema, __: _Spot) -> bool | None:  # noqa: FBT001  a value that is checked, no switch
    return value


_CHECKS: dict[type, Callable[[Any, Schema, _Spot], Any]] = {
    dict: _check_mapping,
    list: _check_list,
    str: _check_text,
    int: _check_whole,
    bool: _pass,
    type(None): _pass,
}


def _unknown_key(key: str, known: Mapping[str, Schema], spot: _Spot) -> TermsError:
    near = get_close_matches(key, known, n=1)
    todo = f"Did you mean {near[0]}?" if near else "Remove it."
    return _wrong(spot.inside(key), came=f"the key “{key}”", expected=f"one of {', '.join(known)}", todo=todo)


def _misfit(value: Any, rule: Schema, spot: _Spot) -> TermsError:
    near = get_close_matches(value, rule.get("enum", ()), n=1) if isinstance(value, str) else []
    todo = f"Did you mean {near[0]}?" if near else "Correct it, or leave it out if it has a default."
    return _wrong(spot, came=_shown(value), expected=_expected(rule), todo=todo)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return f"the keys {', '.join(value) or '(none)'}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return f"“{str(value)[:60]}”"


def _expected(rule: Schema) -> str:
    if "enum" in rule:
        return f"one of {', '.join(rule['enum'])}"
    kinds = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
    words = str(rule.get("title") or " or ".join(_WORDS[kind] for kind in kinds))
    bounds = [
        f"{name} {rule[keyword]}"
        for name, keyword in (
            ("at least", "minimum"),
            ("at most", "maximum"),
            ("at least", "minItems"),
            ("at most", "maxItems"),
            ("at most", "maxLength"),
        )
        if keyword in rule
    ]
    return ", ".join([words, *bounds])


def _about(rule: Schema, key: str) -> str:
    return str(rule["properties"][key].get("description", key)).rstrip(".")


def _wrong(spot: _Spot, *, came: str, expected: str, todo: str) -> TermsError:
    return TermsError(
        came=came, where=place(spot.path, where=spot.where, lines=spot.lines), expected=expected, todo=todo
    )
