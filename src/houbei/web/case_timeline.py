"""The story of a case: who did what and when, steps that happened by themselves, steps that were set aside and why, whose turn it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from markupsafe import Markup

from houbei.backtest.report.tongue import Said
from houbei.case.deadlines import HOLD, RECALL, SUPPLIER
from houbei.case.fold import may_happen
from houbei.case.stages import Case, Stage
from houbei.facts.steps import What
from houbei.store.console_cases import CaseView, Deed
from houbei.web.case_decision import Decision
from houbei.web.case_deeds import is_automatic, name_of, who_of
from houbei.web.case_told import KINDS, exhibits_told, plain, sentences, tell_deed
from houbei.web.speech import Speech

LEARNT_LATE_US = 600_000_000
"""A step that we learnt of later than this says when: a phone without signal told of it afterwards."""
_LATE = MappingProxyType({HOLD: "timed_out_hold", SUPPLIER: "timed_out_supplier", RECALL: "timed_out_recall"})


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of a step: its word, and where it is."""

    word: Said
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One entry of the story.

    `look` is `auto` for what happened by itself, `aside` for what was set aside, `wait` for what waits for a person, `future` for what
    others do next, else empty. `named` says that `who` is somebody's own name, `note` what it means for all the rest.
    """

    look: str
    when: str
    who: str
    named: bool
    did: Said | str
    told: Markup | str = ""
    learnt: Said | str = ""
    aside: Said | str = ""
    note: Said | str = ""
    files: Sequence[File] = ()

    def at(self, when: str) -> "Happened":
        """Give it with when it happened."""
        return replace(self, when=when)


def tell_story(view: CaseView, speech: Speech, decision: Decision | None) -> Iterator[Happened]:
    """Tell a case from its first report to now, and whose turn it is; what was set aside stands where it was learnt."""
    day, before = None, _Before(stage=Stage.REPORTED, reserved="", reported=False)
    for deed in view.deeds:
        local = speech.local(deed.at_us).date()
        when = speech.time(deed.at_us) if local == day else speech.moment(deed.at_us)
        day = local
        yield _happened(view, speech, deed, before, when=when)
        reserved = deed.what is What.RESERVED and not deed.set_aside
        before = _Before(
            stage=deed.stage,
            reserved=str(deed.told["serial"]) if reserved else before.reserved,
            reported=before.reported or deed.what is What.REPORTED,
        )
    yield from _turn(view, speech, decision)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """Where a case stood before a step: its stage, and the unit that had last been set aside for it."""

    stage: Stage
    reserved: str
    reported: bool


def _happened(view: CaseView, speech: Speech, deed: Deed, before: _Before, *, when: str) -> Happened:
    timed_out, late = deed.what is What.TIMED_OUT, deed.known_us - deed.at_us > LEARNT_LATE_US
    aside = deed.set_aside and not timed_out
    return Happened(
        look="aside" if aside else "auto" if is_automatic(deed) else "",
        when=when,
        who=who_of(deed, speech),
        named=bool(name_of(deed)),
        did=speech.say(
            "step_reported_again" if before.reported and deed.what is What.REPORTED else f"step_{deed.what.value}"
        ),
        told=_timed_out(speech, deed, before) if timed_out else tell_deed(view, deed, speech),
        learnt=speech.say("case_learnt", moment=speech.moment(deed.known_us)) if late and not timed_out else "",
        aside=_why_aside(speech, deed, before) if aside else "",
        files=list(_files(view, speech, exhibits_told(deed))),
    )


def _timed_out(speech: Speech, deed: Deed, before: _Before) -> Markup:
    """What a deadline did that passed: it led the case on as the terms say, put it before a person, or came too late to do anything."""
    stage, kind = speech.say(f"stage_{before.stage.value}"), str(deed.told["stage"])
    if deed.set_aside:
        said = speech.say("timed_out_late")
    elif kind in _LATE:
        said = speech.say(_LATE[kind])
    elif deed.stage is not before.stage:
        said = speech.say("timed_out_moved", before=stage, after=speech.say(f"stage_{deed.stage.value}"))
    else:
        said = speech.say("timed_out_person", before=stage)
    return sentences(speech, [said])


def _why_aside(speech: Speech, deed: Deed, before: _Before) -> Said:
    """Why a step changed nothing: it does not happen at this stage, it names another unit, or it does not fit."""
    if not may_happen(Case(stage=before.stage), deed.what):
        return speech.say("case_aside_stage", stage=speech.say(f"stage_{before.stage.value}"))
    serial = deed.told.get("new_serial")
    if serial is not None and before.reserved and serial != before.reserved:
        return speech.say("case_aside_serial", serial=Markup('<span class="mono">{}</span>').format(before.reserved))
    return speech.say("case_aside_fit")


def _files(view: CaseView, speech: Speech, hashes: Sequence[str]) -> Iterator[File]:
    numbers = dict.fromkeys(KINDS, 0)
    for sha256 in hashes:
        shown = view.shown.get(sha256)
        if shown is not None:
            numbers[shown.kind] += 1
            yield File(word=speech.say(f"case_exhibit_{shown.kind}", n=numbers[shown.kind]), href=f"/exhibits/{sha256}")


def _turn(view: CaseView, speech: Speech, decision: Decision | None) -> Iterator[Happened]:
    """Whose turn it is: a person's, where one is needed; else what others do next, and until when that is waited for."""
    if decision is not None:
        yield Happened(
            look="wait",
            when=str(speech.say("case_now")),
            who="",
            named=False,
            did=decision.ask,
            told=sentences(speech, [_begun(decision.until)]),
        )
    elif not view.case.over:
        due = [] if view.due is None else [speech.say("case_until", moment=speech.due(view.due.at_us))]
        yield Happened(
            look="future",
            when=str(speech.say("case_after")),
            who="",
            named=False,
            did=plain(str(speech.say(f"turn_{view.case.stage.value}"))),
            told=sentences(speech, [_begun(said) for said in due]),
        )


def _begun(said: Said) -> str:
    """Begin a sentence with what otherwise stands within one."""
    return said.text[:1].upper() + said.text[1:]
