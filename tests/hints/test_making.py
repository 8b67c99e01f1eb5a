"""Hints to make something first: it is made, and then what was refused is done."""

from __future__ import annotations

import json

import pytest
from hints.way import Person

TO_PUBLISH = "make one with 'chainlog checkpoint', or name a file with --checkpoint"
TO_PROVE = "make one: chainlog checkpoint; or take the newest from the site: chainlog sync PATH"
AT_THE_SITE = (
    "make one at the site with 'chainlog checkpoint', have an admitted witness cosign it, take it "
    "with 'chainlog sync PATH'"
)
CHECK = "check it with: chainlog evidence check {output} --trust {authority}"
TO_SIGN = (
    "use the key of an owner, or have one grant yours the role 'log': chainlog key grant KEY "
    "--role log"
)
ANOTHER_KIND = "make one: chainlog key new"


@pytest.fixture
def depot(tmp_path):
    person = Person(tmp_path)
    person.transfer()
    person.entry = json.loads(person.at("log", "--json").out.splitlines()[-1])["id"]
    return person


@pytest.mark.hint(TO_PUBLISH)
def test_a_checkpoint_to_publish(depot, tmp_path):
    told = depot.at("publish", tmp_path / "public", "--yes")
    assert told.code == 1
    assert depot.go(told, TO_PUBLISH).code == 0
    assert depot.at("publish", tmp_path / "public", "--yes").code == 0


@pytest.mark.hint(TO_PROVE)
def test_a_checkpoint_to_prove_by(depot, tmp_path):
    hub = Person(tmp_path, "hub")
    assert hub.at("sync", depot.folder).code == 0
    told = hub.at("prove", depot.entry)
    assert told.code == 1
    # The site makes one, with its own key; then it is taken.
    assert depot.at(hub.ways(told, TO_PROVE)[0].split()[-1]).code == 0
    assert hub.go(told, TO_PROVE, way=1, PATH=depot.folder).code == 0
    assert hub.at("prove", depot.entry).code == 0


@pytest.mark.hint(AT_THE_SITE, CHECK)
def test_a_checkpoint_for_evidence_and_the_check_of_it(depot, tmp_path):
    words = ("evidence", "make", depot.entry, "-o", tmp_path / "made.evidence", "--unwitnessed")
    told = depot.at(*words)
    assert told.code == 1
    assert depot.go(told, AT_THE_SITE).code == 0
    made = depot.at(*words)
    assert made.code == 0, made
    checked = depot.go(made, CHECK)
    assert (checked.code, "not-witnessed" in checked.out) == (4, True), checked


@pytest.mark.hint(TO_SIGN)
def test_a_key_that_may_sign_for_the_log(depot, tmp_path):
    key = tmp_path / "box.pem"
    shown = depot.run("key", "new", key, "--no-passphrase").out.split()
    (own,) = [word for word in shown if word.startswith("clk1:")]
    words = ("--ledger", depot.folder, "--key", key, "checkpoint")
    granted = depot.at("key", "grant", own, "--role", "custodian", "--holder", "box", "--yes")
    assert granted.code == 0, granted
    told = depot.run(*words)
    assert told.code == 1
    # An owner does it, with a key of their own.
    command = depot.ways(told, TO_SIGN)[0].split()[1:]
    at = command.index("--key")
    assert command[at + 1] == str(key)
    owner = [*command[:at], *command[at + 2 :]]
    given = depot.run(
        *(own if word == "KEY" else word for word in owner), "--holder", "box", "--yes"
    )
    assert given.code == 0, given
    assert depot.run(*words).code == 0
