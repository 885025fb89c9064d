"""The list of cases: those that need a person first, by their deadline; then the open ones by stage; then those that ended lately."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from houbei.backtest.report.tongue import Said
from houbei.case.stages import ENDS, Stage
from houbei.store.case_rules import leading
from houbei.store.console_case_lists import (
    Counted,
    Listed,
    Waiting,
    count_cases,
    list_case,
    other_cases,
    waiting_cases,
)
from houbei.web.case_asks import Asked, ask_of
from houbei.web.case_decision import ask_word, until_word
from houbei.web.frame import Frame, frame_values
from houbei.web.paging import page_of
from houbei.web.speech import Speech

Pressing = tuple[int, Waiting, Asked]
"""The moment a case is due or has waited since, the case, and what it asks."""
FILTERS = ("needs", "open", "ended")
"""Parts of the list, in their order: each case is in one of them."""
_NOT_GIVEN = frozenset({Stage.NOT_COVERED, Stage.UNDONE, Stage.WITHDRAWN})
_THEIRS = frozenset({Stage.ON_THE_WAY, Stage.COMING_BACK, Stage.OLD_ON_THE_WAY, Stage.REPAIRING, Stage.REFUND_DUE})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case as a row: how far it is, what it asks and by when, where it does; else until when its stage may last."""

    number: str
    item: str
    href: str
    look: str
    stage: Said
    ask: Said | str
    until: Said | str
    opened: str


def cases_values(frame: Frame, *, show: str | None, stage: str | None, page: int) -> dict[str, Any]:
    """Work out the list.

    Args:
        frame: The request.
        show: One of `FILTERS`; anything else shows all.
        stage: Only cases of one stage; anything else shows all.
        page: Which page.

    Cost: a pass over the cases; those that need a person are all read.
    """
    speech = frame.speech
    counts = count_cases(frame.connection)
    show = show if show in FILTERS else None
    only = Stage(stage) if stage in set(Stage) else None
    sizes = _sizes([one for one in counts if only in {None, one.stage}])
    rows = sum(sizes[part] for part in FILTERS if show in {None, part})

    def here(number: int | None = None, *, shown: str | None = show, of: Stage | None = only) -> str:
        return frame.href("cases", show=shown, stage=None if of is None else of.value, page=number)

    part = page_of(page, rows=rows, href=here)
    whole = _sizes(counts)
    count = sum(whole.values())
    told = speech.say(
        "cases_sub_needs" if whole["needs"] else "cases_sub",
        n=whole["needs"],
        open=speech.number_text(whole["open"]),
        ended=speech.number_text(whole["ended"]),
    )
    return frame_values(frame, here="cases", title=speech.say("cases_title")) | {
        "sub": told,
        "filters": list(_filters(speech, _sizes(counts), here, show)),
        "stages": list(_stages(speech, counts, here, show, only)),
        "rows": [row_of(frame, one) for one in _listed(frame, sizes, show, only, part.offset, part.size)],
        "known": count,
        "kept": None if only is None and show is None else _kept(speech, show, only),
        "clear": here(shown=None, of=None),
        "page": part,
        "rows_said": speech.say("cases_total", n=rows),
    }


def by_deadline(frame: Frame, *, stage: Stage | None = None) -> list[Pressing]:
    """Give what every case that waits asks, with the moment it is due or has waited since, the most pressing first."""
    terms = {promise.seq: promise.terms for promise in frame.promises}
    found = []
    for one in waiting_cases(frame.connection, stage=stage):
        rules = leading(None if one.terms is None else terms[one.terms], one.currency)
        asked = ask_of(one.case, rules) or Asked(name="look", by_us=None)
        found.append((one.since_us if asked.by_us is None else asked.by_us, one, asked))
    return sorted(found, key=lambda entry: (entry[0], entry[1].case_id))


def row_of(frame: Frame, listed: Listed) -> CaseRow:
    """Give a case as a row of the list."""
    speech, standing = frame.speech, listed.standing
    case = standing.case
    terms = next((promise.terms for promise in frame.promises if promise.seq == standing.terms), None)
    asked = None if listed.waits_us is None else ask_of(case, leading(terms, standing.currency))
    until: Said | str = ""
    if asked is not None:
        until = until_word(speech, asked, now_us=frame.now_us, since_us=listed.waits_us or 0)
    elif standing.due_us is not None:
        until = speech.say("case_until", moment=speech.due(standing.due_us))
    return CaseRow(
        number=standing.case_id,
        item=listed.line.title or listed.line.sku,
        href=frame.href("cases", standing.case_id),
        look="wait" if asked is not None else _look(case.stage, over=case.over),
        stage=speech.say(f"stage_{case.stage.value}"),
        ask="" if asked is None else ask_word(speech, asked, case),
        until=until,
        opened=speech.moment(standing.opened_us),
    )


def _look(stage: Stage, *, over: bool) -> str:
    if stage in _NOT_GIVEN:
        return "none"
    if stage in ENDS and over:
        return "done"
    return "move" if stage in _THEIRS else "yet"


def _sizes(counts: Sequence[Counted]) -> dict[str, int]:
    """How many cases each part of the list has."""
    return {
        "needs": sum(one.waiting for one in counts),
        "open": sum(one.open for one in counts),
        "ended": sum(one.over for one in counts),
    }


def _listed(
    frame: Frame, sizes: dict[str, int], show: str | None, stage: Stage | None, offset: int, limit: int
) -> Iterator[Listed]:
    """The cases of one page: the parts of the list stand behind one another, and a page may begin in one and end in the next."""
    for part in FILTERS:
        if show not in {None, part} or limit <= 0:
            continue
        size, first = sizes[part], min(offset, sizes[part])
        take = min(size - first, limit)
        yield from (list_case(frame.connection, number) for number in _numbers(frame, part, stage, first, take))
        offset, limit = offset - first, limit - take


def _numbers(frame: Frame, part: str, stage: Stage | None, first: int, take: int) -> list[str]:
    if take <= 0:
        return []
    if part == "needs":
        return [one.case_id for _, one, _ in by_deadline(frame, stage=stage)[first : first + take]]
    return other_cases(frame.connection, over=part == "ended", stage=stage, limit=take, offset=first)


def _filters(
    speech: Speech, sizes: dict[str, int], here: Any, show: str | None
) -> Iterator[tuple[Said, str, bool, bool]]:
    """The parts: the word with its count, the address, whether it is the one that is shown, whether it waits for a person."""
    yield speech.say("cases_all", n=sum(sizes.values())), here(shown=None, of=None), show is None, False
    for part in FILTERS:
        yield (
            speech.say(f"cases_{part}", n=sizes[part]),
            here(shown=part, of=None),
            show == part,
            part == "needs" and sizes[part] > 0,
        )


def _stages(
    speech: Speech, counts: Sequence[Counted], here: Any, show: str | None, only: Stage | None
) -> Iterator[tuple[Said, str, bool]]:
    """The stages that the shown part has any case in, each with its count; the chosen one stays even where it has none."""
    for one in counts:
        sizes = _sizes([one])
        n = sum(sizes[part] for part in FILTERS if show in {None, part})
        if n or one.stage is only:
            word = speech.say("cases_stage", stage=speech.say(f"stage_{one.stage.value}"), n=n)
            yield word, here(of=None if one.stage is only else one.stage), one.stage is only


def _kept(speech: Speech, show: str | None, only: Stage | None) -> str:
    """Name what the list is narrowed to."""
    words = [] if show is None else [speech.say(f"cases_word_{show}")]
    words += [] if only is None else [speech.say(f"stage_{only.value}")]
    return str(speech.say("and")).join(str(word) for word in words)
