"""Inspection forms are complete in both languages, every answer can be given, and an answer that points somewhere decides nothing."""

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houbei.case.form_answers import (
    PHOTOS_MAX,
    SENTENCES,
    TEXT_CHARACTERS_MAX,
    Answer,
    Flaw,
    check_answers,
    hint,
    read_answers,
)
from houbei.case.forms import AnswerKind, Form, Question, answers_to, form_for, form_of, read_form, shipped_forms
from houbei.case.stages import Verdict
from houbei.errors import InputError

PHOTO = "a" * 64
CATEGORIES = ("fridge", "washer", "tv", "air-conditioner", "phone", "general")
FORMS = [form_of(form_id) for form_id in shipped_forms()]
HAN, LATIN = "\u4e00-\u9fff，。：；？（）、“”", "A-Za-z0-9"

SMALL = """
form: kettle
version: 3
title: {zh: 水壶检测单, en: Kettle inspection}
questions:
  - {id: boils, zh: 水烧得开吗？, en: Does it boil?, kind: yes_no, points: {"no": confirmed, "yes": no_fault_found}}
  - id: minutes
    zh: 烧开一升要几分钟？
    en: How many minutes does a litre take?
    kind: number
    unit: {zh: 分钟, en: minutes}
    least: "0"
    most: "60.5"
    bands: [{below: "0.5", points_to: misuse}, {at_least: "10", below: "20.25", points_to: confirmed}]
    asked_if: {boils: "yes"}
  - id: lid
    zh: 盖子怎么样？
    en: How is the lid?
    kind: choice
    required: false
    options: [{id: shuts, zh: 盖得上, en: it shuts}, {id: gone, zh: 不在, en: it is gone}, {id: bent, zh: 弯了, en: it is bent}]
    points: {gone: accessory_missing, bent: misuse}
  - {id: lid_photo, zh: 盖子的照片, en: A photo of the lid, kind: photo, asked_if: {lid: bent}}
  - {id: words, zh: 还看到什么？, en: What else?, kind: text, required: false}
"""
KETTLE = read_form(SMALL, where="kettle-3.yaml")
GOOD: dict[str, Answer] = {"boils": True, "minutes": "4"}


def an_answer(question: Question, wanted: str | None = None) -> Answer:
    """Give an answer that does: the one that is wanted, or the first that there is."""
    match question.kind:
        case AnswerKind.YES_NO:
            return wanted != "no"
        case AnswerKind.CHOICE:
            return wanted or question.options[0].id
        case AnswerKind.NUMBER:
            return str(question.least)
        case AnswerKind.PHOTO:
            return [PHOTO]
        case AnswerKind.TEXT:
            return "SJW10-7K2041"


def filled_in(form: Form, name: str, answer: str) -> dict[str, Answer]:
    """Fill in a form so that one question gets one answer: what it hangs on is answered so that it is asked."""
    by_id = {question.id: question for question in form.questions}
    wanted, waiting = {name: answer}, [name]
    while waiting:
        for earlier, needed in by_id[waiting.pop()].asked_if.items():
            wanted[earlier] = needed
            waiting.append(earlier)
    answers: dict[str, Answer] = {}
    for question in form.questions:
        said = {
            known: "yes" if value is True else "no" if value is False else value for known, value in answers.items()
        }
        if all(said.get(earlier) == needed for earlier, needed in question.asked_if.items()):
            answers[question.id] = an_answer(question, wanted.get(question.id))
    return answers


EVERY_ANSWER = [
    (form.id, question.id, answer) for form in FORMS for question in form.questions for answer in answers_to(question)
]


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_has_a_form_of_its_own(category: str) -> None:
    assert form_for(category).form == category
    assert {form.form for form in FORMS} == set(CATEGORIES)


@pytest.mark.parametrize("category", [None, "", "kettle", "Fridge", "../fridge"])
def test_any_other_category_gets_the_general_form(category: str | None) -> None:
    assert form_for(category).form == "general"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_a_form_is_found_again_by_the_name_that_is_kept_with_its_answers(form: Form) -> None:
    assert form.id in shipped_forms()
    assert form_of(form.id) == form
    assert form.version >= 1


def test_a_form_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match="washer-999") as refused:
        form_of("washer-999")
    assert "washer-1" in refused.value.expected


