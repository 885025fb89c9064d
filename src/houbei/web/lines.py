"""One line as a page: the evidence of each promise over it. And the lines that cannot be decided."""

from typing import Any

from houbei.runs.trails import tell_trails
from houbei.store.console_case_lists import cases_of_cover, promises_of_line
from houbei.store.console_delivery_lists import deliveries_of_order
from houbei.store.console_drops import find_line
from houbei.store.console_needs import undecided_lines
from houbei.terms.model import Kind
from houbei.web.delivery_told import stand_word
from houbei.web.evidence import lay_out, why_nothing
from houbei.web.frame import Frame, frame_values
from houbei.web.paging import page_of


def line_values(frame: Frame, *, source: str, line_id: str) -> dict[str, Any] | None:
    """Work out the evidence of one line; None where there is no such line. Cost: the engine a few times over its covers."""
    line = find_line(frame.connection, source=source, line_id=line_id)
    if line is None:
        return None
    terms = {promise.seq: promise.terms for promise in frame.promises}
    under = [(cover, terms[seq]) for cover, seq in promises_of_line(frame.connection, line.seq)]
    covers = [cover for cover, promised in under if promised.kind is Kind.PRICE_PROTECTION]
    others = [(cover, promised) for cover, promised in under if promised.kind is not Kind.PRICE_PROTECTION]
    trails = tell_trails(frame.connection, covers)
    speech = frame.speech
    return frame_values(frame, here="", title=speech.say("trail_title", line=line_id)) | {
        "line_id": line_id,
        "line": line,
        "others": [promised.title[speech.language] for _, promised in others],
        "cases": [
            (number, frame.href("cases", number), speech.say(f"stage_{stage}"))
            for number, stage in (cases_of_cover(frame.connection, under[0][0]) if under else [])
        ],
        "deliveries": [
            (one.delivery_id, frame.href("deliveries", one.delivery), stand_word(speech, one))
            for one in deliveries_of_order(frame.connection, source=source, order_id=line.order_id)
        ],
        "trails": [
            lay_out(frame.connection, speech, trails[cover], cover=cover, order=line.order_id)
            for cover in covers
            if cover in trails
        ],
    }


def undecided_values(frame: Frame, *, terms: int, page: int) -> dict[str, Any] | None:
    """Work out the list of lines that one promise cannot be decided for; None where there is no such promise."""
    promise = next((promise.terms for promise in frame.promises if promise.seq == terms), None)
    if promise is None:
        return None
    speech = frame.speech
    told = [need for need in frame.needs if need.kind == "undecided" and need.told["terms"] == terms]
    part = page_of(
        page,
        rows=told[0].told["lines"] if told else 0,
        href=lambda number: frame.href("undecided", terms, page=number),
    )
    rows = undecided_lines(frame.connection, terms=terms, limit=part.size, offset=part.offset)
    trails = tell_trails(frame.connection, [row.cover for row in rows])
    return frame_values(frame, here="", title=speech.say("undecided_title")) | {
        "sub": speech.say("undecided_sub", clause=promise.scope_clause, title=promise.title[speech.language]),
        "rows": [(row, why_nothing(speech, trails[row.cover]) if row.cover in trails else "") for row in rows],
        "page": part,
    }
