"""The page of one promised arrival: what is asked, what happened, the evidence, what the promise rested on, what excuses it, the credits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from markupsafe import Markup

from houbei.backtest.report.tongue import Said
from houbei.store.console_deliveries import DeliveryView, read_delivery
from houbei.store.marks import lived_until
from houbei.terms.model import Clause
from houbei.web.case_page import UsedClause, hidden
from houbei.web.case_told import joined
from houbei.web.delivery_asks import decide_delivery
from houbei.web.delivery_evidence import clause_ids, lay_out_delivery
from houbei.web.delivery_story import tell_delivery
from houbei.web.delivery_sum import work_out
from houbei.web.delivery_told import promised_word, stand_word, told_chance
from houbei.web.frame import Frame, frame_values
from houbei.web.speech import Speech

_VERSIONS = (
    ("fact_calendar", "calendar_version"),
    ("fact_network", "network_version"),
    ("fact_model", "model_version"),
)
_VERSION_SHOWN = 12
"""How many characters of a version are shown: as many as tell one from another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rested:
    """What one promise rested on: chance and versions with their words, and the reasons for its date."""

    facts: Sequence[tuple[Said, object]]
    reasons: Sequence[str]


def delivery_values(frame: Frame, *, number: int) -> dict[str, Any] | None:
    """Work out the page of a delivery; None where there is none of that number. Cost: its facts, the entries of its cover, its sum anew."""
    view = read_delivery(frame.connection, number)
    if view is None:
        return None
    speech = frame.speech
    basis, steps = work_out(frame.connection, view, as_of_us=lived_until(frame.connection))
    decision = decide_delivery(view, speech, now_us=frame.as_of_us)
    return frame_values(frame, here="deliveries", title=view.it.delivery_id) | {
        "number": view.it.delivery_id,
        "item": item_of(view),
        "sub": _sub(frame, view),
        "decision": decision,
        "story": list(tell_delivery(view, speech, now_us=frame.as_of_us)),
        "trail": lay_out_delivery(frame, view, steps, basis),
        "clauses": list(_clauses(view, speech)),
        "rested": _rested(view, speech),
        "credits": [
            (str(speech.say("comma")).join(str(speech.say(f"told_by_{part}")) for part in one.parts), one.name)
            for one in view.credits
        ],
    }


def item_of(view: DeliveryView) -> str:
    """Name what was sold: by its title where the order told one, else by its SKU."""
    return str(view.facts.get("title") or view.facts["sku"])


def _sub(frame: Frame, view: DeliveryView) -> Markup:
    """What was promised, how it stands, whose it is, where it goes and by whom."""
    speech, it, facts = frame.speech, view.it, view.facts
    buyer = facts.get("buyer_id")
    line = Markup('<a class="ev" href="{}">{}</a>').format(
        frame.href("lines", facts["source"], facts["line_id"]), it.order_id
    )
    parts: list[Said | str] = [speech.say("delivery_order", order=line)]
    parts += [speech.say("case_buyer", buyer=hidden(str(buyer)))] if buyer else []
    parts += [it.region] if it.region else []
    parts += [speech.say("delivery_by_carrier", carrier=it.carrier)] if it.carrier else []
    promised = speech.say("delivery_promised", promised=promised_word(speech, from_us=it.from_us, by_us=it.promised_us))
    space = " " if speech.language == "en" else ""
    whose = speech.say("delivery_sub", parts=joined(parts, str(speech.say("comma"))))
    return Markup("{}{}{}{}{}{}").format(promised, space, stand_word(speech, it), speech.say("stop"), space, whose)


def _clauses(view: DeliveryView, speech: Speech) -> Iterator[UsedClause]:
    """The other clauses that bear on it, word for word as the bound version has them."""
    used = clause_ids(view)
    known: Mapping[str, Clause] = {clause.id: clause for clause in view.promise.terms.clauses}
    for name in used[1:]:
        clause = known[name]
        source = speech.say(
            "source_clause",
            title=view.promise.terms.title[speech.language],
            version=view.promise.terms.version,
            clause=clause.id,
        )
        yield UsedClause(id=clause.id, text=clause.zh if speech.language == "zh" else clause.en, source=source)


def _rested(view: DeliveryView, speech: Speech) -> Rested | None:
    """What the promise that counts rested on; None where the shop told nothing of that."""
    given = view.deciding
    if given is None:
        return None
    told, facts = given.rests_on, list[tuple[Said, object]]()
    if chance := told_chance(told):
        facts.append((speech.say("fact_chance"), chance))
    for word, name in _VERSIONS:
        version = told.get(name)
        if version:
            facts.append((speech.say(word), Markup('<span class="mono">{}</span>').format(_short(str(version)))))
    if given.provisional:
        facts.append((speech.say("fact_provisional"), speech.say("fact_provisional_value")))
    reasons = _reasons(told.get("reasons"), speech)
    return Rested(facts=facts, reasons=reasons) if facts or reasons else None


def _short(version: str) -> str:
    return version if len(version) <= _VERSION_SHOWN else f"{version[:_VERSION_SHOWN]}…"


def _reasons(told: object, speech: Speech) -> list[str]:
    """The reasons that came with a promise: sentences in both languages, or texts as they were told."""
    if isinstance(told, str):
        try:
            told = msgspec.json.decode(told)
        except msgspec.DecodeError:
            return [str(told)]
    found = told if isinstance(told, list) else []
    return [
        str(one.get(speech.language) or one.get("code") or "") if isinstance(one, dict) else str(one) for one in found
    ]