def words_of(form: Form) -> list[tuple[str, str]]:
    """Give everything in a form that a person reads, in both languages."""
    words = [(form.title.zh, form.title.en)]
    for question in form.questions:
        words += [(question.zh, question.en), *((option.zh, option.en) for option in question.options)]
        words += [(question.unit.zh, question.unit.en)] if question.unit else []
    return words


def fault_of_zh(text: str) -> str | None:
    if not re.search(f"[{HAN}]", text) and text not in {"℃", "%"}:
        return "no Chinese"
    if "您" in text or "！" in text:
        return "not as the guide speaks"
    return "a typed space" if re.search(f"[{HAN}] | [{HAN}]", text) else None


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_every_word_is_there_in_both_languages(form: Form) -> None:
    assert [(zh, fault) for zh, _ in words_of(form) if (fault := fault_of_zh(zh))] == []
    assert [en for _, en in words_of(form) if not en.strip() or re.search(f"[{HAN}]".replace("“”", ""), en)] == []


def test_every_sentence_of_a_complaint_is_there_in_both_languages() -> None:
    assert set(SENTENCES) == set(Flaw)
    assert [said["zh"] for said in SENTENCES.values() if fault_of_zh(said["zh"]) or not said["zh"].endswith("。")] == []
    assert [said["en"] for said in SENTENCES.values() if not said["en"].endswith(".")] == []


@pytest.mark.parametrize(("form_id", "name", "answer"), EVERY_ANSWER, ids="/".join)
def test_every_answer_can_be_given_in_a_form_that_is_well_filled_in(form_id: str, name: str, answer: str) -> None:
    form = form_of(form_id)
    answers = filled_in(form, name, answer)
    assert {"yes": True, "no": False}.get(answer, answer) == answers[name]
    assert check_answers(form, answers) == []
    question = next(question for question in form.questions if question.id == name)
    pointed = {verdict for verdict, pointers in hint(form, answers).items() for at in pointers if at.question == name}
    assert pointed == ({question.points[answer]} if answer in question.points else set())


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_every_question_is_asked_by_some_answers_and_every_verdict_is_pointed_to(form: Form) -> None:
    asked = {name for question in form.questions for name in filled_in(form, question.id, "")}
    ways = [filled_in(form, name, answer) for form_id, name, answer in EVERY_ANSWER if form_id == form.id]
    assert asked | {name for way in ways for name in way} == {question.id for question in form.questions}
    assert {verdict for way in ways for verdict in hint(form, way)} == set(Verdict)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_every_form_asks_what_the_terms_go_by(form: Form) -> None:
    """The serial (clause on the same unit), the fault under test, damage and whether it matters, what is missing."""
    by_id = {question.id: question for question in form.questions}
    for name in ("serial", "serial_same", "plate_photo", "seal", "fault_shown", "damage", "accessories"):
        assert by_id[name].required, name
    related = {option.id: by_id["damage_related"].points.get(option.id) for option in by_id["damage_related"].options}
    assert related == {"related": Verdict.MISUSE, "unrelated": None, "unsure": None}


def test_damage_that_has_nothing_to_do_with_the_fault_points_to_nothing() -> None:
    answers = filled_in(form_for("washer"), "damage_related", "unrelated") | {"spin_noise": "bearing"}
    assert list(hint(form_for("washer"), answers)) == [Verdict.CONFIRMED]


def test_a_red_liquid_indicator_points_to_nothing_without_corrosion() -> None:
    answers = filled_in(form_for("phone"), "corrosion_photo", "") | {"software_changed": False, "damage": False}
    assert answers["liquid_indicator"] == "red"
    assert Verdict.MISUSE not in hint(form_for("phone"), answers)
    assert Verdict.MISUSE in hint(form_for("phone"), answers | {"corrosion": "seen"})


def test_a_warm_fridge_points_to_a_fault_and_a_cold_one_to_nothing() -> None:
    cold = filled_in(form_for("fridge"), "fault_shown", "not_testable")
    for measured, is_warm in (("", False), ("4", False), ("4.999", False), ("5", True), ("5.0", True)):
        answers = cold | {"fridge_temperature": measured, "freezer_temperature": "-18", "error_shown": False}
        assert (Verdict.CONFIRMED in hint(form_for("fridge"), answers)) is is_warm


