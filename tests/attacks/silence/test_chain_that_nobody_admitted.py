"""A courier lays a chain of their own beside the others, and what was overdue seems to be counted.

It is signed by a key of nobody, under the programme's name or its own. So does who was suspended go
on. An entry counts once it verifies; that its chain is none of the programme's is said first, and
whoever rests on `--fail-on` is told that nobody can tell.
"""

from __future__ import annotations

import pytest
from attacks.fuller.desks import site
from support.chains import transfer
from support.copies import Copy
from support.programmes import item, signer

from chainlog.ledger.ledger import Ledger

AT = "2024-06-01"


def overdue():
    told = Copy()
    told.register(item("SN-1"))
    told.send(item("SN-1"), at="2023-01-03")
    told.take(item("SN-1"), at="2023-01-04", entry_mode="scan")
    return told


def beside(told, **more):
    """A chain that anybody may open."""
    name = "shadow"
    keys = [{"key": signer(name, "custodian").key_id, "roles": ["owner", "custodian"]}]
    told.ledgers[name] = Ledger.create(
        "memory:",
        {
            "origin": "test.example/shadow",
            "site": name,
            "keys": keys,
            "holders": [{"name": "someone", "party": "brigade"}],
            **more,
        },
        signer(name, "custodian"),
        clock=told.clock,
        entropy=told.salt,
    )
    return name


def counted(told, by):
    return told.count(
        item("SN-1"), holder="brigade", by=by, at="2024-05-01", who="custodian", entry_mode="scan"
    )


def found(told, *codes):
    return [
        (one.code, one.severity, one.party, one.entries)
        for one in told.audit(AT)
        if one.code in codes
    ]


@pytest.mark.parametrize("under", ["the authority", "its own"])
def test_what_it_says_counts_and_that_nobody_admitted_it_is_said(under):
    told = overdue()
    assert [code for code, *_ in found(told, "INV-ANNUAL")] == ["INV-ANNUAL"]
    more = {"programme": told.ledgers["hq"].chain} if under == "the authority" else {}
    entry = counted(told, beside(told, **more))
    assert found(told, "INV-ANNUAL", "CHAIN-FOREIGN") == [
        ("CHAIN-FOREIGN", "high", "shadow", (entry.id,))
    ]


def test_who_hides_what_is_meant_may_mean_anything():
    told = overdue()
    entry = told.hide(counted(told, beside(told)), "lines/0")
    assert found(told, "CHAIN-FOREIGN") == [("CHAIN-FOREIGN", "high", "shadow", (entry.id,))]


def test_who_was_suspended_goes_on():
    told = overdue()
    told.govern(
        "hq",
        "site.suspend",
        chain=told.ledgers["port"].chain,
        reason="theft",
        size=1,
        at=AT[:4] + "-04-01T00:00:00Z",
    )
    entry = counted(told, "port")
    assert found(told, "CHAIN-FOREIGN") == [("CHAIN-FOREIGN", "critical", "port", (entry.id,))]
    told.govern("hq", "site.admit", chain=told.ledgers["port"].chain, origin="test.example/port")
    assert found(told, "CHAIN-FOREIGN") == []


def test_whoever_rests_on_it_cannot_tell(tmp_path):
    depot, hub = site(tmp_path, transfers=0), site(tmp_path, "hub", transfers=0)
    depot.tell(
        "register",
        {
            "event_time": "2023-09-01T00:00:00Z",
            "lines": [{"item": {"maker": "1ABC2", "part": "M777", "serial": "SN-0"}}],
            "owner": "Склад 7",
            "holder": "Склад 7",
            "monitoring": "routine",
        },
    )
    hub.sync(depot)
    assert hub.run("audit", "--fail-on", "critical").code == 0
    other = site(tmp_path, "other", transfers=0)
    other.tell("accept", {"event_time": "2023-09-01T00:00:00Z", "document": "WB-1", "agreed": True})
    hub.sync(other)
    assert hub.run("audit", "--fail-on", "critical").code == 0
    other.tell("transfer", transfer(0, to="Склад 7", **{"from": "Склад 7"}))
    hub.sync(other)
    told = hub.run("audit", "--fail-on", "critical")
    assert (told.code, told.out.splitlines()[0]) == (
        4,
        "not whole here, by CHAIN-FOREIGN (Склад 7)",
    )


def test_the_chains_of_the_programme_are_its_own():
    told = overdue()
    counted(told, "brigade")
    assert found(told, "INV-ANNUAL", "CHAIN-FOREIGN") == []
