"""What the command line says of cases, in Chinese and English: what happened, where it stands, what comes next."""

from collections.abc import Mapping

from houbei.case.deadlines import HOLD, RECALL, SUPPLIER
from houbei.case.stages import Need, Stage
from houbei.facts.steps import Teller, What

Pair = tuple[str, str]
LANGUAGES = ("zh", "en")

DID: Mapping[What, Pair] = {
    What.REPORTED: ("已登记报告", "the report is taken down"),
    What.JUDGED: ("已自动核对条款", "the promises were asked"),
    What.SHOWN: ("已收到证据", "what was shown is taken down"),
    What.DECIDED: ("已记下判定", "the decision is taken down"),
    What.HELD: ("已记下卡上预授权", "the hold on the card is noted"),
    What.DEPOSITED: ("已记下押金", "the deposit is noted"),
    What.HOLD_RENEWED: ("预授权已续期", "the hold lasts anew"),
    What.HOLD_LAPSED: ("预授权已失效", "the hold lapsed"),
    What.NOT_SECURED: ("没有担保，改为先收旧机", "nothing secures it, so the old unit comes first"),
    What.SLOTS_OFFERED: ("已记下可选的上门时间", "the visits to choose from are noted"),
    What.SLOT_CHOSEN: ("上门时间已约好", "the visit is booked"),
    What.CALLED: ("已记下通话", "the call is noted"),
    What.RESERVED: ("新机已备好", "a new unit is set aside"),
    What.OUT_OF_STOCK: ("已记下缺货", "there is no unit in stock"),
    What.BACK_IN_STOCK: ("已到货", "there are units in stock again"),
    What.CHOSE: ("已记下买家的选择", "what the buyer chose is noted"),
    What.PAID_UP: ("差价已付", "the difference is paid"),
    What.DISPATCHED: ("新机已出库", "the new unit left"),
    What.SWAPPED: ("已上门换新，旧机已取", "swapped at the door"),
    What.DELIVERED: ("新机已送到，旧机未取", "the new unit is there, the old one was not handed over"),
    What.COLLECTED: ("旧机已取走", "the old unit was taken along"),
    What.ABSENT: ("上门没有人", "nobody was there"),
    What.REFUSED: ("买家没有收新机", "the buyer would not take the new unit"),
    What.WRONG_UNIT: ("带去的不是备好的那台", "what the courier has is another unit"),
    What.LOST: ("已记下丢件", "the parcel is noted as lost"),
    What.CAME_BACK: ("新机已回库", "the new unit is back in stock"),
    What.RECEIVED: ("旧机已入库", "the old unit is in"),
    What.INSPECTED: ("检测结果已记下", "the inspection is taken down"),
    What.REVERSED: ("判定已撤回", "the decision is taken back"),
    What.SENT_BACK: ("旧机已寄还买家", "the old unit went back to the buyer"),
    What.CAPTURED: ("已从担保中收取", "a part of what secured it was taken"),
    What.WRITTEN_OFF: ("不再追回", "it is let go"),
    What.NETTED: ("应退款已减去价保退过的部分", "what would be refunded is less by what price protection paid"),
    What.REFUNDED: ("退款已到账", "the refund is paid"),
    What.REPAIRED: ("已修好", "it is repaired"),
    What.REPAIR_FAILED: ("没有修好", "the repair failed"),
    What.APPEALED: ("已记下申诉", "the appeal is taken down"),
    What.WITHDREW: ("买家不换了", "the buyer withdrew"),
    What.HANDED_OVER: ("已转给人处理", "a person is asked"),
    What.TAKEN_UP: ("已有人接手", "a person has it in hand"),
    What.CLAIMED: ("已向供应商追偿", "the supplier is asked"),
    What.RECOVERED: ("供应商已付款", "the supplier paid"),
    What.SUPPLIER_REFUSED: ("供应商不付，店里承担", "the supplier refused, the shop bears it"),
    What.TIMED_OUT: ("期限已过", "a deadline passed"),
}
"""What a step did, as the first half of a sentence."""

