"""What buyers are told about their deliveries, in Chinese and English. Nothing beyond what is known: “paid” is said only of what is paid.

A latest date is named only where the shop has shown one, and an amount only where the terms pay it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from houbei.delivery.telling import Telling
from houbei.terms.delivery import Reaches

LANGUAGES = ("zh", "en")
_HOUR_US = 3_600_000_000
_NOON = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class Paid(StrEnum):
    """How a payment reached the buyer."""

    BACK = "back"
    """The way they paid."""
    CREDIT = "credit"
    """As store credit."""
    POINTS = "points"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """An amount as it is written in a language, and how it reaches the buyer."""

    text: str
    paid: Paid


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The facts of a telling. Moments are µs UTC; what is None is not known, and not said.

    `by_us` is the first late moment that was promised, `latest_us` that of what the shop has shown since, or of what a closure moved the
    promise to. `likely` tells whether lateness is more than possible, `unseen` that the carrier's feed is silent. `over_us` is how late it
    must be for `sums`. `because` is the name of the closure by language. `now_us` is when the buyer is to hear it at the earliest: a day is
    called today or tomorrow only in a warning for that very day, which nobody hears any later.
    """

    kind: Telling
    reaches: Reaches
    by_us: int
    now_us: int
    zone: str
    latest_us: int | None = None
    likely: bool = False
    unseen: bool = False
    over_us: int = 0
    because: tuple[str, str] | None = None


_ZH: dict[str, str] = {
    "may": "{when}可能{cannot}{latest}。",
    "will": "{when}多半{cannot}了{latest}。",
    "late": "没能在{by}{done}。",
    "late, unseen": "我们没有看到它在{by}{done}。",
    "new_date": "原定{by}{done}，改到{new}{because}。",
    "latest": "，最迟{new}",
    "because": "，因为{name}",
    "if_late": "迟到赔你{sums}，不用申请。",
    "if_later": "晚了超过{late}就赔你{sums}，不用申请。",
    "owed": "赔你{sums}，不用申请，付好了再告诉你。",
    "paid": "这次没能按时{done}，{ways}。你什么都不用做。",
    "way_back": "{sum}已原路退回",
    "way_credit": "{sum}已记入店铺余额",
    "way_points": "{sum}已记入你的账户",
    "points": "{points}积分",
    "and": "和",
    "then": "，",
}
_EN: dict[str, str] = {
    "may": "It may not {cannot} {when}.{latest}",
    "will": "It most likely will not {cannot} {when}.{latest}",
    "late": "It {done} by {by}.",
    "late, unseen": "We have not seen it {cannot} by {by}.",
    "new_date": "It was to {cannot} by {by}; it is now by {new}{because}.",
    "latest": " Latest {new}.",
    "because": ", because of this: {name}",
    "if_late": " If late we pay you {sums}, unasked.",
    "if_later": " If it is more than {late} late we pay you {sums}, unasked.",
    "owed": " We pay you {sums}, unasked, and tell you once it is paid.",
    "paid": "It {done} on time, so {ways}. There is nothing you need to do.",
    "way_back": "{sum} went back the way you paid",
    "way_credit": "{sum} went to your store balance",
    "way_points": "{sum} went to your account",
    "points": "{points} points",
    "and": " and ",
    "then": ", and ",
}
SENTENCES = {"zh": _ZH, "en": _EN}
"""Every part of a telling in each language."""

CANNOT = {
    "zh": {Reaches.HANDED_OVER: "发不出", Reaches.DELIVERED: "送不到", Reaches.INSTALLED: "装不好"},
    "en": {Reaches.HANDED_OVER: "be sent", Reaches.DELIVERED: "arrive", Reaches.INSTALLED: "be installed"},
}
DONE = {
    "zh": {Reaches.HANDED_OVER: "发出", Reaches.DELIVERED: "送到", Reaches.INSTALLED: "装好"},
    "en": {
        Reaches.HANDED_OVER: "was not sent",
        Reaches.DELIVERED: "did not arrive",
        Reaches.INSTALLED: "was not installed",
    },
}
"""What a promise is about, as a verb."""


