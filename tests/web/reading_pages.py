"""How the pages of cases are read in tests: entries of a story, amounts, everything that a reader can open."""

import re
from typing import Any

from litestar.testing import TestClient

from houbei.web.app import create_app
from tests.web.appliance_shop import NOW, SHOP
from tests.web.case_shop import CaseShop


def client_of(shop: CaseShop) -> TestClient[Any]:
    app = create_app(shop.store, shop=SHOP, clock=lambda: NOW, exhibits=shop.exhibits)
    return TestClient(app, raise_server_exceptions=False)


def minor(text: str) -> int:
    digits = int(re.sub(r"\D", "", text))
    return -digits if "−" in text else digits


def entry_of(html: str, did: str) -> str:
    """The entry of the story that says what was done."""
    return next(one for one in re.findall(r"<li[^>]*><time>.*?</li>", html, re.DOTALL) if did in one)


def every_page(client: TestClient[Any], shop: CaseShop) -> str:
    paths = ["", "cases", "cases?show=ended", "ledger", "ledger/entries", "lines/shop/R1-1", "lines/shop/R4-1"]
    paths += [f"cases/{number}{rest}" for number in shop.cases.values() for rest in ("", "/entries")]
    answers = [client.get(f"/{lang}/{path}") for lang in ("zh", "en") for path in paths]
    assert {answer.status_code for answer in answers} == {200}
    return "".join(answer.text for answer in answers)