NEXT: Mapping[Stage, Pair] = {
    Stage.REPORTED: ("等核对条款", "the promises are asked"),
    Stage.EVIDENCE_WANTED: ("等买家补证据", "the buyer shows what is asked for"),
    Stage.TO_DECIDE: ("等人判定", "a person decides"),
    Stage.SECURING: ("等预授权或押金", "a hold or a deposit secures it"),
    Stage.TO_SCHEDULE: ("等买家选上门时间", "the buyer chooses a visit"),
    Stage.SCHEDULED: ("等仓库备新机，或上门取旧机", "a unit is set aside, or the old one fetched"),
    Stage.NO_STOCK: ("等到货", "a unit comes into stock"),
    Stage.CHOOSING: ("等买家选：继续等、换别的型号、退款", "the buyer chooses: wait, another model, the money"),
    Stage.PAYING_UP: ("等买家付差价", "the buyer pays the difference"),
    Stage.READY: ("等新机出库", "the new unit leaves"),
    Stage.ON_THE_WAY: ("新机在路上", "the new unit is on its way"),
    Stage.MISSED: ("等买家另约时间", "the buyer chooses another visit"),
    Stage.COMING_BACK: ("等新机回库", "the new unit comes back"),
    Stage.OLD_OWED: ("等旧机", "the old unit comes back"),
    Stage.OLD_ON_THE_WAY: ("旧机在路上", "the old unit is on its way"),
    Stage.TO_INSPECT: ("等检测旧机", "the old unit is inspected"),
    Stage.TO_REVERSE: (
        "检测与判定不符，等人定夺",
        "the inspection contradicts the decision, and a person says what follows",
    ),
    Stage.TO_REVIEW: ("等另一个人复核", "another person looks again"),
    Stage.TO_RECOVER: (
        "等新机回来，或收取担保，或不再追回",
        "the new unit comes back, or what secured it is taken, or it is let go",
    ),
    Stage.TO_SEND_BACK: ("等旧机寄还买家", "the old unit goes back to the buyer"),
    Stage.REFUND_DUE: ("等退款到账", "the refund is paid"),
    Stage.REPAIRING: ("等修好", "it is repaired"),
    Stage.SETTLED: ("已换新，买家这边没有别的事", "it is swapped, and nothing is left to do for the buyer"),
    Stage.REFUNDED: ("已退款，没有别的事", "the money is back, and nothing is left to do"),
    Stage.MENDED: ("已修好，没有别的事", "it is repaired, and nothing is left to do"),
    Stage.NOT_COVERED: ("不在承诺之内；买家可以申诉", "no promise covers it; the buyer may appeal"),
    Stage.UNDONE: ("已撤回，没有别的事", "it is taken back, and nothing is left to do"),
    Stage.WITHDRAWN: ("买家不换了，没有别的事", "the buyer withdrew, and nothing is left to do"),
}
"""What comes next at a stage, as the second half of a sentence; at the end of a case, that nothing does."""

BESIDE: Mapping[str, Pair] = {
    HOLD: ("续预授权", "the hold is renewed"),
    SUPPLIER: ("等供应商答复", "the supplier answers"),
    RECALL: ("等第二台新机回库", "the second new unit comes back"),
}
"""What comes next by a deadline that belongs to no stage."""

NEEDS: Mapping[Need, Pair] = {
    Need.DECIDE: ("作判定", "decide"),
    Need.CALL: ("给买家打电话", "call the buyer"),
    Need.SHIP: ("催出库", "see why nothing left"),
    Need.FIND: ("查下落", "find out where it is"),
    Need.FETCH: ("取旧机，或收取担保，或放弃", "fetch the old unit, take what secures it, or let it go"),
    Need.RENEW: ("续预授权", "renew the hold"),
    Need.CHASE: ("催供应商", "chase the supplier"),
    Need.PAY: ("查退款", "see why the refund is not paid"),
    Need.RECALL: ("催第二台新机回库", "get the second new unit back"),
    Need.LOOK: ("看一下", "look at it"),
}
"""What a person is asked to do."""

