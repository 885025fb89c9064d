"""A second account of a case, written from the words of its steps alone, row by row: what must stand where once the case is over.

It knows no stages, no table and no effects. What was set aside changed nothing. Books are read as a clerk would: a new unit leaves the stock
at what was paid for the old one, the old one comes in at the same, what lies between is at nothing in the end.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]
"""A step: `what`, what it tells by name, and `counted`, False where it was set aside."""


class Account:
    def __init__(self, *, pays_down: bool) -> None:
        self.stands: Counter[str] = Counter()
        self.pays_down = pays_down
        self.value = self.refund = 0
        self.old = "buyer"
        self.new = ""
        self.sent = self.lost = self.called_back = ""
        self.cost = self.claimed = 0
        self.held = self.deposit = self.taken = 0
        self.up = self.down = 0
        self.money_back = False
        self.withdrew = False
        self.repair = False

    def read(self, rows: Iterable[Row]) -> "Account":
        for row in rows:
            reads = getattr(self, f"read_{row['what']}", None)
            if row["counted"] and reads is not None:
                reads(row)
        return self

    def moves(self, debit: str, credit: str, amount: int) -> None:
        self.stands[debit] += amount
        self.stands[credit] -= amount

    # --- words about what is promised -------------------------------------------------------------------------------

    def read_judged(self, row: Row) -> None:
        self.value, self.refund = row["value_minor"], row.get("refund_minor", 0)
        self.money_back = row["answer"] == "refund"

    def read_netted(self, row: Row) -> None:
        self.refund = row["refund_minor"]

    def read_decided(self, row: Row) -> None:
        if row["answer"] in {"refund", "replace"} and not self.new and self.old == "buyer":
            self.money_back = row["answer"] == "refund"

    # --- words about units ------------------------------------------------------------------------------------------

    def read_reserved(self, row: Row) -> None:
        self.sent, self.cost = row["serial"], row["unit_cost_minor"]

    def read_dispatched(self, _row: Row) -> None:
        self.moves("units_in_exchange", "stock", self.value)
        self.new = "road"

    def read_came_back(self, row: Row) -> None:
        if row["serial"] == self.called_back:
            self.called_back = ""
            self.moves("stock", "units_in_exchange", self.value)
        elif row["serial"] == self.sent and self.new:
            self.moves("stock", "units_in_exchange", self.value)
            self.new = self.sent = ""
        else:
            self._no_longer_lost("stock")

    def read_lost(self, row: Row) -> None:
        self.moves("receivable_from_suppliers", "units_in_exchange", self.value)
        self.claimed += self.value
        if row["which"] == "new":
            self.lost, self.new, self.sent = self.sent, "", ""
        else:
            self.old = "lost"

    def _no_longer_lost(self, into: str) -> None:
        carrier_paid = self.claimed < self.value
        self.moves(into, "payable_to_carriers" if carrier_paid else "receivable_from_suppliers", self.value)
        self.claimed -= 0 if carrier_paid else self.value
        self.lost = ""

    def _at_the_door(self, row: Row) -> None:
        if row["new_serial"] == self.lost:
            if self.new == "road":
                self.called_back = self.sent
            self.sent = self.lost
            self._no_longer_lost("units_in_exchange")
        self.new, self.withdrew = "home", False
        self.moves("replacement_guarantee", "cost_of_units", self.cost)
        self.moves("replacement_guarantee", "payable_to_carriers", row.get("service_minor", 0))
        self.moves("replacement_guarantee", "payable_to_buyers", self.down)
        self.down = 0

    read_delivered = _at_the_door

    def read_swapped(self, row: Row) -> None:
        self._at_the_door(row)
        self.old = "road"

    def read_collected(self, row: Row) -> None:
        self.old = "road"
        self.moves("replacement_guarantee", "payable_to_carriers", row.get("service_minor", 0))

    def read_received(self, _row: Row) -> None:
        self.old = "shop"
        self.moves("faulty_units", "units_in_exchange", self.value)

    def read_sent_back(self, _row: Row) -> None:
        self.old = "buyer"
        self.moves("units_in_exchange", "faulty_units", self.value)

    def read_written_off(self, _row: Row) -> None:
        if self.old == "buyer":
            self.moves("replacement_guarantee", "units_in_exchange", self.value)
            self.old = "stays"

    # --- words about money ------------------------------------------------------------------------------------------

    def read_held(self, row: Row) -> None:
        self.held = row["amount_minor"]

    def read_hold_lapsed(self, _row: Row) -> None:
        self.held = 0

    def read_deposited(self, row: Row) -> None:
        self.moves("received_from_buyers", "payable_to_buyers", row["amount_minor"])
        self.deposit = row["amount_minor"]

    def read_captured(self, row: Row) -> None:
        """What is kept of a deposit is not owed back; what is taken of a hold comes in. Either pays for the unit that is missing."""
        amount = self.taken = row["amount_minor"]
        source = "payable_to_buyers" if self.deposit else "received_from_buyers"
        if self.old == "buyer":
            self.moves(source, "units_in_exchange", amount)
            self.moves("replacement_guarantee", "units_in_exchange", self.value - amount)
            self.old = "stays"
        else:
            self.moves(source, "replacement_guarantee", amount)

    def read_paid_up(self, row: Row) -> None:
        self.up = row["amount_minor"]
        self.moves("received_from_buyers", "differences_paid", self.up)

    def _not_the_other_model(self) -> None:
        self.moves("differences_paid", "payable_to_buyers", self.up)
        self.up = self.down = 0

    def read_chose(self, row: Row) -> None:
        if row["choice"] != "wait":
            self._not_the_other_model()
        self.money_back = row["choice"] == "refund" or (self.money_back and row["choice"] == "wait")
        if row["choice"] == "other_model" and self.pays_down:
            self.down = max(self.value - row["price_minor"], 0)

    def read_withdrew(self, _row: Row) -> None:
        self._not_the_other_model()
        self.withdrew = True

    def read_refunded(self, _row: Row) -> None:
        """A refund is what was taken and goes back after a review, or the price of the unit, less what was paid back of it before."""
        if self.taken:
            self.moves("replacement_guarantee", "payable_to_buyers", self.taken)
            self.taken = 0
        else:
            self.moves("units_in_exchange", "payable_to_buyers", self.refund)
            self.moves("units_in_exchange", "replacement_guarantee", self.value - self.refund)

    # --- words about who makes it good ------------------------------------------------------------------------------

    def read_claimed(self, row: Row) -> None:
        self.claimed += row["amount_minor"]
        self.moves("receivable_from_suppliers", "replacement_guarantee", row["amount_minor"])

    def read_recovered(self, row: Row) -> None:
        self.claimed -= row["amount_minor"]
        self.moves("received_from_suppliers", "receivable_from_suppliers", row["amount_minor"])

    def read_supplier_refused(self, _row: Row) -> None:
        self.moves("replacement_guarantee", "receivable_from_suppliers", self.claimed)
        self.claimed = 0


NOTHING_IN_THE_END = ("units_in_exchange", "receivable_from_suppliers")
BETWEEN_OURSELVES = {"holds_at_provider", "holds_of_buyers", "deposits_of_buyers"}
"""Accounts that no word ends at: they must be at nothing once a case is over, and are left out of what is compared."""


def differences(stands: Mapping[str, int], ledger: Mapping[str, int]) -> list[str]:
    """Where the account and the ledger of a case that is over differ; debits above, credits below nothing."""
    wrong = [
        f"{name}: by the words {stands.get(name, 0)}, by the ledger {ledger.get(name, 0)}"
        for name in sorted({*stands, *ledger} - BETWEEN_OURSELVES)
        if stands.get(name, 0) != ledger.get(name, 0)
    ]
    wrong += [f"{name} stands at {ledger[name]}" for name in sorted(BETWEEN_OURSELVES) if ledger.get(name, 0)]
    return wrong + [f"{name} is not at nothing by the words" for name in NOTHING_IN_THE_END if stands.get(name, 0)]
