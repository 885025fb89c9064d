"""The one decision box of a case: what is asked, by when, what is known, what is recommended, what follows, and how it is carried out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from markupsafe import Markup

from houbei.backtest.report.tongue import Said
from houbei.case.stages import Case, New, Remedy, Secured, Verdict
from houbei.facts.steps import Teller, What
from houbei.ledger.entries import Code
from houbei.store.console_cases import CaseView
from houbei.web.case_asks import Asked, asks_of, commands_of
from houbei.web.case_deeds import latest, name_of, who_of
from houbei.web.case_told import count_shown, joined, plain
from houbei.web.speech import Speech

_DECIDED = frozenset({"decide", "reverse", "review", "verdict"})
_Adviser = Callable[[CaseView, Speech], Said]
_BUYERS = frozenset({Teller.BUYER, Teller.SHOP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a case asks of a person.

    `until` is its deadline, or since when it waits; `also` what else waits; `facts` are what others said, `outcomes` what each way leads to, `commands` how each
    is carried out, the recommended first.
    """

    ask: Said
    until: Said
    also: Said | str
    facts: Sequence[Said]
    advice: Said
    outcomes: Sequence[Said]
    commands: Sequence[str]


def ask_word(speech: Speech, asked: Asked, case: Case) -> Said:
    """Ask it in one sentence."""
    if asked.name == "decide":
        return speech.say("ask_decide", answer=answer_word(speech, case))
    if asked.name == "reverse":
        return speech.say(f"ask_reverse_{case.verdict or 'no_fault_found'}")
    if asked.name == "renew" and case.secured is Secured.LAPSED:
        return speech.say("ask_renew_lapsed")
    return speech.say(f"ask_{asked.name}")


def until_word(speech: Speech, asked: Asked, *, now_us: int, since_us: int) -> Said:
    """Say by when it is to be done, when it was to be done, or since when it waits."""
    if asked.by_us is None:
        return speech.say("case_since", moment=speech.due(since_us))
    late = asked.by_us <= now_us
    return speech.say("case_overdue" if late else "case_until", moment=speech.due(asked.by_us))


def answer_word(speech: Speech, case: Case) -> Said:
    """Name what the buyer gets; where that is nothing so far, what they ask for."""
    return speech.say(f"answer_{Remedy.REPLACE if case.remedy is Remedy.NONE else case.remedy}")


def decide_on(view: CaseView, speech: Speech, *, now_us: int, since_us: int) -> Decision | None:
    """Work out the decision box; None where nobody is needed.

    Args:
        view: The case.
        speech: The language of the page.
        now_us: What time it is.
        since_us: Since when the case waits.
    """
    all_asked = asks_of(view.case, view.rules)
    if not all_asked:
        return None
    asked, others = all_asked[0], [ask_word(speech, other, view.case) for other in all_asked[1:]]
    return Decision(
        ask=ask_word(speech, asked, view.case),
        until=until_word(speech, asked, now_us=now_us, since_us=since_us),
        also=speech.say("case_also", asks=joined(others, " ")) if others else "",
        facts=[said for one in all_asked for said in facts_of(view, speech, one)],
        advice=_advice(view, speech, asked),
        outcomes=list(_outcomes(view, speech, asked.name)),
        commands=_settling(view)
        if asked.name == "pay"
        else commands_of(asked.name, view.case, case_id=view.number, serial=view.serial),
    )


def _settling(view: CaseView) -> tuple[str, ...]:
    """How what is owed and neither paid nor credited yet is settled by hand."""
    entries = [entry for line in view.money for entry in line.entries]
    done = {entry.settles for entry in entries if entry.code in {Code.CONFIRMED, Code.CREDITED, Code.RECONCILED}}
    open_ones = [entry for entry in entries if entry.code == Code.OWED and entry.sequence not in done]
    return tuple(f"houbei settle {entry.cover}/{entry.sequence} --credit --by NAME" for entry in open_ones)


# --- what is known ----------------------------------------------------------------------------------------------------


def facts_of(view: CaseView, speech: Speech, asked: Asked) -> Iterator[Said]:
    """What others said that bears on it: the inspector, the buyer, whoever asked for a look."""
    if asked.name in {"reverse", "review"} and (deed := latest(view, What.INSPECTED)) and view.recommendation:
        findings = plain(view.recommendation)
        yield speech.say("inspector_says", person=who_of(deed, speech), findings=findings)
    said = What.APPEALED if asked.name == "review" else What.REPORTED
    if asked.name in {"decide", "review"} and (deed := latest(view, said)):
        words = deed.told.get("reason") or deed.told.get("words")
        if words:
            yield speech.say("buyer_says", words=plain(str(words)))
    if asked.name == "look":
        yield from _why_look(view, speech)


def _why_look(view: CaseView, speech: Speech) -> Iterator[Said]:
    """Why somebody is to look, as long as nobody has taken it in hand since."""
    taken = max((place for place, deed in enumerate(view.deeds) if deed.what is What.TAKEN_UP), default=-1)
    for deed in view.deeds[taken + 1 :]:
        if deed.told.get("look"):
            yield speech.say("because_look")
        elif deed.what is What.HANDED_OVER:
            yield speech.say("because_person", reason=plain(str(deed.told["reason"])))
        elif deed.set_aside and deed.what is not What.TIMED_OUT:
            yield speech.say("because_aside", step=speech.say(f"step_{deed.what.value}"))


