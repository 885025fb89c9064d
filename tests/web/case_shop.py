"""The appliance shop with replacements: a dozen cases told through the public path, from the first report to the settled swap.

As of the morning of 18 February 2026 in Beijing. One case asks whether misuse changes anything, one buyer has been silent for days, one
courier brought a unit that nobody had set aside, one person would rather not be named. All people here are made up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from houbei.facts.steps import SHAPES, Person, Teller, What
from houbei.runs.case_timers import tick
from houbei.runs.reports import Report, report
from houbei.runs.told_by_hand import Said, tell_said
from houbei.store.exhibits import Exhibit, exhibits_of, keep
from tests.store.exhibit_files import film, pdf, photo
from tests.web.appliance_shop import moment, open_shop

DOCUMENTS = ("jd-appliances", "jd-appliances-180", "cn-sanbao-year")
HE = Person(name="何秀琴", role="沈阳仓", named=True)
HAN = Person(name="韩立冬", role="上门师傅", named=True)
ZHAO = Person(name="赵明远", role="高级技师", named=True)
ZHOU = Person(name="周敏", role="运营", named=True)
SHY = Person(name="秦不愿", role="上门师傅", named=False)
FINDINGS = "滚筒轴承磨损，外壳左下有3厘米磕痕"
BUYER = "13800009912"
WASHER, TELEVISION = "松涧10公斤洗烘一体机", "观塘75英寸电视"
SILENT_SINCE = "2026-02-12T09:00+08:00"
_BY = {Teller.WAREHOUSE: HE, Teller.COURIER: HAN, Teller.INSPECTOR: ZHAO, Teller.SHOP: ZHOU}
_ORDER = (*_BY, Teller.PAYMENT, Teller.BUYER, Teller.SUPPLIER)
_FIRST = (Teller.COURIER, Teller.WAREHOUSE, Teller.INSPECTOR, Teller.PAYMENT, Teller.BUYER, Teller.SHOP)
Event = tuple[int, Callable[[Engine], None]]


@dataclass
class CaseShop:
    """Where the shop's store and files lie, and its cases by what they show."""

    folder: Path
    cases: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    database: Engine | None = None

    def __post_init__(self) -> None:
        self._numbers = count(1)

    @property
    def store(self) -> Engine:
        assert self.database is not None
        return self.database

    @property
    def exhibits(self) -> Path:
        return exhibits_of(self.folder / "houbei.db")

    def reported(self, name: str, line: int, at: str, *, files: Sequence[bytes] = (), **told: Any) -> None:
        step_id = f"report-{next(self._numbers)}"

        def happen(database: Engine) -> None:
            said = {"fault": "noise", "words": "脱水时异响，报错E4。", "serial": f"SJ-{line:04}", "channel": "app"}
            it = {"source": "app", "step_id": step_id, "at_us": moment(at), "line_id": f"R{line}-1"}
            kept = tuple(self._kept(content) for content in files)
            found = report(database, Report(**{**it, **said, **told}, exhibits=kept), now_us=moment(at))
            self.cases[name] = found.led.now.case_id

        self.events.append((moment(at), happen))

    def told(
        self, name: str, what: What, at: str, *, by: Person | None = None, files: Sequence[bytes] = (), **told: Any
    ) -> None:
        """Tell a step by the first who may; one who has a name gives it."""
        teller = next(one for one in _FIRST if one in SHAPES[what].tellers)
        learnt, step_id = told.pop("learnt", at), f"step-{next(self._numbers)}"

        def happen(database: Engine) -> None:
            kept = [self._kept(content) for content in files]
            more = {"exhibits": ",".join(one.sha256 for one in kept)} if kept else {}
            said = Said(
                case=self.cases[name],
                what=what,
                teller=teller,
                told={**told, **more},
                person=by or _BY.get(teller),
                at_us=moment(at),
                step_id=step_id,
            )
            tell_said(database, said, now_us=moment(learnt), exhibits=kept)

        self.events.append((moment(learnt), happen))

    def happen(self, database: Engine, until_us: int) -> None:
        """Let happen what happened by a moment, deadlines and all, in its order."""
        due = sorted((event for event in self.events if event[0] <= until_us), key=lambda event: event[0])
        self.events = [event for event in self.events if event[0] > until_us]
        for at_us, happen in due:
            tick(database, now_us=at_us)
            happen(database)
        tick(database, now_us=until_us)

    def _kept(self, content: bytes) -> Exhibit:
        kept = keep(self.exhibits, content)
        assert isinstance(kept, Exhibit), kept
        return kept