def test_a_hint_names_every_verdict_with_the_answers_that_point_to_it() -> None:
    pointers = hint(KETTLE, {"boils": True, "minutes": "12", "lid": "gone"})
    assert list(pointers) == [Verdict.CONFIRMED, Verdict.NO_FAULT_FOUND, Verdict.ACCESSORY_MISSING]
    assert [(at.question, at.zh, at.en) for at in pointers[Verdict.CONFIRMED]] == [
        ("minutes", "烧开一升要几分钟？12分钟", "How many minutes does a litre take? 12 minutes")
    ]
    assert [at.zh for at in pointers[Verdict.NO_FAULT_FOUND]] == ["水烧得开吗？是"]
    assert [at.en for at in pointers[Verdict.ACCESSORY_MISSING]] == ["How is the lid? it is gone"]


@pytest.mark.parametrize(
    ("minutes", "verdict"),
    [
        ("0", Verdict.MISUSE),
        ("0.499999", Verdict.MISUSE),
        ("0.5", None),
        ("9.99", None),
        ("10", Verdict.CONFIRMED),
        ("20.249", Verdict.CONFIRMED),
        ("20.25", None),
        ("60.5", None),
    ],
)
def test_a_band_begins_with_its_lower_end_and_ends_before_its_upper(minutes: str, verdict: Verdict | None) -> None:
    found = hint(KETTLE, {"boils": True, "minutes": minutes})
    assert set(found) - {Verdict.NO_FAULT_FOUND} == ({verdict} if verdict else set())


@pytest.mark.parametrize(
    ("answers", "complaints"),
    [
        (GOOD, []),
        ({"boils": False}, []),
        ({}, [("boils", Flaw.MISSING)]),
        ({"boils": "yes"}, [("boils", Flaw.NO_YES_OR_NO), ("minutes", Flaw.MISSING)]),
        ({"boils": True}, [("minutes", Flaw.MISSING)]),
        (GOOD | {"minutes": "  "}, [("minutes", Flaw.MISSING)]),
        (GOOD | {"minutes": "soon"}, [("minutes", Flaw.NO_NUMBER)]),
        (GOOD | {"minutes": "1e3"}, [("minutes", Flaw.NO_NUMBER)]),
        (GOOD | {"minutes": "٣"}, [("minutes", Flaw.NO_NUMBER)]),
        (GOOD | {"minutes": True}, [("minutes", Flaw.NO_NUMBER)]),
        (GOOD | {"minutes": "60.5"}, []),
        (GOOD | {"minutes": "60.500001"}, [("minutes", Flaw.OUT_OF_RANGE)]),
        (GOOD | {"minutes": "-0.1"}, [("minutes", Flaw.OUT_OF_RANGE)]),
        ({"boils": False, "minutes": "4"}, [("minutes", Flaw.NOT_ASKED)]),
        (GOOD | {"lid": "open"}, [("lid", Flaw.NO_OPTION)]),
        (GOOD | {"lid": ["bent"]}, [("lid", Flaw.NO_OPTION)]),
        (GOOD | {"lid": "bent"}, [("lid_photo", Flaw.MISSING)]),
        (GOOD | {"lid": "bent", "lid_photo": []}, [("lid_photo", Flaw.MISSING)]),
        (GOOD | {"lid": "bent", "lid_photo": [PHOTO]}, []),
        (GOOD | {"lid": "bent", "lid_photo": [PHOTO, "lid.jpg"]}, [("lid_photo", Flaw.NO_PHOTOS)]),
        (GOOD | {"lid": "bent", "lid_photo": PHOTO}, [("lid_photo", Flaw.NO_PHOTOS)]),
        (GOOD | {"lid": "bent", "lid_photo": [PHOTO] * (PHOTOS_MAX + 1)}, [("lid_photo", Flaw.TOO_MANY_PHOTOS)]),
        (GOOD | {"lid_photo": [PHOTO]}, [("lid_photo", Flaw.NOT_ASKED)]),
        (GOOD | {"words": "壶" * TEXT_CHARACTERS_MAX}, []),
        (GOOD | {"words": "壶" * (TEXT_CHARACTERS_MAX + 1)}, [("words", Flaw.TOO_LONG)]),
        (GOOD | {"words": True}, [("words", Flaw.NO_TEXT)]),
        (GOOD | {"zeal": "x", "age": "3"}, [("age", Flaw.UNKNOWN_QUESTION), ("zeal", Flaw.UNKNOWN_QUESTION)]),
    ],
)
def test_each_flaw_is_found_where_it_is(answers: dict[str, Answer], complaints: list[tuple[str, Flaw]]) -> None:
    assert [(found.question, found.flaw) for found in check_answers(KETTLE, answers)] == complaints


