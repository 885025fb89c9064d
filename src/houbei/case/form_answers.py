"""What a technician filled in: whether a form is filled in as it asks, and which verdicts the answers point to."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import msgspec

from houbei.case.forms import DECIMAL, AnswerKind, Form, Question, answers_to
from houbei.case.stages import Verdict
from houbei.errors import InputError

Answer = bool | str | list[str]
"""Yes or no; the id of an option, decimal text or words; exhibits by their sha256."""
TEXT_CHARACTERS_MAX = 2_000
PHOTOS_MAX = 10
_SHA256 = re.compile("[0-9a-f]{64}")
_YES_NO = {"yes": ("是", "yes"), "no": ("否", "no")}


class Flaw(StrEnum):
    """What is wrong with an answer; the value is stable and public."""

    MISSING = "missing"
    NOT_ASKED = "not_asked"
    UNKNOWN_QUESTION = "unknown_question"
    NO_YES_OR_NO = "no_yes_or_no"
    NO_OPTION = "no_option"
    NO_NUMBER = "no_number"
    OUT_OF_RANGE = "out_of_range"
    NO_TEXT = "no_text"
    TOO_LONG = "too_long"
    NO_PHOTOS = "no_photos"
    TOO_MANY_PHOTOS = "too_many_photos"


SENTENCES: Mapping[Flaw, Mapping[str, str]] = {
    Flaw.MISSING: {"zh": "还没有答。", "en": "This has no answer yet."},
    Flaw.NOT_ASKED: {
        "zh": "按前面的回答，这一项不用答。清空这一项，或改前面的回答。",
        "en": "After the earlier answers this is not asked. Clear it, or change the earlier answer.",
    },
    Flaw.UNKNOWN_QUESTION: {
        "zh": "检测单里没有这一项。换用它所属的那一版检测单。",
        "en": "The form has no such question. Use the version of the form that it belongs to.",
    },
    Flaw.NO_YES_OR_NO: {"zh": "选“是”或“否”。", "en": "Answer yes or no."},
    Flaw.NO_OPTION: {"zh": "选其中一项：{options}。", "en": "Choose one of: {options}."},
    Flaw.NO_NUMBER: {"zh": "填一个数，例如{least}。", "en": "Enter a number, such as {least}."},
    Flaw.OUT_OF_RANGE: {
        "zh": "要在{least}到{most}之间（{unit}）。再看一次读数。",
        "en": "It must lie between {least} and {most} ({unit}). Look at the reading again.",
    },
    Flaw.NO_TEXT: {"zh": "用文字回答。", "en": "Answer in words."},
    Flaw.TOO_LONG: {"zh": "最多{most}个字。写短一些。", "en": "At most {most} characters. Write less."},
    Flaw.NO_PHOTOS: {"zh": "传至少一张照片。", "en": "Send at least one photo."},
    Flaw.TOO_MANY_PHOTOS: {
        "zh": "最多{most}张照片。选最清楚的。",
        "en": "At most {most} photos. Choose the clearest.",
    },
}
"""What a person is told, by flaw and language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """An answer that does not do: the id of its question, what is wrong, and the sentence for whoever filled it in, by language."""

    question: str
    flaw: Flaw
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """An answer that points to a verdict: its question, and both in words."""

    question: str
    zh: str
    en: str


def read_answers(text: str, *, where: str) -> dict[str, Answer]:
    """Read answers from the JSON that is kept with a step.

    Raises:
        InputError: it is no mapping of ids to answers. A bare number is none: it would come as one of the nearest binary fractions.
    """
    try:
        return msgspec.json.decode(text, type=dict[str, Answer])
    except msgspec.MsgspecError as error:
        raise InputError(
            came=str(error), where=where, expected="answers by the id of their question", todo="Send the form again."
        ) from error


def check_answers(form: Form, answers: Mapping[str, Answer]) -> list[Complaint]:
    """Look whether a form is filled in as it asks.

    Args:
        form: The form, in the version that was filled in.
        answers: By the id of their question.

    Returns:
        What does not do, in the order of the form, at most one complaint an answer; then what the form does not ask, by id. Nothing
        where all is well.

    Cost: linear in the form.
    """
    known = {question.id: question for question in form.questions}
    found = [
        _complaint(question, flaw)
        for question in form.questions
        if (flaw := _flaw(question, answers, known)) is not None
    ]
    stray = sorted(answers.keys() - known.keys())
    said = SENTENCES[Flaw.UNKNOWN_QUESTION]
    return found + [
        Complaint(question=name, flaw=Flaw.UNKNOWN_QUESTION, zh=said["zh"], en=said["en"]) for name in stray
    ]


