"""An evidence trail as lines for a terminal: conclusion, clause, facts, sum, always in this order."""

from collections.abc import Iterator

from houbei.evidence.amounts import MINUS, amount_text
from houbei.evidence.cover_facts import CoverFacts
from houbei.evidence.trail import LineFacts, PriceFacts, StepFacts, Trail
from houbei.evidence.wording import conclude, moment_text, money_text

_WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "conclusion": "结论",
        "clause": "条款",
        "facts": "事实",
        "sum": "算式",
        "head": "{line}，{title}（{term} 第{version}版），时间按 {zone}",
        "line": "订单行，第{row}行：{quantity:,}件 {sku}，实付{paid}",
        "basis": "，价保基数{basis}",
        "cover": "{units:,}件，单价{basis}：{stretches}；{closing}",
        "larger": "{units:,}件，单价{basis}（其中{larger:,}件多一个最小货币单位）：{stretches}；{closing}",
        "stretch": "{opens}至{closes}",
        "never": "从未开始",
        "price": "价格，第{row}行（{id}）：{price}，{at}起",
        "until": "，至{until}",
        "held": "待人工核对：{sum}，{price}低于实付单价的{percent}",
        "cut": "上限之内余{amount}",
        "never_opened": "没有开放的时刻",
        "cancelled": "因取消而结束",
        "returned": "因退货而结束",
        "window": "期满结束",
        "gap": "因间断而中止",
        "still_open": "到目前为止仍在保障期内",
        "asked": "，买家于{asked}提出",
        "nothing": "空",
        "comma": "，",
        "colon": "：",
        "semicolon": "；",
    },
    "en": {
        "conclusion": "Conclusion",
        "clause": "Clause",
        "facts": "Facts",
        "sum": "Sum",
        "head": "{line}: {title} ({term}, version {version}), times in {zone}",
        "line": "order line, row {row}: {quantity:,} of {sku}, paid {paid}",
        "basis": ", of which {basis} count",
        "cover": "{units:,} at {basis} each: {stretches}; {closing}",
        "larger": "{units:,} at {basis} each ({larger:,} of them one minor unit more): {stretches}; {closing}",
        "stretch": "open from {opens} until {closes}",
        "never": "never open",
        "price": "price, row {row} ({id}): {price} from {at}",
        "until": " until {until}",
        "held": "held: {sum}, because {price} is below {percent} of what a unit cost",
        "cut": "caps leave {amount}",
        "never_opened": "it had no open moment",
        "cancelled": "the cancellation ended it",
        "returned": "the return ended it",
        "window": "then the time was over",
        "gap": "then a gap began",
        "still_open": "it is open to this day",
        "asked": "; the buyer asked at {asked}",
        "nothing": "none",
        "comma": ", ",
        "colon": ": ",
        "semicolon": "; ",
    },
}
_MOMENTS: dict[str, dict[str, str]] = {
    "zh": {
        "placed": "下单",
        "paid": "付款",
        "shipped": "发货",
        "delivered": "签收",
        "installed": "安装",
        "cancelled": "取消",
        "returned": "退货",
        "claimed": "申请",
    },
    "en": {},
}
"""What the facts with a moment are called; else by the name of their column."""
_PERCENT = 100


def trail_lines(trail: Trail, language: str) -> list[str]:
    """Lay a trail out, one entry a line of the terminal."""
    words, zone = _WORDS[language], trail.terms.zone
    clause = trail.clause.zh if language == "zh" else trail.clause.en
    sections = {
        "conclusion": [conclude(trail, language)],
        "clause": [f"{trail.clause.id}{words['colon']}{clause}"],
        "facts": list(_facts(trail, words, _MOMENTS[language])),
        "sum": [line for step in trail.steps for line in _sum(step, trail, words)],
    }
    title = trail.terms.title[language]
    head = words["head"].format(
        line=trail.line.line_id, title=title, term=trail.terms.term, version=trail.terms.version, zone=zone
    )
    return [head, *(line for name, lines in sections.items() for line in _section(words[name], lines))]


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []


def _facts(trail: Trail, words: dict[str, str], names: dict[str, str]) -> Iterator[str]:
    zone = trail.terms.zone
    yield _line(trail.line, words)
    in_order = sorted(trail.line.moments, key=lambda moment: moment[1])
    yield words["comma"].join(f"{names.get(name, name)} {moment_text(us, zone)}" for name, us in in_order)
    if trail.line.others:
        yield words["comma"].join(f"{name} {value or words['nothing']}" for name, value in trail.line.others)
    for cover in trail.covers:
        yield _cover(cover, trail, words)
    prices = {step.price.row: step.price for step in trail.steps}
    if trail.price is not None:
        prices[trail.price.row] = trail.price
    for _, price in sorted(prices.items()):
        yield _price(price, zone, words)


def _line(line: LineFacts, words: dict[str, str]) -> str:
    text = words["line"].format(
        row=line.row, quantity=line.quantity, sku=line.sku, paid=money_text(line.paid_minor, line.currency)
    )
    if line.basis_minor != line.paid_minor:
        text += words["basis"].format(basis=money_text(line.basis_minor, line.currency))
    return text


def _cover(cover: CoverFacts, trail: Trail, words: dict[str, str]) -> str:
    zone, currency = trail.terms.zone, trail.line.currency
    stretches = [
        words["stretch"].format(opens=moment_text(opens, zone), closes=moment_text(closes, zone))
        for opens, closes in cover.open_us
    ]
    whole = cover.larger == cover.units
    text = words["larger" if cover.larger and not whole else "cover"].format(
        units=cover.units,
        larger=cover.larger,
        basis=amount_text(cover.basis_minor + whole, currency),
        stretches=words["comma"].join(stretches) or words["never"],
        closing=words[cover.closing],
    )
    return text if cover.asked_us is None else text + words["asked"].format(asked=moment_text(cover.asked_us, zone))


def _price(price: PriceFacts, zone: str, words: dict[str, str]) -> str:
    text = words["price"].format(
        row=price.row,
        id=price.price_id,
        price=money_text(price.price_minor, price.currency),
        at=moment_text(price.at_us, zone),
    )
    if price.until_us is not None:
        text += words["until"].format(until=moment_text(price.until_us, zone))
    closed_by = (("kind", price.kind), *price.closed_by)
    return text + words["semicolon"] + words["comma"].join(f"{name} {value}" for name, value in closed_by)


def _sum(step: StepFacts, trail: Trail, words: dict[str, str]) -> Iterator[str]:
    """The sums of one step, each with its moment; what a cap left of them; why it is held."""
    currency, at = trail.line.currency, moment_text(step.at_us, trail.terms.zone)
    formulas = [part.formula for part in step.sums] or [amount_text(step.amount_minor, currency)]
    below = trail.terms.compare.suspicious_below
    for formula in formulas:
        text = formula
        if step.held and below is not None:
            price = amount_text(step.price.price_minor, currency)
            text = words["held"].format(sum=formula, price=price, percent=f"{below * _PERCENT}%")
        yield f"{at}  {text}"
    if step.amount_minor != step.asked_minor:
        cut = amount_text(step.asked_minor - step.amount_minor, currency)
        left = f"{amount_text(step.asked_minor, currency)} {MINUS} {cut} = {amount_text(step.amount_minor, currency)}"
        yield f"{at}  {words['cut'].format(amount=left)}"
