"""CHAIN-FOREIGN: chains that are none of the programme's."""

from __future__ import annotations

import pytest
from audit.test_handovers import stranger
from support.programmes import Chronicle, item


@pytest.fixture
def told():
    made = Chronicle()
    made.register(item("SN-1"))
    return made


def foreign(told, **more):
    return [
        (one.key, one.severity, one.party, one.count, len(one.entries))
        for one in told.only("CHAIN-FOREIGN", **more)
    ]


def seen(told, by, *lines, at="2023-03-01"):
    return told.count(*lines, by=by, at=at, who="custodian")


@pytest.mark.parametrize("under_it", [True, False])
def test_foreign_is_who_speaks_of_its_things_and_was_not_admitted(told, under_it):
    programme = told.ledgers["hq"].chain if under_it else None
    name = stranger(told, programme=programme)
    seen(told, name, item("SN-1"))
    seen(told, name, item("SN-1"), at="2023-03-02")
    assert foreign(told) == [("CHAIN-FOREIGN", "high", "shadow", 1, 2)]
    # Where the authority's chain is not held, that is what is said.
    assert foreign(told, sites=("depot", "shadow")) == []


def test_foreign_is_not_who_speaks_of_its_own_things_under_its_own_authority(told):
    name = stranger(told)
    seen(told, name, item("SN-9"))
    told.register(item("SN-8"), by=name)
    seen(told, name, item("SN-8"))
    assert foreign(told) == []


def test_foreign_is_not_what_did_not_happen(told):
    name = stranger(told)
    told.undo(seen(told, name, item("SN-1")), by=name)
    assert foreign(told, at="2023-12-01") == []


def test_foreign_from_where_it_is_suspended_and_until_it_is_admitted_again(told):
    port = told.ledgers["port"].chain
    seen(told, "port", item("SN-1"))
    told.govern("hq", "site.suspend", "2023-04-01", chain=port, reason="theft", size=2)
    assert foreign(told) == []
    seen(told, "port", item("SN-1"), at="2023-05-01")
    assert foreign(told) == [("CHAIN-FOREIGN.suspended", "critical", "port", 1, 1)]
    told.govern("hq", "site.admit", "2023-06-01", chain=port, origin="test.example/port")
    assert foreign(told) == []
    assert foreign(told, at="2023-05-15") == [("CHAIN-FOREIGN.suspended", "critical", "port", 1, 1)]