TELLERS: Mapping[Teller, Pair] = {
    Teller.BUYER: ("买家", "buyer"),
    Teller.SHOP: ("店员", "shop"),
    Teller.WAREHOUSE: ("仓库", "warehouse"),
    Teller.COURIER: ("上门", "courier"),
    Teller.INSPECTOR: ("检测", "inspector"),
    Teller.PAYMENT: ("支付", "payment"),
    Teller.SUPPLIER: ("供应商", "supplier"),
    Teller.HOUBEI: ("自动", "automatic"),
}

SAID: Mapping[str, Pair] = {
    "done": ("{case}：{did}。接下来{next}{until}。", "{case}: {did}. Next: {next}{until}."),
    "known": (
        "{case}：这一步以前记过，没有再记。现在{next}{until}。",
        "{case}: this was told before and is not told twice. Now: {next}{until}.",
    ),
    "aside": (
        "{case}：“{did}”在这时不会发生，已记下，什么也没改；请人看一下。现在{next}{until}。可以做的：{can}。",
        "{case}: “{did}” cannot happen here; it is kept, changed nothing, and a person looks. Now: {next}{until}. Possible: {can}.",
    ),
    "until": ("，最迟{at}", ", by {at} at the latest"),
    "asks": ("需要人：{needs}", "needs a person to {needs}"),
    "opened": (
        "{case}：已登记报告。{answer}依据{clause}。接下来{next}{until}。",
        "{case}: the report is taken down. {answer} Clause {clause}. Next: {next}{until}.",
    ),
    "added": (
        "{case}：这台已有一件在办，这次报告记在同一件里。现在{next}{until}。",
        "{case}: this unit has a case already, and the report is part of it. Now: {next}{until}.",
    ),
    "replace": ("换新。", "A new unit."),
    "refund": ("退款。", "The money back."),
    "repair": ("修理。", "A repair."),
    "no": ("没有承诺覆盖它。", "No promise covers it."),
    "to_capture": (
        "{case}：会请渠道从预授权中扣{amount}，拿到回执再记账。",
        "{case}: {amount} of the hold will be asked for, and booked on the receipt.",
    ),
    "missing": ("还不知道：{missing}。", "Not known: {missing}."),
    "wants": ("要先看{wants}。", "First something must be shown: {wants}."),
    "none": ("没有在办的案件。", "No case is open."),
    "row": ("{case}  {next}{until}", "{case}  {next}{until}"),
    "head": ("{case}  {sku}  {line}第{unit}件  {serial}", "{case}  {sku}  line {line}, unit {unit}  {serial}"),
    "day": ("第{day}天，共{days}天", "day {day} of {days}"),
    "day_alone": ("第{day}天", "day {day}"),
    "aside_mark": ("（没有采用）", " (set aside)"),
    "clauses": ("条款", "Clauses"),
    "money": ("钱", "Money"),
    "net": ("店里净支出", "net cost to the shop"),
    "credits": ("演职员表", "Credits"),
    "can": ("现在可以", "Now possible"),
    "sent": (
        "{n}步已收下，{known}步以前收过，{aside}步需要人看，{bad}行没有收",
        "{n} taken in, {known} known, {aside} set aside for a person, {bad} lines refused",
    ),
    "named": ("{name}从现在起署名。", "{name} is named from now on."),
    "unnamed": ("{name}从现在起不署名，每一处都不显示。", "{name} is no longer named, anywhere."),
    "nobody": ("没有叫{name}的人。", "Nobody is called {name}."),
    "hint": ("检测单提示：{verdict}，因为{why}", "the form points to {verdict}: {why}"),
    "document": ("追偿单写入{path}", "the claim is in {path}"),
}
"""Sentences and words around them."""


def word(pair: Pair, language: str) -> str:
    """Give the word of a language."""
    return pair[LANGUAGES.index(language)]


def say(key: str, language: str, **values: object) -> str:
    """Give a sentence of a language, filled in."""
    return word(SAID[key], language).format(**values)
