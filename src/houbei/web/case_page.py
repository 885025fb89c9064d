"""The page of one case: what is asked, what happened, the clauses, the money, the units, the credits; and the list of its entries."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from markupsafe import Markup

from houbei.backtest.report.tongue import Said
from houbei.case.signal_words import explain
from houbei.case.signals import Score
from houbei.case.stages import New, Old
from houbei.case.units import Unit
from houbei.facts.steps import What
from houbei.ledger.accounts import Account
from houbei.runs.lineage_of import forest_around
from houbei.runs.signals import read_look
from houbei.store.console import Entry
from houbei.store.console_case_lists import waits_since
from houbei.store.console_cases import CaseView, read_case
from houbei.web.case_decision import decide_on, verdict_clause
from houbei.web.case_deeds import credited, latest
from houbei.web.case_money import MoneyLine, buyer_lines, cost_lines
from houbei.web.case_timeline import tell_story
from houbei.web.case_told import joined
from houbei.web.frame import Frame, frame_values
from houbei.web.ledger import entry_row
from houbei.web.speech import Speech, length_text

BUYER_SHOWN = 4
"""How many characters of a buyer's id are shown, from its end; never more than half of it."""
_OLD = MappingProxyType(
    {
        Old.WITH_COURIER: "case_unit_with_courier",
        Old.WITH_SHOP: "case_unit_back",
        Old.LOST: "case_unit_lost",
        Old.LET_GO: "case_unit_let_go",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedClause:
    """A clause as the version that the case is bound to has it, word for word, and where it stands."""

    id: str
    text: str
    source: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A unit of the chain: its serial, what became of it, and the case in which it came, with that case's page."""

    serial: str
    state: Said | str
    case: str
    href: str


def case_values(frame: Frame, *, number: str) -> dict[str, Any] | None:
    """Work out the page of a case; None where there is none. Cost: its steps folded, its cover's entries, its units' chain."""
    view = read_case(frame.connection, number, now_us=frame.now_us)
    if view is None:
        return None
    speech = frame.speech
    since_us = waits_since(frame.connection, number) or view.case.since_us
    decision = decide_on(view, speech, now_us=frame.now_us, since_us=since_us)
    last_us = max(deed.at_us for deed in view.deeds)
    took = length_text(speech, (last_us if view.case.over else frame.now_us) - view.opened_us)
    return frame_values(frame, here="cases", title=number) | {
        "number": number,
        "item": item_of(view),
        "sub": _sub(frame, view),
        "decision": decision,
        "story": list(tell_story(view, speech, decision)),
        "took": speech.say("case_took" if view.case.over else "case_so_far", length=took),
        "clauses": list(_clauses(view, speech)),
        "costs": [(line, _entries_href(frame, number, line)) for line in cost_lines(view, speech)],
        "of_buyer": [(line, _entries_href(frame, number, line)) for line in buyer_lines(view, speech)],
        "units": list(_units(frame, view)),
        "looks": [explain(score, speech.language) for score in _looks(view)],
        "credits": credited(view, speech),
    }


def item_of(view: CaseView) -> str:
    """Name what was sold: by its title where the order told one, else by its SKU."""
    return str(view.facts.get("title") or view.facts["sku"])


def hidden(buyer_id: str) -> str:
    """Show a buyer's id by its end alone: it may be a name, a telephone number or an address of mail."""
    shown = min(BUYER_SHOWN, len(buyer_id) // 2)
    return f"…{buyer_id[len(buyer_id) - shown :]}"


def _sub(frame: Frame, view: CaseView) -> Markup:
    """Who and where, when it was bought, which day it is, and how it stands."""
    speech, facts = frame.speech, view.facts
    buyer = facts.get("buyer_id")
    parts: list[Said | str] = [speech.say("case_buyer", buyer=hidden(str(buyer))) if buyer else ""]
    parts += [str(facts.get("city") or facts.get("region") or "")]
    line = Markup('<a class="ev" href="{}">{}</a>').format(
        frame.href("lines", facts["source"], facts["line_id"]), facts["order_id"]
    )
    parts += [speech.say("case_line", order=line)]
    parts += [speech.say("case_unit", n=view.unit)] if facts["quantity"] > 1 else []
    parts += [speech.say("case_bought", day=speech.day(speech.local(facts["placed_us"]).date()))]
    parts += [_day(view, speech)]
    said = joined((part for part in parts if part), str(speech.say("comma")))
    turn = speech.say(f"turn_{view.case.stage.value}")
    space = " " if speech.language == "en" else ""
    return Markup("{}{}{}").format(speech.say("case_sub", parts=said), space, turn)


def _day(view: CaseView, speech: Speech) -> Said | str:
    """Which day of the promise it is; once the case is over, or the promise is, which it was at the report. Opens the clause."""
    judged = latest(view, What.JUDGED)
    if judged is None or view.day is None or view.promise is None:
        return ""
    gone = view.case.over or (view.of_days is not None and view.day > view.of_days)
    n = int(judged.told["day"]) if gone else view.day
    key = "case_day_alone" if view.of_days is None else "case_day_of"
    said = speech.say(key, n=n, days=view.of_days)
    figure = Markup('<a class="ev" href="#clause-{}">{}</a>').format(view.promise.terms.window.clause, said)
    return speech.say("case_day_over" if gone else "case_day", figure=figure)


def _clauses(view: CaseView, speech: Speech) -> Iterator[UsedClause]:
    """The clauses that the case rests on, that which an inspection is measured by, and that which its days are counted by."""
    if view.promise is None:
        return
    terms = view.promise.terms
    named = {verdict_clause(view), terms.window.clause if view.day is not None else ""}
    more = [clause for clause in terms.clauses if clause.id in named]
    for clause in dict.fromkeys([*view.clauses, *more]):
        source = speech.say(
            "source_clause", title=terms.title[speech.language], version=terms.version, clause=clause.id
        )
        text = clause.zh if speech.language == "zh" else clause.en
        yield UsedClause(id=clause.id, text=text, source=source)


# --- money ------------------------------------------------------------------------------------------------------------


def _entries_href(frame: Frame, number: str, line: MoneyLine) -> str:
    return frame.href("cases", number, "entries", code=line.code or None, account=line.account or None)


def case_entries_values(frame: Frame, *, number: str, code: str | None, account: str | None) -> dict[str, Any] | None:
    """Work out the list of a case's entries: those with a code, of an account; each None asks for all. None where there is no case."""
    view = read_case(frame.connection, number, now_us=frame.now_us)
    if view is None:
        return None
    speech = frame.speech
    account = account if account in set(Account) else None
    code = code if code in {line.code for line in view.money} else None
    entries = sorted(
        (entry for line in view.money for entry in line.entries if _is_asked(entry, code, account)),
        key=lambda entry: entry.sequence,
    )
    what = [speech.say(f"codes_{code}")] if code else []
    what += [speech.say(f"account_{account}")] if account else []
    return frame_values(frame, here="cases", title=speech.say("case_entries", case=number)) | {
        "number": number,
        "what": what,
        "count_said": speech.say("entries_count", n=len(entries)),
        "entries": [entry_row(frame, entry) for entry in entries],
        "total": speech.money(sum(entry.amount_minor for entry in entries), view.currency),
        "whole": frame.href("cases", number, "entries") if what else None,
    }


def _is_asked(entry: Entry, code: str | None, account: str | None) -> bool:
    return code in {None, entry.code} and account in {None, entry.debit, entry.credit}


def _looks(view: CaseView) -> list[Score]:
    """The scores that asked for a look, in the order in which they did."""
    return [read_look(str(deed.told["look"])) for deed in view.deeds if deed.told.get("look")]


# --- units ------------------------------------------------------------------------------------------------------------


def _units(frame: Frame, view: CaseView) -> Iterator[UnitRow]:
    """The chain of the unit, from the one that was sold to the one that is with the buyer, and the one that is on its way."""
    speech, case = frame.speech, view.case
    chain = forest_around(frame.connection, [view.serial]).chain_of(view.serial) if view.serial else ()
    for place, unit in enumerate(chain):
        came = unit.came_by
        last = place == len(chain) - 1
        yield UnitRow(
            serial=unit.serial,
            state=_state(speech, _where(view, unit, last=last), first=place == 0),
            case="" if came is None else came.case_id,
            href="" if came is None or came.case_id == view.number else frame.href("cases", came.case_id),
        )
    known = {unit.serial for unit in chain}
    if not chain and view.serial:
        yield UnitRow(
            serial=view.serial,
            state=_state(speech, _where(view, Unit(serial=view.serial), last=True), first=True),
            case="",
            href="",
        )
    coming = {New.RESERVED: "case_unit_reserved", New.ON_THE_WAY: "case_unit_on_the_way"}
    for serial, word in ((case.lost_serial, "case_unit_lost"), (case.new_serial, coming.get(case.new, ""))):
        if serial and word and serial not in known:
            yield UnitRow(serial=serial, state=speech.say(word), case=view.number, href="")


def _where(view: CaseView, unit: Unit, *, last: bool) -> str:
    """Where a unit is: this case's old one as the case says, any other as the chain does."""
    if unit.serial == view.serial and view.case.old is not Old.WITH_BUYER:
        return _OLD[view.case.old]
    return "case_unit_back" if unit.left is not None else "case_unit_now" if last else ""


def _state(speech: Speech, where: str, *, first: bool) -> str:
    words = [word for word in ("case_unit_sold" if first else "", where) if word]
    return str(speech.say("comma")).join(str(speech.say(word)) for word in words)
