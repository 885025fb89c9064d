"""What puts a promise at risk and who can still do something about it, in Chinese and English, for the people of a shop."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Pair = tuple[str, str]
_HOUR_US = 3_600_000_000

RISKS: Mapping[str, Pair] = {
    "none": ("没有风险", "no risk"),
    "may_be_late": ("可能迟到", "may be late"),
    "will_be_late": ("多半迟到", "most likely late"),
    "late": ("已经迟到", "late"),
}
"""What each risk is called."""

WHYS: Mapping[str, Pair] = {
    "not_handed_over": ("还没有交给承运商", "not handed over to the carrier yet"),
    "no_scan_for": (
        "{hours}小时没有它的扫描，承运商别的包裹有",
        "no scan of it for {hours} h, while its carrier scans others",
    ),
    "feed_silent": ("{carrier}自{since}起没有任何扫描", "no scans at all from {carrier} since {since}"),
    "lost": ("多半丢了", "most likely lost"),
    "attempted": ("上门没有送成", "somebody stood before a closed door"),
    "sent_back": ("正在退回", "on its way back"),
    "closure": ("当地停运", "its region is closed"),
    "behind_usual": ("同路线的包裹大多已到", "most parcels of its lane are there by now"),
    "time_short": ("剩下的时间不多", "little time is left"),
}
"""Why a promise is at risk."""

ACTS: Mapping[str, Pair] = {
    "warehouse": ("仓库要在{at}前交给承运商", "the warehouse hands it over by {at}"),
    "carrier": ("承运商要在{at}前接手加急", "the carrier hurries it by {at}"),
    "desk": ("客服要在{at}前告诉买家", "the desk tells the buyer by {at}"),
    "nobody": ("", ""),
}
"""Who can still do something, and until when."""

SILENT: Pair = (
    "{carrier}自{since}起没有扫描，{promises}个承诺看不到进展。",
    "No scans from {carrier} since {since}; {promises} promises cannot be seen.",
)
"""A feed that has fallen silent, as one matter."""


def say_why(found: Mapping[str, Any], language: str, *, moment: Callable[[int], str]) -> str:
    """Say why a promise is at risk.

    Args:
        found: What was kept of it (`deliveries.at_risk`).
        language: `zh` or `en`.
        moment: How a moment is written.
    """
    seen_us = found["looked_us"] if found["seen_us"] is None else found["seen_us"]
    facts = {
        "hours": (found["looked_us"] - seen_us) // _HOUR_US,
        "carrier": found["carrier"],
        "since": "" if found["silent_since_us"] is None else moment(found["silent_since_us"]),
    }
    said: Sequence[str] = [_in(WHYS[why], language).format(**facts) for why in found["why"]]
    return ("，" if language == "zh" else ", ").join(said)


def say_act(found: Mapping[str, Any], language: str, *, moment: Callable[[int], str]) -> str:
    """Say who can still do something about it and until when, arguments as for `say_why`; nothing where nobody can."""
    act_by_us = found["act_by_us"]
    return "" if act_by_us is None else _in(ACTS[found["who"]], language).format(at=moment(act_by_us))


def say_risk(found: Mapping[str, Any], language: str) -> str:
    """Name the risk of a promise."""
    return _in(RISKS[found["risk"]], language)


def say_silent(told: Mapping[str, Any], language: str, *, moment: Callable[[int], str]) -> str:
    """Say that a carrier's feed has fallen silent, by what its need tells; the other arguments as for `say_why`."""
    return _in(SILENT, language).format(
        carrier=told["carrier"], since=moment(told["since_us"]), promises=told["promises"]
    )


def _in(pair: Pair, language: str) -> str:
    return pair[language == "en"]