def test_a_complaint_says_what_to_do() -> None:
    (found,) = check_answers(KETTLE, GOOD | {"lid": "open"})
    assert (found.zh, found.en) == (
        "选其中一项：盖得上、不在、弯了。",
        "Choose one of: it shuts; it is gone; it is bent.",
    )
    (found,) = check_answers(KETTLE, GOOD | {"minutes": "61"})
    assert found.zh == "要在0到60.5之间（分钟）。再看一次读数。"
    assert found.en == "It must lie between 0 and 60.5 (minutes). Look at the reading again."


ANSWERS = st.one_of(
    st.booleans(),
    st.sampled_from([answer for _, _, answer in EVERY_ANSWER]),
    st.text(max_size=8),
    st.integers(-70, 700).map(str),
    st.lists(st.sampled_from([PHOTO, "b" * 64, "x"]), max_size=3),
)


@given(form=st.sampled_from([*FORMS, KETTLE]), data=st.data())
def test_no_answers_break_a_form_and_only_answers_that_do_are_hints(form: Form, data: st.DataObject) -> None:
    names = st.sampled_from([*(question.id for question in form.questions), "stray"])
    answers = data.draw(st.dictionaries(names, ANSWERS, max_size=12))
    flawed = {found.question for found in check_answers(form, answers)}
    pointed = {at.question for pointers in hint(form, answers).values() for at in pointers}
    assert not flawed & pointed
    assert pointed <= answers.keys()


def test_answers_are_read_from_the_json_that_is_kept() -> None:
    text = '{"boils": true, "minutes": "4", "lid_photo": ["' + PHOTO + '"]}'
    assert read_answers(text, where="step 7") == {"boils": True, "minutes": "4", "lid_photo": [PHOTO]}


@pytest.mark.parametrize("text", ["", "[]", '{"minutes": 4.5}', '{"minutes": null}', '{"photos": [1]}', "{"])
def test_what_are_no_answers_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(InputError, match="step 7"):
        read_answers(text, where="step 7")


CHANGES = {
    "two questions of one id": ("id: lid_photo", "id: lid"),
    "a key that is no field": ("required: false", "optional: true"),
    "a kind that is none": ("kind: photo", "kind: drawing"),
    "no English": (", en: Does it boil?", ""),
    "a verdict that is none": ("no_fault_found", "fine"),
    "points of an answer that is none": ("gone: accessory_missing", "lost: accessory_missing"),
    "a later question to hang on": ("asked_if: {lid: bent}", "asked_if: {words: bent}"),
    "an answer to hang on that is none": ("asked_if: {lid: bent}", "asked_if: {lid: broken}"),
    "options without a choice": ("kind: choice", "kind: text"),
    "a choice of one": ("{id: gone, zh: 不在, en: it is gone}, {id: bent, zh: 弯了, en: it is bent}", ""),
    "an option twice": ("id: gone", "id: bent"),
    "a number without a unit": ("    unit: {zh: 分钟, en: minutes}\n", ""),
    "a number without an end": ('    most: "60.5"\n', ""),
    "an end that is no number": ('"60.5"', '"an hour"'),
    "ends out of order": ('most: "60.5"', 'most: "-1"'),
    "bands that overlap": ('below: "0.5"', 'below: "11"'),
    "a band for words": ("kind: text", "kind: text, bands: [{points_to: misuse}]"),
    "a version that is no number": ("version: 3", "version: new"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_form_that_contradicts_itself_is_refused_with_its_place(change: str) -> None:
    before, after = CHANGES[change]
    assert SMALL.count(before) >= 1
    with pytest.raises(InputError, match=r"kettle-3\.yaml"):
        read_form(SMALL.replace(before, after, 1), where="kettle-3.yaml")


def test_whatever_is_answered_the_form_is_the_one_that_was_filled_in() -> None:
    """An old version stays beside a new one: ids are name and version, and no two files claim the same."""
    assert len(set(shipped_forms())) == len(shipped_forms()) == len(FORMS)
    assert [form.id for form in FORMS] == list(shipped_forms())
    assert all(len(set(pair)) == 2 for pair in product(shipped_forms(), repeat=2) if pair[0] != pair[1])
