"""Inspection forms: what a technician looks at, by category, and which answers point to which verdict.

A form is data (`shipped_forms/`), so a check can be added without a line of code. It never decides: an answer that points to a verdict is
a hint, shown beside the form with the question it comes from, and a person or the term's own rule decides. What was answered keeps the
form and its version with it; a form that was changed gets a new version, and the old ones stay in the package.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import msgspec

from houbei.errors import InputError
from houbei.terms.yaml_tree import read_yaml

GENERAL = "general"
"""The form for categories that have none of their own."""
DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?")
"""How a number is written, in a form and in an answer."""


class Verdict(StrEnum):
    """What an inspection comes to."""

    CONFIRMED = "confirmed"
    NO_FAULT_FOUND = "no_fault_found"
    MISUSE = "misuse"
    ACCESSORY_MISSING = "accessory_missing"
    OTHER_SERIAL = "other_serial"


class AnswerKind(StrEnum):
    """How a question is answered, and as what."""

    YES_NO = "yes_no"
    """True or False."""
    CHOICE = "choice"
    """The id of an option."""
    NUMBER = "number"
    """Decimal text in the question's unit, or a whole number."""
    TEXT = "text"
    """Some words."""
    PHOTO = "photo"
    """A list of exhibits by their sha256."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a form: its fields are the keys of the document, others are refused."""


class Text(_Part):
    """Words in both languages."""

    zh: str
    en: str


class Option(_Part):
    """One of the answers to a choice."""

    id: str
    zh: str
    en: str


class Band(_Part):
    """Numbers from `at_least` (with it) to `below` (without it) that point to a verdict; an absent end is open."""

    points_to: Verdict
    at_least: str | None = None
    below: str | None = None


class Question(_Part):
    """One question of a form.

    `least` and `most` bound a number (both may be reached), in `unit`. `points` gives the verdict that an answer points to, by `yes`,
    `no` or the id of an option; `bands` does so for a number. `asked_if` names earlier questions and the answer each must have for this
    one to be asked, in the same words as `points`; then alone is a required one required.
    """

    id: str
    zh: str
    en: str
    kind: AnswerKind
    required: bool = True
    options: tuple[Option, ...] = ()
    unit: Text | None = None
    least: str | None = None
    most: str | None = None
    points: Mapping[str, Verdict] = {}
    bands: tuple[Band, ...] = ()
    asked_if: Mapping[str, str] = {}


class Form(_Part):
    """A form: the category it is for, its version, and its questions in the order in which they are asked."""

    form: str
    version: int
    title: Text
    questions: tuple[Question, ...]


def form_for(category: str | None) -> Form:
    """Give the newest form for a category, the general one where it has none of its own or is not known."""
    versions = [version for name, version in shipped_forms() if name == category]
    return form(category, max(versions)) if category and versions else form(GENERAL, _newest_general())


@cache
def form(name: str, version: int) -> Form:
    """Give a form as it was answered, however old.

    Raises:
        InputError: there is none of that name and version.

    Cost: reading a document, the first time.
    """
    if (name, version) not in shipped_forms():
        raise InputError(
            came=f"form {name}, version {version}",
            where="inspection",
            expected=", ".join(f"{known} {number}" for known, number in shipped_forms()),
            todo="Name a form that ships with the product.",
        )
    where = f"{name}-{version}.yaml"
    return read_form((files("houbei.case") / "shipped_forms" / where).read_text("utf-8"), where=where)


@cache
def shipped_forms() -> tuple[tuple[str, int], ...]:
    """Name the forms that ship with the product, each with its version."""
    found = (entry.name for entry in (files("houbei.case") / "shipped_forms").iterdir() if entry.name.endswith(".yaml"))
    named = (name.removesuffix(".yaml").rpartition("-") for name in found)
    return tuple(sorted((name, int(version)) for name, _, version in named))


def read_form(text: str, *, where: str) -> Form:
    """Read a form from its document.

    Args:
        text: YAML.
        where: The document, for messages.

    Raises:
        InputError: it is no such document, or contradicts itself: a question twice, an answer named that nobody can give, a question
            that hangs on a later one, bands that overlap.
    """
    tree = read_yaml(text, where=where)
    try:
        found = msgspec.convert(tree.root, Form, strict=False)
    except msgspec.ValidationError as error:
        raise _unfit(str(error), where=where) from error
    earlier: dict[str, Question] = {}
    for question in found.questions:
        if fault := next(_faults(question, earlier), None):
            raise _unfit(fault, where=f"{where}, {question.id}")
        earlier[question.id] = question
    return found
