"""Entries by their numbers, in each place where one is named; several that share a name."""

from __future__ import annotations

import json
import shutil

import pytest

SITE = ("--origin", "example.org/depot", "--site", "Склад 7", "--holder", "Олена")
OTHER = ("--origin", "example.org/port", "--site", "Порт", "--holder", "Іван")


def move(serial, *more):
    item = ("--item", f"1ABC2/M777/{serial}")
    return ("transfer", "--from", "Склад 7", "--to", "Бригада", *item, *more, "--yes")


@pytest.fixture
def ids(run, tmp_path):
    """The ids of the depot's entries: its opening, two of document WB-1, one of document 1."""
    run("key", "new", "--no-passphrase")
    run("init", *SITE)
    for serial, document in (("SN-1", "WB-1"), ("SN-2", "WB-1"), ("SN-3", "1")):
        run(*move(serial, "--document", document))
    run("init", "../port", *OTHER)
    run("sync", tmp_path / "port")
    return [json.loads(line)["id"] for line in run("log", "--json").out.splitlines()]


@pytest.mark.parametrize(
    ("named", "index"),
    [("2", 2), ("#2", 2), ("depot:3", 3), ("Склад 7:1", 1), ("example.org/depot:0", 0)],
)
def test_an_entry_goes_by_its_number(run, ids, named, index):
    assert json.loads(run("show", named, "--json").out)["id"] == ids[index]


def test_of_another_site_too(run, ids):
    told = json.loads(run("show", "port:0", "--json").out)
    assert told["event"]["site"] == "Порт"
    assert json.loads(run("show", f"{ids[0][:8]}:2", "--json").out)["id"] == ids[2]
    assert "no entry" in run("show", "port:1", code=1).err
    assert "no entry" in run("show", "nowhere:1", code=1).err
    for number in ("9", "00", "00000000"):
        assert run("show", number, code=1).err


def test_wherever_an_entry_is_named(run, ids, tmp_path):
    run("attest", "--entry", "2", "--yes")
    last = json.loads(run("log", "--json", "-n", "1").out)
    assert last["event"]["entry"] == ids[2]
    run("correct", "--entry", "3", "--reason", "did_not_happen", "--yes")
    assert json.loads(run("log", "--json", "-n", "1").out)["event"]["entry"] == ids[3]
    run("checkpoint")
    run("evidence", "make", "2", "-o", tmp_path / "two.evidence", "--unwitnessed")
    assert run("prove", "2").out
    run("erase", "2", "--reason", "court", "--yes")
    # Whose document is gone, and whose number is not.
    assert json.loads(run("show", "2", "--json").out)["event"] is None


def test_what_may_mean_several_is_listed_with_what_each_is(run, ids):
    told = run("show", "WB-1", code=1).err
    for index in (1, 2):
        assert f"{ids[index][:12]} (entry {index}: transfer, " in told
        assert "Склад 7 → Бригада" in told
    # A document that is called like an entry.
    told = run("show", "1", code=1).err
    assert f"{ids[1][:12]} (entry 1: " in told
    assert f"{ids[3][:12]} (entry 3: " in told
    assert run("show", "depot:1").out


def test_two_sites_of_one_name(run, ids, tmp_path):
    run("init", "../port2", "--origin", "example.net/port", *OTHER[2:])
    run("sync", tmp_path / "port2")
    assert len(ids) == 4
    assert "more than one site is called 'port'" in run("show", "port:0", code=1).err
    assert run("show", "example.net/port:0").out


def test_every_entry_says_what_it_is_about(run, ids, tmp_path):
    run("accept", "--document", "WB-9", "--agreed", "--yes")
    run("inspect", "--item", "1ABC2/M777/SN-1", "--was", "A", "--now", "F", "--yes")
    run("correct", "--entry", ids[1], "--reason", "did_not_happen", "--yes")
    run("attest", "--entry", ids[2], "--yes")
    shutil.rmtree(tmp_path / "port")
    lines = [line.split("\t") for line in run("log").out.splitlines()]
    assert all(line[-1] for line in lines)
    told = {line[4]: line[-1] for line in lines}
    assert "Склад 7" in told["chain.open"]
    assert ids[1][:12] in told["correct"]
    assert "F" in told["inspect"]
