"""A shop's clock is a little ahead of ours: what it tells has not happened yet, and stops nothing."""

from houbei.facts.moments import text_of_moment
from tests.reliability.shop import HOUR_US, SECOND_US, Shop, line, settled_once


def test_a_line_placed_in_the_future_stops_nobody_and_is_covered_when_its_time_comes(shop: Shop):
    soon = text_of_moment(shop.now_us + SECOND_US)
    shop.sell([line("a", order="o1"), {**line("b", order="o2"), "placed_at": soon}])
    shop.decide()
    shop.turn(HOUR_US)
    shop.drop("p1", 900)
    shop.settle_all()
    assert shop.stage.paid() == {("o1", 100, "succeeded"): 1, ("o2", 100, "succeeded"): 1}
    settled_once(shop)