def open_case_shop(folder: Path, *, waits: bool) -> CaseShop:
    """Make the shop; `waits`: with cases, and all else, that need a person."""
    shop = CaseShop(folder)
    _settled(shop)
    _on_the_way(shop)
    _refunded(shop)
    if waits:
        _misuse(shop)
        _to_decide(shop)
        _silent(shop)
        _another_unit(shop)
        _not_covered(shop)
        _old_unit_due(shop)
    lines = [_line(number) for number in range(1, 15)]
    shop.database = open_shop(folder, waits=waits, documents=DOCUMENTS, lines=lines, meanwhile=shop.happen)
    return shop


def _line(number: int) -> dict[str, str]:
    category, title = (("washer", WASHER), ("tv", TELEVISION))[number % 2]
    return {
        "order_id": f"20251103-{number:04}",
        "line_id": f"R{number}-1",
        "buyer_id": BUYER,
        "sku": f"SJ-{category}",
        "title": title,
        "city": "沈阳",
        "seller": "self",
        "category": category,
        "quantity": "1",
        "paid": "4899.00",
        "currency": "CNY",
        "placed_at": f"2025-11-03T10:{number:02}+08:00",
        "paid_at": f"2025-11-03T10:{number:02}+08:00",
        "delivered_at": "2025-11-05T15:30+08:00",
        "serials": f'["SJ-{number:04}"]',
    }


# --- the cases --------------------------------------------------------------------------------------------------------


def _granted(shop: CaseShop, name: str, line: int, day: str, *, files: Sequence[bytes] = ()) -> None:
    """From the report to the visit that is booked for the next day."""
    shop.reported(name, line, f"{day}T09:10+08:00", files=files or (film(),))
    shop.told(name, What.DECIDED, f"{day}T09:40+08:00", answer="replace", reason="视频里听得出异响")
    shop.told(name, What.HELD, f"{day}T09:45+08:00", amount_minor=489_900, reference=f"hold_{line}")
    visit = {"from_us": moment(f"{day}T18:00+08:00"), "until_us": moment(f"{day}T20:00+08:00")}
    shop.told(name, What.SLOT_CHOSEN, f"{day}T10:02+08:00", **visit)


def _brought(shop: CaseShop, name: str, line: int, day: str, *, by: Person = HAN) -> None:
    """The new unit leaves and is swapped at the door; the phone had no signal there."""
    new = f"SJ-9{line:03}"
    reserved = {"serial": new, "unit_cost_minor": 218_000, "warehouse": "沈阳仓"}
    shop.told(name, What.RESERVED, f"{day}T11:00+08:00", **reserved)
    shop.told(name, What.DISPATCHED, f"{day}T13:05+08:00", parcel=f"YD{line:08}")
    swapped = {"old_serial": f"SJ-{line:04}", "new_serial": new, "service_minor": 13_000, "code": "大雪"}
    photos = (photo("JPEG", (640, 480)), photo("PNG", (480, 640)))
    learnt = f"{day}T20:15+08:00"
    shop.told(name, What.SWAPPED, f"{day}T18:32+08:00", by=by, files=photos, learnt=learnt, **swapped)


def _settled(shop: CaseShop) -> None:
    _granted(shop, "settled", 1, "2026-02-08")
    _brought(shop, "settled", 1, "2026-02-08", by=SHY)
    shop.told("settled", What.RECEIVED, "2026-02-09T10:00+08:00", serial="SJ-0001")
    told = {"verdict": "confirmed", "findings": "滚筒轴承磨损", "form": "washer-1"}
    shop.told("settled", What.INSPECTED, "2026-02-09T15:00+08:00", files=(pdf(),), **told)
    shop.told("settled", What.CLAIMED, "2026-02-09T16:00+08:00", supplier="松涧", amount_minor=231_000)
    shop.told("settled", What.RECOVERED, "2026-02-12T11:00+08:00", amount_minor=231_000)


