"""The shop with cases for every module of tests, its pages, and how they are read."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.web.case_shop import CaseShop, open_case_shop
from tests.web.reading_pages import client_of


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> CaseShop:
    return open_case_shop(tmp_path_factory.mktemp("cases"), waits=True)


@pytest.fixture(scope="module")
def client(shop: CaseShop) -> Iterator[TestClient[Any]]:
    with client_of(shop) as client:
        yield client


@pytest.fixture
def page(client: TestClient[Any]) -> Callable[[str], str]:
    def get(address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.text

    return get
