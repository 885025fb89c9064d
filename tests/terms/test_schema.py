"""The schema that ships with the package and the parser accept and refuse the same documents."""

import copy
import json
from collections.abc import Iterator
from importlib.resources import files
from itertools import combinations
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from houbei.errors import TermsError
from houbei.terms.document import parse_terms
from houbei.terms.shape import KINDS, schema, shape, with_defaults
from houbei.terms.yaml_tree import read_yaml

SHIPPED = sorted(path.name for path in files("houbei.terms").joinpath("shipped").iterdir())
STATUTES = sorted(path.name for path in files("houbei.terms").joinpath("statute").iterdir())
READ_BY_SHAPE = {
    *("$ref", "type", "properties", "additionalProperties", "required", "dependentRequired", "oneOf", "minProperties"),
    *("maxProperties", "items", "minItems", "maxItems", "uniqueItems", "pattern", "enum", "minLength", "maxLength"),
    *("minimum", "maximum"),
}
ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description", "default"}
SCHEMAS = [schema(name) for name in sorted(set(KINDS.values()))]
VALIDATORS = {kind: jsonschema.Draft202012Validator(schema(name)) for kind, name in KINDS.items()}


def typed(name: str) -> dict[str, Any]:
    text = files("houbei.terms").joinpath("shipped" if name in SHIPPED else "statute", name).read_text(encoding="utf-8")
    return copy.deepcopy(dict(parse_terms(text, where=name).document))


DOCUMENTS = [typed(name) for name in (*SHIPPED, *STATUTES)]


def paths(value: Any, path: tuple = ()) -> Iterator[tuple]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from paths(part, (*path, key))


def at(document: Any, path: tuple) -> Any:
    for key in path:
        document = document[key]
    return document


def replaced(document: Any, path: tuple, value: Any) -> Any:
    if not path:
        return value
    other = copy.deepcopy(document)
    at(other, path[:-1])[path[-1]] = value
    return other


def is_valid(document: Any) -> bool:
    kind = document.get("kind", "price_protection")
    return isinstance(kind, str) and kind in VALIDATORS and VALIDATORS[kind].is_valid(document)


def parser_accepts(document: Any) -> bool:
    try:
        tree = read_yaml(json.dumps(document), where="changed")
        return bool(shape(tree, where="changed"))
    except TermsError:
        return False


def rules(part: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside the schema."""
    yield part
    inside = [*part.get("properties", {}).values(), *part.get("$defs", {}).values(), *part.get("oneOf", ())]
    inside += [part[keyword] for keyword in ("items", "additionalProperties") if isinstance(part.get(keyword), dict)]
    for inner in inside:
        yield from rules(inner)


@pytest.mark.parametrize("whole", SCHEMAS, ids=sorted(set(KINDS.values())))
def test_a_schema_is_one(whole: dict[str, Any]):
    jsonschema.Draft202012Validator.check_schema(whole)


def test_a_definition_has_one_meaning_in_all_schemas():
    for one, other in combinations([whole["$defs"] for whole in SCHEMAS], 2):
        assert all(one[name] == other[name] for name in one.keys() & other.keys())


def test_the_parser_reads_every_keyword_that_the_schema_uses():
    used = {keyword for whole in SCHEMAS for rule in rules(whole) for keyword in rule}
    assert used <= READ_BY_SHAPE | ANNOTATIONS
    choices = [choice for whole in SCHEMAS for rule in rules(whole) for choice in rule.get("oneOf", ())]
    assert all(set(choice) == {"required"} and len(choice["required"]) == 1 for choice in choices)


def test_every_key_is_described_or_defined():
    bare = [
        key
        for whole in SCHEMAS
        for rule in rules(whole)
        for key, part in rule.get("properties", {}).items()
        if not {"description", "$ref"} & part.keys()
    ]
    assert set(bare) <= {"id", "clause", "zh", "en", "name", "quantity", "gift", "min_quantity", "in_stock"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=[*SHIPPED, *STATUTES])
def test_a_shipped_document_is_valid_and_so_is_what_its_defaults_make_of_it(document: dict[str, Any]):
    VALIDATORS[document["kind"]].validate(document)
    VALIDATORS[document["kind"]].validate(with_defaults(document))
    assert with_defaults(with_defaults(document)) == with_defaults(document)


PLACES = [(number, path) for number, document in enumerate(DOCUMENTS) for path in paths(document) if path]
VALUES = [
    (None, [None]),
    ({}, [{}]),
    ([], [[]]),
    ({"at": "paid"}, [{"at": "paid"}]),
    (["seller"], [["seller"]]),
    *(
        (text, [text])
        for text in ("", "x", "two words", "12.5", "P30D", "2026-12-05", "seller", "x" * 5000, "1.2.3", "01")
    ),
    *((number, [number, int(number)]) for number in ("0", "1", "-1", "30", "1000001", "99999999999")),
    *((text, [text, text == "true"]) for text in ("true", "false")),
]


@settings(deadline=None)
@given(place=st.sampled_from(PLACES), value=st.sampled_from(VALUES))
def test_a_changed_value_is_accepted_by_both_or_by_neither(place: tuple, value: tuple):
    """YAML gives the parser a text; the schema accepts it if it does under one of the types that the text can have."""
    number, path = place
    written, types = value
    valid = any(is_valid(replaced(DOCUMENTS[number], path, kind)) for kind in types)
    assert parser_accepts(replaced(DOCUMENTS[number], path, written)) == valid


@settings(deadline=None)
@given(place=st.sampled_from(PLACES))
def test_a_missing_part_is_accepted_by_both_or_by_neither(place: tuple):
    number, path = place
    other = copy.deepcopy(DOCUMENTS[number])
    del at(other, path[:-1])[path[-1]]
    assert parser_accepts(other) == is_valid(other)


@settings(deadline=None)
@given(
    place=st.sampled_from(PLACES),
    key=st.sampled_from(["surprise", "on", "at", "clause", "hold", "amount", "period", "zh"]),
)
def test_an_added_key_is_accepted_by_both_or_by_neither(place: tuple, key: str):
    number, path = place
    part = at(DOCUMENTS[number], path)
    if isinstance(part, dict):
        other = replaced(DOCUMENTS[number], path, {**part, key: "month"})
        assert parser_accepts(other) == is_valid(other)
