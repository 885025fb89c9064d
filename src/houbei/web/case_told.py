"""What a step tells besides, in words: every kind of fact once, free text as it was written, codes by their names."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from markupsafe import Markup, escape

from houbei.backtest.report.tongue import Said
from houbei.facts.steps import SHAPES, Teller, Told, What
from houbei.ledger.entries import Code
from houbei.store.console_cases import CaseView, Deed
from houbei.web.speech import Speech

SILENT = frozenset(
    {"value_minor", "refund_minor", "term", "exhibits", "answers", "document", "until_us", "stage", "look", "kind"}
)
"""What the page tells elsewhere: money and clauses beside the story, files as links."""
_AS_WRITTEN = frozenset({"reason", "outcome", "warehouse", "findings", "supplier", "sku", "note", "words", "form"})
_FOR_MACHINES = frozenset({"serial", "old_serial", "new_serial", "reference", "parcel"})
_CODED = MappingProxyType({"channel": "channel", "answer": "answer", "choice": "choice", "verdict": "verdict"})
KINDS = MappingProxyType({"photo": "case_photos", "video": "case_videos", "pdf": "case_pdfs"})
"""What files show, and how they are counted."""
_SHA256 = re.compile("[0-9a-f]{64}")
_ENDS = "。．.;；，, "


def tell_deed(view: CaseView, deed: Deed, speech: Speech) -> Markup:
    """Tell what a step says, as sentences; empty where it says nothing more than that it happened."""
    parts = [part for name in _names(deed.what) if name in deed.told for part in _tell(view, deed, name, speech)]
    return sentences(speech, parts)


def sentences(speech: Speech, parts: Sequence[Said | str]) -> Markup:
    """Put parts into one run of sentences."""
    if not parts:
        return Markup()
    between, stop = str(speech.say("semicolon")), str(speech.say("stop"))
    return Markup("{}{}").format(joined(parts, between), stop)


def joined(parts: Iterable[Said | str], between: str) -> Markup:
    """Put parts behind one another with a word of ours between them; what they hold is escaped."""
    return escape(between).join(parts)


def exhibits_told(deed: Deed) -> list[str]:
    """Give the hashes of the files that a step names, in its order."""
    return _SHA256.findall(str(deed.told.get("exhibits", "")))


def count_shown(view: CaseView, speech: Speech, tellers: frozenset[Teller]) -> str:
    """Say what some tellers showed: how many photos, videos, documents; '' for nothing."""
    hashes = {sha256 for deed in view.deeds if deed.teller in tellers for sha256 in exhibits_told(deed)}
    kinds = [view.shown[sha256].kind for sha256 in hashes if sha256 in view.shown]
    return str(speech.say("and")).join(
        str(speech.say(word, n=kinds.count(kind))) for kind, word in KINDS.items() if kind in kinds
    )


def plain(text: str) -> str:
    """Give free text without the stop at its end: the sentence it stands in has its own."""
    return text.strip().rstrip(_ENDS)


def fault_word(view: CaseView, code: str, speech: Speech) -> str:
    """Name a fault as the promise does; by its code where the promise does not list it."""
    promised = None if view.promise is None else view.promise.terms.replacement
    fault = None if promised is None else promised.fault(code)
    if fault is None:
        return code
    return fault.zh if speech.language == "zh" else fault.en


def evidence_words(kinds: str, speech: Speech) -> str:
    """Name kinds of evidence, which a step tells parted by commas."""
    words = [
        str(speech.say(f"evidence_{kind}")) if speech.has(f"evidence_{kind}") else kind for kind in kinds.split(",")
    ]
    return str(speech.say("and")).join(words)


def _names(what: What) -> Sequence[str]:
    return (*SHAPES[what].must, *SHAPES[what].may)


def _tell(view: CaseView, deed: Deed, name: str, speech: Speech) -> Iterator[Said | Markup]:
    value = _receipt(view) or deed.told[name] if deed.what is What.REFUNDED and name == "reference" else deed.told[name]
    if name in SILENT or (name == "clause" and not value):
        return
    if (special := SPECIAL.get(name)) is not None:
        yield from special(view, deed, value, speech)
        return
    yield speech.say(f"told_{name}", value=_shown(view, name, value, speech))


def _receipt(view: CaseView) -> str:
    """The provider's own number of the refund, which the books cite; '' where they cite none."""
    entries = [entry for line in view.money for entry in line.entries if entry.code == Code.CONFIRMED]
    return next((entry.receipt for entry in reversed(entries) if entry.receipt), "")


def _shown(view: CaseView, name: str, value: Told, speech: Speech) -> object:
    if name.endswith("_minor"):
        return speech.money(int(value), view.currency)
    if name in _FOR_MACHINES:
        return Markup('<span class="mono">{}</span>').format(value)
    if name in _CODED:
        key = f"{_CODED[name]}_{value}"
        return speech.say(key) if speech.has(key) else str(value)
    return plain(str(value)) if name in _AS_WRITTEN else str(value)


_Teller = Callable[[CaseView, Deed, Told, Speech], Iterator[Said | Markup]]


def _tell_fault(view: CaseView, _deed: Deed, value: Told, speech: Speech) -> Iterator[Said]:
    yield speech.say("told_fault", value=fault_word(view, str(value), speech))


def _tell_clause(view: CaseView, _deed: Deed, value: Told, speech: Speech) -> Iterator[Said]:
    word: object = value
    if value in {clause.id for clause in view.clauses}:
        word = Markup('<a class="ev" href="#clause-{0}">{0}</a>').format(value)
    yield speech.say("told_clause", value=word)


def _tell_wants(_view: CaseView, deed: Deed, value: Told, speech: Speech) -> Iterator[Said]:
    if deed.what is What.REPORTED:
        yield speech.say("told_wishes", value=speech.say(f"answer_{value}") if speech.has(f"answer_{value}") else value)
    elif value:
        yield speech.say("told_wants", value=evidence_words(str(value), speech))


def _tell_flag(key: str, *, when: bool = True) -> _Teller:
    def tell(_view: CaseView, _deed: Deed, value: Told, speech: Speech) -> Iterator[Said]:
        if bool(value) is when:
            yield speech.say(key)

    return tell


def _tell_intact(_view: CaseView, _deed: Deed, value: Told, speech: Speech) -> Iterator[Said]:
    yield speech.say("told_intact_yes" if value else "told_intact_no")


def _tell_slot(_view: CaseView, deed: Deed, value: Told, speech: Speech) -> Iterator[Said]:
    until_us = int(deed.told["until_us"])
    yield speech.say("told_slot", from_moment=speech.moment(int(value)), until_time=speech.time(until_us))


def _tell_which(_view: CaseView, _deed: Deed, value: Told, speech: Speech) -> Iterator[Said]:
    yield speech.say("told_which_old" if value == "old" else "told_which_new")


def _tell_code(_view: CaseView, _deed: Deed, _value: Told, speech: Speech) -> Iterator[Said]:
    """That the buyer's code was given, never the code itself."""
    yield speech.say("told_code")


SPECIAL: Mapping[str, _Teller] = MappingProxyType(
    {
        "fault": _tell_fault,
        "clause": _tell_clause,
        "wants": _tell_wants,
        "statute": _tell_flag("told_statute"),
        "by_person": _tell_flag("told_by_person"),
        "intact": _tell_intact,
        "from_us": _tell_slot,
        "which": _tell_which,
        "code": _tell_code,
    }
)