def _on_the_way(shop: CaseShop) -> None:
    _granted(shop, "on the way", 2, "2026-02-18")
    shop.told("on the way", What.RESERVED, "2026-02-18T10:10+08:00", serial="SJ-9002", unit_cost_minor=218_000)
    shop.told("on the way", What.DISPATCHED, "2026-02-18T10:20+08:00")


def _refunded(shop: CaseShop) -> None:
    _granted(shop, "refunded", 3, "2026-02-10")
    shop.told("refunded", What.OUT_OF_STOCK, "2026-02-10T11:00+08:00")
    shop.told("refunded", What.CHOSE, "2026-02-10T12:00+08:00", choice="refund")
    shop.told("refunded", What.COLLECTED, "2026-02-11T18:00+08:00", old_serial="SJ-0003", service_minor=8_000)
    shop.told("refunded", What.RECEIVED, "2026-02-12T09:00+08:00", serial="SJ-0003")
    shop.told("refunded", What.INSPECTED, "2026-02-12T15:00+08:00", verdict="confirmed", findings="压缩机不启动")


def _misuse(shop: CaseShop) -> None:
    _granted(shop, "misuse", 4, "2026-02-16", files=(film(), photo("JPEG", (800, 600))))
    _brought(shop, "misuse", 4, "2026-02-16")
    shop.told("misuse", What.RECEIVED, "2026-02-17T09:00+08:00", serial="SJ-0004")
    told = {"verdict": "misuse", "findings": FINDINGS, "form": "washer-1"}
    shop.told("misuse", What.INSPECTED, "2026-02-17T16:10+08:00", files=(photo("JPEG", (320, 240)),), **told)


def _to_decide(shop: CaseShop) -> None:
    shop.reported("to decide", 5, "2026-02-17T21:40+08:00", files=(film(),))
    shop.reported("to decide", 5, "2026-02-18T08:05+08:00", channel="phone", words="已经在应用里报过，再打个电话")


def _silent(shop: CaseShop) -> None:
    shop.reported("silent", 6, SILENT_SINCE, files=(film(),))
    shop.told("silent", What.DECIDED, "2026-02-12T10:00+08:00", answer="replace", reason="视频里听得出异响")
    shop.told("silent", What.HELD, "2026-02-12T10:05+08:00", amount_minor=489_900, reference="hold_6")


def _another_unit(shop: CaseShop) -> None:
    _granted(shop, "another unit", 7, "2026-02-17")
    shop.told("another unit", What.RESERVED, "2026-02-17T11:00+08:00", serial="SJ-9007", unit_cost_minor=218_000)
    shop.told("another unit", What.DISPATCHED, "2026-02-17T13:00+08:00")
    shop.told("another unit", What.DELIVERED, "2026-02-17T18:20+08:00", new_serial="SJ-9070")
    shop.told("another unit", What.INSPECTED, "2026-02-17T18:30+08:00", verdict="confirmed")


def _not_covered(shop: CaseShop) -> None:
    shop.reported("not covered", 8, "2026-02-15T09:00+08:00", fault="misuse", words="孩子把门掰断了")
    shop.told("not covered", What.APPEALED, "2026-02-17T20:00+08:00", reason="门轴本来就松，第三天已经打过电话")


def _old_unit_due(shop: CaseShop) -> None:
    _granted(shop, "old unit due", 9, "2026-02-09")
    shop.told("old unit due", What.RESERVED, "2026-02-09T11:00+08:00", serial="SJ-9009", unit_cost_minor=218_000)
    shop.told("old unit due", What.DISPATCHED, "2026-02-09T13:00+08:00")
    shop.told("old unit due", What.DELIVERED, "2026-02-09T18:20+08:00", new_serial="SJ-9009", service_minor=9_000)
    shop.told("old unit due", What.HOLD_RENEWED, "2026-02-15T09:00+08:00", reference="hold_9b")