def hint(form: Form, answers: Mapping[str, Answer]) -> dict[Verdict, tuple[Pointer, ...]]:
    """Say which verdicts answers point to. A hint decides nothing; often there are several.

    Args:
        form: The form, in the version that was filled in.
        answers: By the id of their question; what does not do as an answer, or was not asked, points nowhere.

    Returns:
        The verdicts that at least one answer points to, in the order of `Verdict`, each with those answers in the order of the form.
    """
    known = {question.id: question for question in form.questions}
    pointing = [
        (verdict, _pointer(question, answers[question.id]))
        for question in form.questions
        if not _is_blank(answers.get(question.id))
        and _flaw(question, answers, known) is None
        and (verdict := _verdict(question, answers[question.id])) is not None
    ]
    return {
        verdict: tuple(pointer for at, pointer in pointing if at is verdict)
        for verdict in Verdict
        if any(at is verdict for at, _ in pointing)
    }


def _flaw(question: Question, answers: Mapping[str, Answer], known: Mapping[str, Question]) -> Flaw | None:
    answer = answers.get(question.id)
    if not _is_asked(question, answers, known):
        return None if answer is None else Flaw.NOT_ASKED
    if _is_blank(answer):
        return Flaw.MISSING if question.required else None
    return None if answer is None else _CHECKS[question.kind](question, answer)


def _is_blank(answer: Answer | None) -> bool:
    """Whether a field was left empty: a page sends it all the same."""
    return answer is None or answer == [] or (isinstance(answer, str) and not answer.strip())


def _is_asked(question: Question, answers: Mapping[str, Answer], known: Mapping[str, Question]) -> bool:
    return all(
        _word(answers.get(name)) == wanted and _is_asked(known[name], answers, known)
        for name, wanted in question.asked_if.items()
    )


def _word(answer: Answer | None) -> str:
    """Give an answer as `points` and `asked_if` name it."""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return answer if isinstance(answer, str) else ""


def _check_yes_no(_: Question, answer: Answer) -> Flaw | None:
    return None if isinstance(answer, bool) else Flaw.NO_YES_OR_NO


def _check_choice(question: Question, answer: Answer) -> Flaw | None:
    return None if isinstance(answer, str) and answer in answers_to(question) else Flaw.NO_OPTION


def _check_number(question: Question, answer: Answer) -> Flaw | None:
    if not isinstance(answer, str) or not DECIMAL.fullmatch(answer):
        return Flaw.NO_NUMBER
    fits = Fraction(question.least or answer) <= Fraction(answer) <= Fraction(question.most or answer)
    return None if fits else Flaw.OUT_OF_RANGE


def _check_text(_: Question, answer: Answer) -> Flaw | None:
    if not isinstance(answer, str):
        return Flaw.NO_TEXT
    return Flaw.TOO_LONG if len(answer) > TEXT_CHARACTERS_MAX else None


def _check_photo(_: Question, answer: Answer) -> Flaw | None:
    if not isinstance(answer, list) or not all(_SHA256.fullmatch(name) for name in answer):
        return Flaw.NO_PHOTOS
    return Flaw.TOO_MANY_PHOTOS if len(answer) > PHOTOS_MAX else None


_CHECKS: Mapping[AnswerKind, Callable[[Question, Answer], Flaw | None]] = {
    AnswerKind.YES_NO: _check_yes_no,
    AnswerKind.CHOICE: _check_choice,
    AnswerKind.NUMBER: _check_number,
    AnswerKind.TEXT: _check_text,
    AnswerKind.PHOTO: _check_photo,
}


def _verdict(question: Question, answer: Answer) -> Verdict | None:
    if question.kind is not AnswerKind.NUMBER:
        return question.points.get(_word(answer))
    number = Fraction(str(answer))
    for band in question.bands:
        above = band.at_least is None or number >= Fraction(band.at_least)
        if above and (band.below is None or number < Fraction(band.below)):
            return band.points_to
    return None


def _complaint(question: Question, flaw: Flaw) -> Complaint:
    most = {Flaw.TOO_LONG: TEXT_CHARACTERS_MAX, Flaw.TOO_MANY_PHOTOS: PHOTOS_MAX}.get(flaw, question.most)
    zh = SENTENCES[flaw]["zh"].format(
        options="、".join(option.zh for option in question.options),
        least=question.least,
        most=most,
        unit=question.unit.zh if question.unit else "",
    )
    en = SENTENCES[flaw]["en"].format(
        options="; ".join(option.en for option in question.options),
        least=question.least,
        most=most,
        unit=question.unit.en if question.unit else "",
    )
    return Complaint(question=question.id, flaw=flaw, zh=zh, en=en)


def _pointer(question: Question, answer: Answer) -> Pointer:
    """Put a question and its answer into words: “空载脱水时有异响吗？有，来自滚筒轴承或电机”."""
    said = {option.id: (option.zh, option.en) for option in question.options} | _YES_NO
    unit = (question.unit.zh, question.unit.en) if question.unit else ("", "")
    zh, en = said.get(_word(answer), (f"{answer}{unit[0]}", f"{answer} {unit[1]}"))
    return Pointer(question=question.id, zh=f"{question.zh}{zh}", en=f"{question.en} {en}")
