"""Inspection forms: what a technician looks at, by category, and which answers point to which verdict.

A form is data (`shipped_forms/`), so a check can be added without a line of code. It never decides: an answer that points to a verdict is
a hint, shown beside the form with the question it comes from, and a person or the term's own rule decides. What was answered keeps the
form and its version with it; a form that was changed gets a new version, and the old ones stay in the package.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib.resources import files
from itertools import pairwise

import msgspec

from houbei.case.stages import Verdict
from houbei.errors import InputError
from houbei.terms.yaml_tree import read_yaml

GENERAL = "general"
"""The form for categories that have none of their own."""
_FOLDER = files("houbei.case").joinpath("shipped_forms")
DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?")
"""How a number is written, in a form and in an answer."""


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


class Text(_Part, frozen=True, kw_only=True):
    """Words in both languages."""

    zh: str
    en: str


class Option(_Part, frozen=True, kw_only=True):
    """One of the answers to a choice."""

    id: str
    zh: str
    en: str


class Band(_Part, frozen=True, kw_only=True):
    """Numbers from `at_least` (with it) to `below` (without it) that point to a verdict; an absent end is open."""

    points_to: Verdict
    at_least: str | None = None
    below: str | None = None


class Question(_Part, frozen=True, kw_only=True):
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


class Form(_Part, frozen=True, kw_only=True):
    """A form: the category it is for, its version, and its questions in the order in which they are asked."""

    form: str
    version: int
    title: Text
    questions: tuple[Question, ...]

    @property
    def id(self) -> str:
        """What is kept with the answers: `washer-1`."""
        return f"{self.form}-{self.version}"


def form_for(category: str | None) -> Form:
    """Give the newest form for a category; the general one where the category is not known or has none of its own."""
    known = [form_of(name) for name in shipped_forms()]
    own = [form for form in known if form.form == category] or [form for form in known if form.form == GENERAL]
    return max(own, key=lambda form: form.version)


@cache
def form_of(form_id: str) -> Form:
    """Give a form as it was answered, however old.

    Args:
        form_id: Its name and version, `washer-1`.

    Raises:
        InputError: there is none of that name and version.

    Cost: reading a document, the first time.
    """
    if form_id not in shipped_forms():
        raise InputError(
            came=f"the form “{form_id}”",
            where="inspection",
            expected=f"one of {', '.join(shipped_forms())}",
            todo="Name the form that was filled in.",
        )
    where = f"{form_id}.yaml"
    return read_form(_FOLDER.joinpath(where).read_text("utf-8"), where=where)


@cache
def shipped_forms() -> tuple[str, ...]:
    """Name the forms that ship with the product, every version of each."""
    found = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


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
        form = msgspec.convert(tree.root, Form, strict=False)
    except msgspec.ValidationError as error:
        raise _unfit(str(error), where=where) from error
    earlier: dict[str, Question] = {}
    for question in form.questions:
        for fault in _faults(question, earlier):
            raise _unfit(fault, where=f"{where}, {question.id}")
        earlier[question.id] = question
    return form


def answers_to(question: Question) -> tuple[str, ...]:
    """Name the answers that a question offers, as `points` and `asked_if` name them; none where it is answered freely."""
    if question.kind is AnswerKind.YES_NO:
        return ("yes", "no")
    return tuple(option.id for option in question.options)


def _faults(question: Question, earlier: Mapping[str, Question]) -> Iterator[str]:
    """Say in what a question contradicts itself or what is asked before it."""
    if question.id in earlier:
        yield "the question a second time"
    yield from _faults_of_options(question)
    yield from _faults_of_numbers(question)
    for answer in question.points:
        if answer not in answers_to(question):
            yield f"points of “{answer}”, which is no answer to it"
    for name, answer in question.asked_if.items():
        if name not in earlier or answer not in answers_to(earlier[name]):
            yield f"asked_if “{name}: {answer}”, which no earlier question is answered with"


def _faults_of_options(question: Question) -> Iterator[str]:
    options = answers_to(question)
    if (question.kind is AnswerKind.CHOICE) != (len(question.options) > 1):
        yield f"{len(question.options)} options for a question of the kind {question.kind}"
    if len(set(options)) < len(options):
        yield "an option a second time"


def _faults_of_numbers(question: Question) -> Iterator[str]:
    ends = [question.least, question.most]
    if question.kind is not AnswerKind.NUMBER:
        if question.unit or any(ends) or question.bands:
            yield f"a unit, bounds or bands for a question of the kind {question.kind}"
        return
    if question.unit is None or None in ends:
        yield "a number without its unit or bounds"
    places = [end for band in question.bands for end in (band.at_least or question.least, band.below or question.most)]
    marks = [question.least, *places, question.most]
    if not all(mark is not None and DECIMAL.fullmatch(mark) for mark in marks):
        yield "a bound that is no decimal"
    elif any(Fraction(low) > Fraction(high) for low, high in pairwise(mark for mark in marks if mark is not None)):
        yield "bounds that are out of order, or bands that overlap"


def _unfit(fault: str, *, where: str) -> InputError:
    return InputError(came=fault, where=where, expected="a form that can be filled in", todo="Correct the document.")