def say_telling(told: Told, sums: Sequence[Sum], language: str) -> str:
    """Say what there is to tell.

    Args:
        told: The facts.
        sums: What is paid if it is late, owed because it is, or was paid; none where nothing is.
        language: `zh` or `en`.
    """
    words, clock = SENTENCES[language], _clock(told, language)
    verbs = {"cannot": CANNOT[language][told.reaches], "done": DONE[language][told.reaches]}
    if told.kind is Telling.PAID:
        ways = (words[f"way_{one.paid}"].format(sum=one.text) for one in sums)
        return words["paid"].format(ways=words["then"].join(ways), **verbs)
    new = "" if told.latest_us is None else clock.day(told.latest_us)
    if told.kind is Telling.NEW_DATE:
        name = None if told.because is None else told.because[LANGUAGES.index(language)]
        because = "" if name is None else words["because"].format(name=name)
        return words["new_date"].format(by=clock.day(told.by_us), new=new, because=because, **verbs)
    if told.kind is Telling.LATE:
        said = words["late, unseen" if told.unseen else "late"].format(by=clock.day(told.by_us), **verbs)
        return said + _pays(told, sums, language, now="owed")
    latest = words["latest"].format(new=new) if new else ""
    said = words["will" if told.likely else "may"].format(when=clock.when(told.by_us), latest=latest, **verbs)
    return said + _pays(told, sums, language, now="if_late")


def points_text(points: int, language: str) -> str:
    """Write points: `1,000积分`, `1,000 points`."""
    return SENTENCES[language]["points"].format(points=f"{points:,}")


def sums_of(
    amount_minor: int, currency: str, points: int, language: str, *, paid: Paid, money: Callable[[int, str], str]
) -> list[Sum]:
    """Write an amount and points that belong together; nothing of what is 0."""
    found = [Sum(text=money(amount_minor, currency), paid=paid)] if amount_minor else []
    return found + ([Sum(text=points_text(points, language), paid=Paid.POINTS)] if points else [])


def _pays(told: Told, sums: Sequence[Sum], language: str, *, now: str) -> str:
    if not sums:
        return ""
    words = SENTENCES[language]
    written = words["and"].join(one.text for one in sums)
    key = "if_later" if told.over_us else now
    return words[key].format(sums=written, late=_length(told.over_us, language))


class _Clock:
    """Days and times in a language: a promise that ends at midnight is called by the day before it. `today` is None where days have dates alone."""

    def __init__(self, language: str, zone: str, *, today: date | None) -> None:
        self._zh = language == "zh"
        self._zone = ZoneInfo(zone)
        self._today = today

    def when(self, by_us: int) -> str:
        """By when, in a sentence about what may not happen: `今晚`, `tonight`."""
        day, time = _parts(by_us, self._zone)
        if time is None and day == self._today:
            return "今晚" if self._zh else "tonight"
        text = self.day(by_us)
        if self._zh:
            return text if time is None else f"{text}前"
        return f"by {text}"

    def day(self, by_us: int) -> str:
        """The day, or the time of it, that ends at a moment: `2月16日`, `明早09:30`."""
        day, time = _parts(by_us, self._zone)
        days = None if self._today is None else (day - self._today).days
        near = days in {0, 1}
        if self._zh:
            named = ("今天", "明天")[days or 0] if near else f"{day.month}月{day.day}日"
            if time is None:
                return named
            early = days == 1 and int(time[:2]) < _NOON
            return f"明早{time}" if early else f"{named}{time}" if near else f"{named} {time}"
        named = ("today", "tomorrow")[days or 0] if near else f"{day.day} {_MONTHS[day.month - 1]}"
        return named if time is None else f"{time} {named}" if near else f"{time} on {named}"


def _clock(told: Told, language: str) -> _Clock:
    """Days by their dates; only a warning for the very day on which it is heard, which nobody hears any later, calls it today."""
    zone = ZoneInfo(told.zone)
    today = (_EPOCH + timedelta(microseconds=told.now_us)).astimezone(zone).date()
    heard_today = told.kind is Telling.AT_RISK and _parts(told.by_us, zone)[0] == today
    return _Clock(language, told.zone, today=today if heard_today else None)


def _parts(by_us: int, zone: ZoneInfo) -> tuple[date, str | None]:
    """The local day that a moment ends or lies in, and its time of day; None where it is the midnight after the day."""
    local = (_EPOCH + timedelta(microseconds=by_us)).astimezone(zone)
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        return local.date() - timedelta(days=1), None
    return local.date(), f"{local:%H:%M}"


def _length(us: int, language: str) -> str:
    """How late: in hours where they are whole, else in minutes."""
    hours, rest = divmod(us, _HOUR_US)
    number, one, many, zh = (
        (us * 60 // _HOUR_US, "minute", "minutes", "分钟") if rest else (hours, "hour", "hours", "小时")
    )
    return f"{number}{zh}" if language == "zh" else f"{number} {one if number == 1 else many}"
