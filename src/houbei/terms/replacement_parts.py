"""The parts of a document of the kinds replacement and return, read into what they promise."""

from typing import Any

from houbei.errors import TermsError
from houbei.terms.lengths import Length, parse_length
from houbei.terms.model import Kind
from houbei.terms.reading import Document, Part, texts_of
from houbei.terms.replacement import (
    AfterSwap,
    Decided,
    Fault,
    Gives,
    OnSilence,
    Replacement,
    Security,
    Way,
    decided_by,
)

_EXCHANGE = "exchange"
"""Another word for replace."""


def read_replacement(full: Part, document: Document) -> Replacement:
    """Read what a document promises beyond its scope and window.

    Args:
        full: The whole document, typed and with its defaults.
        document: Where it is from.

    Raises:
        TermsError: Something in it cannot be, such as a fault that both counts and is excluded.
    """
    evidence = tuple(full["evidence"])
    faults, excluded = (_faults(full, document, key, evidence) for key in ("faults", "excluded"))
    _check_faults(full, faults, excluded, document)
    _check_swaps(full, document)
    serial, remedy, inspection, deadlines = full["serial"], full["remedy"], full["inspection"], full["deadlines"]
    choices = _unavailable(full, document)
    other = choices.get("other_model", {})
    where = document.condition(full["claims"], "claims", "where")
    return Replacement(
        gives=_gives(full, document),
        remedy_clause=document.clause(remedy, "remedy"),
        faults=faults,
        faults_clause=document.cited(full, "faults_clause"),
        excluded=excluded,
        evidence=evidence,
        claims_where=where,
        claims_clause=document.clause(full["claims"], "claims"),
        intact=full.get("condition", "intact" if full["kind"] == Kind.RETURN else "any") == "intact",
        intact_clause=document.cited(full, "condition_clause"),
        serial_must_match=serial["must_match"],
        serial_clause=document.clause(serial, "serial"),
        inspection_by=inspection["by"],
        inspection_sla=_length(inspection, document, "inspection", "sla"),
        on_silence=OnSilence(inspection["on_silence"]),
        inspection_clause=document.clause(inspection, "inspection"),
        decide_sla=_length(deadlines, document, "deadlines", "decide"),
        choose_sla=_length(deadlines, document, "deadlines", "choose"),
        return_sla=_length(deadlines, document, "deadlines", "return"),
        stock_wait=_length(deadlines, document, "deadlines", "stock"),
        **_fulfilment(full, document),
        unavailable=tuple(choices),
        pay_up=other.get("pay_up", True),
        pay_down=other.get("pay_down", True),
        other_model_limit=other.get("limit"),
        other_model_clause=document.cited(other, "unavailable", "clause"),
        refund_net_of_price_protection=remedy["net_of_price_protection"],
        after_swap=AfterSwap(full["after_swap"]),
        uses=full.get("uses"),
        uses_clause=document.cited(full, "uses_clause"),
    )


def _length(part: Part, document: Document, *path: str) -> Length:
    return parse_length(part[path[-1]], where=document.at(*path))


def _gives(full: Part, document: Document) -> tuple[Gives, ...]:
    words = full["remedy"].get("gives", ["refund" if full["kind"] == Kind.RETURN else "replace"])
    gives = tuple(Gives.REPLACE if word == _EXCHANGE else Gives(word) for word in words)
    if len(set(gives)) < len(gives):
        raise TermsError(
            came="exchange beside replace",
            where=document.at("remedy", "gives"),
            expected="each remedy once",
            todo="Remove one: exchange is another word for replace.",
        )
    return gives


def _faults(full: Part, document: Document, key: str, evidence: tuple[str, ...]) -> tuple[Fault, ...]:
    found = []
    for number, fault in enumerate(full[key]):
        shown = tuple(fault.get("evidence", evidence if key == "faults" else ()))
        found.append(
            Fault(
                code=fault["code"],
                **texts_of(fault["text"]),
                evidence=shown,
                decided=Decided(fault["decided"]) if "decided" in fault else decided_by(shown),
                clause=document.clause(fault, key, number),
            )
        )
    return tuple(found)


def _check_faults(full: Part, faults: tuple[Fault, ...], excluded: tuple[Fault, ...], document: Document) -> None:
    codes = [fault.code for fault in (*faults, *excluded)]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise TermsError(
            came=f"the fault {twice[0]} twice",
            where=document.at("excluded" if excluded else "faults"),
            expected="each code once, either among the faults or excluded",
            todo="Remove one of them.",
        )
    if faults and full["kind"] == Kind.RETURN:
        raise TermsError(
            came="faults in a return",
            where=document.at("faults"),
            expected="no faults: a return needs no reason",
            todo="Remove them, or make it a replacement.",
        )


def _check_swaps(full: Part, document: Document) -> None:
    if full["after_swap"] == AfterSwap.RESTART and "length" not in full["window"]["closes"]:
        raise TermsError(
            came="a window that restarts and has no length",
            where=document.at("after_swap"),
            expected="inherit or end: the window closes on a fixed moment",
            todo="Correct one of the two.",
        )


def _fulfilment(full: Part, document: Document) -> dict[str, Any]:
    said = full["fulfilment"]
    part: Part = said if isinstance(said, dict) else {"way": said, "security": Security.NONE, "hold_lasts": "P7D"}
    way, security = Way(part["way"]), Security(part["security"])
    if way is Way.AFTER_RETURN and security is not Security.NONE:
        raise TermsError(
            came=f"security: {security} although the old unit comes first",
            where=document.at("fulfilment", "security"),
            expected="a security for way: advance alone",
            todo="Remove it, or make the way advance.",
        )
    return {
        "way": way,
        "security": security,
        "security_limit": part.get("limit"),
        "hold_lasts": _length(part, document, "fulfilment", "hold_lasts"),
    }


def _unavailable(full: Part, document: Document) -> dict[str, Part]:
    """The choices in their order, each with what is said of it."""
    choices: dict[str, Part] = {}
    for number, choice in enumerate(full["unavailable"]):
        name = choice if isinstance(choice, str) else "other_model"
        if name in choices:
            raise TermsError(
                came=f"{name} twice",
                where=document.at("unavailable", number),
                expected="each choice once",
                todo="Remove one of them.",
            )
        choices[name] = {} if isinstance(choice, str) else choice["other_model"]
    return choices
