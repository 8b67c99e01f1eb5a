"""A small programme of which every question is asked, without the command line."""

from __future__ import annotations

import pytest
from support.programmes import Chronicle, item, lot, signer

from chainlog.audit.settings import Settings
from chainlog.custody.act import milliseconds
from chainlog.index.inquiry import Inquiry


def worth(amount, currency="USD"):
    return {"value": {"amount": amount, "currency": currency, "basis": "replacement"}}


@pytest.fixture(scope="module")
def told():
    one = Chronicle()
    guns = [item(f"SN-{n}", type="howitzer", **worth(f"{n}00.5")) for n in range(1, 5)]
    one.register(*guns)
    one.register(lot("L7", "500", **worth("1000", "EUR")), monitoring="routine")
    sent = [item("SN-1"), item("SN-2"), lot("L7", "300")]
    one.send(*sent)
    one.take(item("SN-1"), lot("L7", "250"))
    one.send(item("SN-3"), at="2023-03-01", document="WB-2")
    initial = one.lose(item("SN-1"), holder="brigade", at="2023-04-01")
    one.lose(
        item("SN-1"),
        holder="brigade",
        at="2023-04-11",
        report="final",
        lost_on="2023-04-01",
        initial=initial.id.hex(),
    )
    one.lose(item("SN-4"), at="2023-05-01", lost_on=None, cause="stolen")
    one.hand(item("SN-3"), at="2023-05-02", to="a stranger", document="TP-1")
    promised = one.say(
        "hq",
        "fund",
        "2023-01-03",
        step="commitment",
        amount="100.25",
        currency="USD",
        document="C-1",
        **{"from": "donor", "to": "hq"},
    )
    paid = one.say(
        "hq",
        "fund",
        "2023-01-04",
        step="disbursement",
        amount="60",
        currency="USD",
        draws_on=promised.id.hex(),
        **{"from": "hq", "to": "depot"},
    )
    for step, amount in (("expenditure", "40.5"), ("return", "9.5")):
        one.say(
            "depot",
            "fund",
            "2023-01-05",
            step=step,
            amount=amount,
            currency="USD",
            draws_on=paid.id.hex(),
            **{"from": "depot", "to": "shop" if step == "expenditure" else "hq"},
        )
    one.govern(
        "depot",
        "key.revoke",
        "2023-06-01T00:00:00Z",
        key=signer("depot", "recorder").key_id,
        reason="compromised",
    )
    return one


@pytest.fixture(scope="module")
def inquiry(told):
    with told.items() as items:
        yield Inquiry(items.ledger, items, milliseconds("2024-01-01"), Settings())
