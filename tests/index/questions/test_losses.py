"""Losses and handovers to third parties: reports pair, and totals are those of the rows."""

from __future__ import annotations

from decimal import Decimal

from chainlog.custody.worth import worth_together
from chainlog.index.questions.losses import LossFilter, losses_of
from chainlog.index.questions.third_party import third_party_handovers


def test_a_final_report_belongs_to_its_initial_one(inquiry):
    reply = losses_of(inquiry, LossFilter())
    gun, stolen = reply.rows
    assert (gun.delay_days, len(gun.entries), gun.lost_on) == (10, 2, "2023-04-01")
    assert gun.value == {"USD": Decimal("100.5")}
    assert (stolen.final, stolen.delay_days, stolen.lost_on) == (None, None, None)
    totals = reply.totals
    assert totals.items == sum(one.items for one in reply.rows) == 2
    assert totals.value == worth_together(one.value for one in reply.rows)
    assert (totals.reports, totals.final, totals.open) == (2, 1, 1)
    assert (totals.dated, totals.undated, totals.delays, totals.mean_delay_days) == (1, 1, 1, 10)
    assert totals.by_cause == {"lost": 1, "stolen": 1}


def test_filters_of_losses(inquiry):
    assert [one.cause for one in losses_of(inquiry, LossFilter(cause="stolen")).rows] == ["stolen"]
    assert losses_of(inquiry, LossFilter(holder="nobody")).totals.mean_delay_days is None
    allowed = inquiry.settings.loss_days
    late = losses_of(inquiry, LossFilter(late=True))
    assert late.totals.late == len(late.rows) == (allowed < 10)


def test_what_went_to_a_stranger_had_no_consent(inquiry):
    reply = third_party_handovers(inquiry)
    (handed,) = reply.rows
    assert (handed.from_, handed.to, handed.document) == ("depot", "a stranger", "TP-1")
    assert handed.things == handed.without_consent == ("1ABC2/M777/SN-3",)
    assert handed.consents == handed.until == ()
    assert (reply.totals.handovers, reply.totals.things, reply.totals.without_consent) == (1, 1, 1)
    assert reply.totals.value == handed.value == {"USD": Decimal("300.5")}
    assert list(handed.plain())[:3] == ["from", "date", "kind"]
    assert third_party_handovers(inquiry, "somebody else").rows == ()
    assert third_party_handovers(inquiry, without_consent=True).rows == reply.rows