# --- what is recommended ----------------------------------------------------------------------------------------------


def _advice(view: CaseView, speech: Speech, asked: Asked) -> Said:
    case, name = view.case, asked.name
    if name in {"fetch", "recover"}:
        return speech.say(f"advice_{name}" if is_secured(case) else f"advice_{name}_unsecured")
    return _ADVICE[name](view, speech) if name in _ADVICE else speech.say(f"advice_{name}")


def is_secured(case: Case) -> bool:
    """Whether something secures the unit that is out."""
    return case.secured in {Secured.HOLD, Secured.DEPOSIT} and case.secured_minor > 0


def _advice_decide(view: CaseView, speech: Speech) -> Said:
    judged = latest(view, What.JUDGED)
    clause = "" if judged is None else str(judged.told["clause"])
    shown = count_shown(view, speech, _BUYERS)
    answer = answer_word(speech, view.case)
    if shown:
        return speech.say("advice_decide", clause=clause, answer=answer, shown=shown)
    return speech.say("advice_decide_none", clause=clause, answer=answer)


def _advice_reverse(view: CaseView, speech: Speech) -> Said:
    verdict = view.case.verdict or "no_fault_found"
    shown = count_shown(view, speech, _BUYERS)
    if verdict == "no_fault_found" and not shown:
        return speech.say("advice_reverse_no_fault_found_none")
    return speech.say(f"advice_reverse_{verdict}", shown=shown, clause=verdict_clause(view))


def verdict_clause(view: CaseView) -> str:
    """Give the clause that an inspection's verdict is measured by; '' where there is none."""
    promised = None if view.promise is None else view.promise.terms.replacement
    if promised is None or view.case.verdict in {None, Verdict.CONFIRMED}:
        return ""
    if view.case.verdict is Verdict.OTHER_SERIAL:
        return promised.serial_clause
    code = {Verdict.MISUSE: "misuse", Verdict.ACCESSORY_MISSING: "accessory"}.get(view.case.verdict)
    excluded = next((fault.clause for fault in promised.excluded if fault.code == code), "")
    return excluded or promised.inspection_clause


def _with_turn(name: str) -> _Adviser:
    return lambda view, speech: speech.say(f"advice_{name}", turn=speech.say(f"turn_{view.case.stage.value}"))


def _mono(text: str) -> Markup:
    return Markup('<span class="mono">{}</span>').format(text)


def _advice_ship(view: CaseView, speech: Speech) -> Said:
    turn = speech.say(f"turn_{view.case.stage.value}")
    return speech.say("advice_ship", turn=turn, serial=_mono(view.case.new_serial))


def _advice_review(view: CaseView, speech: Speech) -> Said:
    """Who decided before is named as they are shown: somebody else decides now."""
    deed = latest(view, What.DECIDED, What.REVERSED)
    if deed is None:
        return speech.say("advice_review_auto")
    return speech.say("advice_review", person=name_of(deed) or speech.say("review_before"))


_ADVICE: Mapping[str, _Adviser] = MappingProxyType(
    {
        "decide": _advice_decide,
        "reverse": _advice_reverse,
        "review": _advice_review,
        "ship": _advice_ship,
        **{name: _with_turn(name) for name in ("call", "find", "mend", "send_back")},
        "chase": lambda view, speech: speech.say(
            "advice_chase", amount=speech.money(view.case.claimed_minor, view.currency)
        ),
        "recall": lambda view, speech: speech.say("advice_recall", serial=_mono(view.case.recalled_serial)),
    }
)


# --- what follows -----------------------------------------------------------------------------------------------------


def _outcomes(view: CaseView, speech: Speech, name: str) -> Iterator[Said]:
    case = view.case
    if name == "review":
        yield speech.say("outcome_review_yes", answer=answer_word(speech, case))
        yield speech.say("outcome_review_no")
    if name == "decide":
        yield speech.say("outcome_yes", answer=answer_word(speech, case))
        yield speech.say("outcome_no")
    if name == "reverse":
        yield speech.say("outcome_stands")
        taken = min(case.secured_minor, case.value_minor)
        yield speech.say(_reversed(case), amount=speech.money(taken, view.currency))
    if name in _DECIDED:
        accepts = (
            view.rules.silence_accepts and name != "review" and case.remedy is not Remedy.NONE and not case.appealed
        )
        yield speech.say("outcome_silence_accepts" if accepts else "outcome_silence_person")
    elif name == "renew":
        yield speech.say("outcome_hold")
    else:
        yield speech.say("outcome_goes_on" if name in {"look", "chase", "recall"} else "outcome_waits")


def _reversed(case: Case) -> str:
    if case.new is not New.WITH_BUYER:
        return "outcome_reversed_old"
    return "outcome_reversed_new" if is_secured(case) else "outcome_reversed_new_unsecured"
