"""The demo's plot, its published shape, and the audit: they agree exactly."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest
from support.contract_findings import CRAFTED
from support.demo_findings import types_of, unmatched

from chainlog.audit.coverage import sight
from chainlog.audit.rulebook import CODES
from chainlog.audit.run import audit
from chainlog.audit.settings import parse_settings
from chainlog.custody.act import end_of, milliseconds
from chainlog.custody.item import fold_item
from chainlog.custody.shipment import consignments
from chainlog.custody.worth import share
from chainlog.events.things import is_item
from chainlog.index.audit_source import gather
from chainlog.index.index import Items
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.sources import attachments_in
from chainlog.store.segment.shelf import SegmentShelf


@pytest.fixture(scope="module")
def items(demo_built, demo_home):
    with (
        Ledger.open(demo_built.folder / "hq", marks=demo_home / "marks") as ledger,
        Items.of(ledger) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def settings(demo_built):
    return parse_settings((demo_built.folder / "hq/audit.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def closing(seeds):
    return int(seeds.closing.timestamp() * 1000)


@pytest.fixture(scope="module")
def findings(demo_built, items, settings, closing):
    return audit(
        gather(items, closing, closing, attachments_in(SegmentShelf(demo_built.folder / "hq"))),
        settings,
    )


def test_each_planted_finding_is_found_and_nothing_else_is(findings, seeds, demo_built, items):
    assert unmatched(findings, seeds, demo_built.ids, types_of(items)) == ([], [])


def test_every_code_is_planted_but_those_of_crafted_ledgers(findings):
    assert {one.code for one in findings} == set(CODES) - CRAFTED


def test_every_finding_says_what_to_do_in_one_sentence(findings):
    for one in findings:
        assert one.sentence
        assert "{" not in one.sentence
        assert "\n" not in one.sentence
        assert not one.sentence.endswith(".")
        assert one.entries, one


def states(items, as_of):
    return [
        fold_item(key, touches, as_of)
        for key, touches in items.book(as_of).histories()
        if is_item(key)
    ]


@pytest.mark.parametrize(("day", "percent"), [("2023-06-02", 59), ("2024-06-02", 12)])
def test_the_share_of_monitored_value_that_is_delinquent(items, settings, day, percent):
    as_of = end_of(day)
    seen = [
        one for state in states(items, as_of) if (one := sight(state, settings, as_of)) is not None
    ]
    dollars = [
        (one.due, one.worth[0]) for one in seen if one.worth is not None and one.worth[1] == "USD"
    ]
    assert (
        share(
            sum((worth for due, worth in dollars if due), Decimal(0)),
            sum((worth for _, worth in dollars), Decimal(0)),
        )
        == percent
    )


def test_three_of_five_shipments_do_not_match(items, closing):
    routes = {}
    for one in consignments(items.book(closing)):
        if one.dispatches:
            routes.setdefault((one.sender, one.taker), []).append(one.matches)
    assert sorted(
        (len(told), told.count(False))
        for told in routes.values()
        if len(told) == 5 and told.count(False) == 3
    ) == [(5, 3)]


def test_the_mean_delay_of_losses_is_301_days_and_some_have_no_date(items, closing):
    reports = [
        act
        for act in items.book(closing).acts("loss")
        if act.standing != "taken back" and act.text("report") == "final"
    ]
    delays = [
        act.when // 86_400_000 - milliseconds(act.text("lost_on")) // 86_400_000
        for act in reports
        if act.text("lost_on")
    ]
    assert round(sum(delays) / len(delays)) == 301
    assert any(not act.text("lost_on") for act in items.book(closing).acts("loss"))


def test_a_third_of_350_howitzers_are_out_of_action(items, closing):
    howitzers = [state for state in states(items, closing) if state.type == "M777"]
    out = [
        state
        for state in howitzers
        if state.status in {"lost", "destroyed"} or state.condition in {"F", "G", "H", "S"}
    ]
    assert len(howitzers) == 350
    assert 3 * len(out) >= 350


def test_the_settings_are_those_of_the_seeds(demo_built):
    told = tomllib.loads((demo_built.folder / "hq/audit.toml").read_text(encoding="utf-8"))
    assert set(told) == {"in_country"}
