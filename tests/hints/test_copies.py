"""Hints about copies of a ledger: older ones, forked ones, those that somebody laid beside."""

from __future__ import annotations

import shutil

import pytest
from hints.way import Person

LAST = "take what is missing from the copy that was written last: chainlog {where}sync {other}"
NEWEST = "bring back the newest copy, or take what is missing with 'chainlog sync PATH'"
ASIDE = "mkdir -p {into_} && mv {where} {file} && chainlog sync {from_}"
SYNCHRONISED = (
    "{folder} is synchronised by {service}, which puts files in the place of those that are being "
    "written: keep the ledger elsewhere, and bring it to others with 'chainlog sync PATH'"
)
LOOK = (
    "{names}: so {by} names a copy, where two devices wrote one file, or one was copied to where "
    "it lay: it may hold entries that are not here, and was not read; look at it: chainlog verify "
    "{where}"
)
COMPARE = (
    "{names}: so {by} names a copy, where two devices wrote one file: it may be a checkpoint that "
    "is not here, and was not read; compare it: chainlog verify --checkpoint {where} {chain}"
)
UNFIT = "DOES NOT FIT: run 'chainlog verify'"
TWO = "two histories were signed: run 'chainlog verify'"
ASK_AGAIN = (
    "ask the site for it again; where its keys changed since, take the newer entries first: "
    "chainlog sync PATH"
)
NEW_NAME = (
    "name a new one: a copy is written into nothing that is there; whether a copy there is whole, "
    "'chainlog verify {quoted}' says"
)
FIELDS = "'chainlog show' says what its fields are"
ON_LEDGER = "run 'chainlog verify' on the ledger"
FEWER = "take them from whoever has them ('chainlog sync PATH'), or verify what is here"
NOBODY = "make one with 'chainlog checkpoint'"


@pytest.fixture
def clone(depot, tmp_path):
    """Somebody else with the same key and a copy of the ledger, which went on by itself."""
    one = Person.__new__(Person)
    home = tmp_path / "clone-home"
    one.__dict__.update(vars(depot), folder=tmp_path / "clone", home=home, key=home / "key.pem")
    shutil.copytree(depot.folder, one.folder)
    home.mkdir()
    shutil.copy(depot.home / "key.pem", one.key)
    assert one.at("chain", "only-copy").code == 0
    assert one.transfer("SN-2").code == 0
    return one


def saved(person, file):
    """The checkpoint that somebody makes now, in a file."""
    file.write_text(person.at("checkpoint").out, encoding="utf-8")
    return file


@pytest.mark.hint(LAST)
def test_the_older_of_two_copies_takes_what_the_newer_has(depot, tmp_path):
    older = tmp_path / "older"
    shutil.copytree(depot.folder, older)
    depot.transfer("SN-2")
    depot.folder = older
    told = depot.transfer("SN-3")
    assert told.code
    assert depot.go(told, LAST).code == 0
    assert depot.transfer("SN-3").code == 0
    assert depot.at("verify").code == 0


@pytest.mark.hint(NEWEST)
@pytest.mark.parametrize("way", ["taken", "brought back"])
def test_an_older_copy_signs_nothing_until_it_has_what_was_signed(depot, tmp_path, way):
    """Of a backup, all is older but the checkpoints."""
    older, home = tmp_path / "older", tmp_path / "home-before"
    shutil.copytree(depot.folder, older)
    shutil.copytree(depot.home, home)
    depot.transfer("SN-2")
    depot.at("checkpoint")
    shutil.rmtree(depot.home)
    home.rename(depot.home)
    newer = tmp_path / "newer"
    depot.folder.rename(newer)
    older.rename(depot.folder)
    shutil.copytree(
        newer / "chains" / depot.chain / "checkpoints", depot.chain_folder() / "checkpoints"
    )
    told = depot.at("checkpoint")
    assert told.code
    depot.shown(told, NEWEST)
    if way == "taken":
        assert depot.go(told, NEWEST, PATH=newer).code == 0
    else:
        shutil.rmtree(depot.folder)
        newer.rename(depot.folder)
    assert depot.at("checkpoint").code == 0


@pytest.mark.hint(ASIDE, LOOK)
def test_a_conflict_copy_is_put_aside_and_what_only_it_has_is_taken(depot, clone):
    (segment,) = clone.chain_folder().glob("*.seg")
    beside = segment.with_suffix(".sync-conflict-20261128-101500-ABCDEFG.seg").name
    shutil.copy(segment, depot.chain_folder() / beside)
    told = depot.at("verify")
    assert told.code == 4
    looked = depot.go(told, LOOK)
    assert (looked.code, "size 3" in " ".join(looked.out.split())) == (0, True), looked
    told = depot.at("status")
    depot.type(depot.shown(told, ASIDE))
    assert depot.at("verify").code == 0
    assert len(depot.entries()) == 3


@pytest.mark.hint(COMPARE)
def test_a_conflict_copy_of_a_checkpoint_is_compared(depot, clone, tmp_path):
    depot.transfer("SN-3")
    depot.at("checkpoint")
    (kept,) = (depot.chain_folder() / "checkpoints").glob("0*.checkpoint")
    saved(clone, kept.with_suffix(".sync-conflict-20261128-101500-ABCDEFG.checkpoint"))
    told = depot.at("verify")
    assert told.code == 4
    compared = depot.go(told, COMPARE)
    assert compared.code == 3, compared


@pytest.mark.hint(SYNCHRONISED)
def test_a_ledger_in_a_synchronised_folder_is_kept_elsewhere(depot, tmp_path):
    place = tmp_path / "Dropbox"
    place.mkdir()
    depot.folder, depot.key = depot.folder.rename(place / "depot"), depot.home / "key.pem"
    told = depot.transfer("SN-2")
    # Somebody else takes it from there, with no word of who may write there.
    other = Person(tmp_path, "other")
    taken = other.at(depot.words(told, SYNCHRONISED)[-2], depot.folder)
    assert taken.code == 0, taken
    depot.folder = depot.folder.rename(tmp_path / "depot")
    assert "synchronised" not in depot.transfer("SN-3").err


@pytest.mark.hint(UNFIT, TWO)
def test_two_histories_are_said_by_verify(depot, clone, tmp_path):
    depot.transfer("SN-3")
    forked = saved(clone, tmp_path / "forked")
    entry = depot.entries()[2]["id"]
    told = depot.at("prove", entry, "--checkpoint", forked)
    assert told.code
    assert depot.go(told, TWO).code
    assert depot.at("checkpoint", "--take", forked).code == 3
    told = depot.at("checkpoint", "--list")
    assert depot.go(told, UNFIT).code == 3


@pytest.mark.hint(ASK_AGAIN)
def test_a_checkpoint_by_a_newer_key_is_taken_after_its_entries(depot, tmp_path):
    hub, box = Person(tmp_path, "hub"), tmp_path / "box.pem"
    assert hub.at("sync", depot.folder).code == 0
    made = depot.run("key", "new", box, "--no-passphrase").out.split()
    (own,) = [word for word in made if word.startswith("clk1:")]
    assert depot.at("key", "grant", own, "--role", "log", "--holder", "box", "--yes").code == 0
    depot.key = box
    newest = saved(depot, tmp_path / "newest")
    told = hub.at("checkpoint", "--take", newest)
    assert told.code
    assert hub.go(told, ASK_AGAIN, PATH=depot.folder).code == 0
    assert hub.at("checkpoint", "--take", newest).code == 0


@pytest.mark.hint(NEW_NAME)
def test_what_is_there_is_verified_and_a_copy_gets_a_new_name(depot, tmp_path):
    words = ("--field", "from")
    assert depot.at("withhold", tmp_path / "copy", *words).code == 0
    told = depot.at("withhold", tmp_path / "copy", *words)
    assert told.code
    assert depot.go(told, NEW_NAME).code == 0
    assert depot.at("withhold", tmp_path / "copy-2", *words).code == 0


@pytest.mark.hint(FIELDS)
def test_what_an_entry_has_is_shown_and_withheld(depot, tmp_path):
    first, second = (one["id"] for one in depot.entries())
    words = ("withhold", tmp_path / "copy", "--field", "from")
    told = depot.at(*words, "--entry", first, "--entry", second)
    assert told.code
    shown = depot.go(told, FIELDS, second)
    assert (shown.code, "Порт" in shown.out) == (0, True), shown
    assert depot.at(*words, "--entry", second).code == 0


@pytest.mark.hint(ON_LEDGER)
def test_what_keeps_a_copy_from_being_made_is_said_by_verify(depot, tmp_path):
    (segment,) = depot.chain_folder().glob("*.seg")
    data = bytearray(segment.read_bytes())
    data[data.rindex(b"SN-1")] ^= 1
    segment.write_bytes(data)
    told = depot.at("withhold", tmp_path / "copy", "--field", "to")
    assert told.code
    verified = depot.go(told, ON_LEDGER)
    assert (verified.code, "entry 1: body" in verified.out) == (3, True), verified


@pytest.mark.hint(FEWER)
def test_entries_to_be_published_are_taken_first(depot, tmp_path):
    hub = Person(tmp_path, "hub")
    assert hub.at("sync", depot.folder).code == 0
    depot.transfer("SN-2")
    newest = saved(depot, tmp_path / "newest")
    words = ("publish", tmp_path / "web", "--chain", depot.chain, "--checkpoint", newest, "--yes")
    told = hub.at(*words)
    assert told.code
    assert hub.go(told, FEWER, PATH=depot.folder).code == 0
    assert hub.at(*words).code == 0


@pytest.mark.hint(NOBODY)
def test_a_checkpoint_that_nobody_in_force_signed_is_made_anew(depot, tmp_path):
    file = saved(depot, tmp_path / "newest")
    text, _, _ = file.read_text(encoding="utf-8").partition("\n\n")
    other = Person(tmp_path, "other")
    line = saved(other, tmp_path / "others").read_text(encoding="utf-8").partition("\n\n")[2]
    file.write_text(f"{text}\n\n{line}", encoding="utf-8")
    told = depot.at("publish", tmp_path / "web", "--checkpoint", file, "--yes")
    assert told.code
    made = depot.go(told, NOBODY)
    assert made.code == 0, made
    file.write_text(made.out, encoding="utf-8")
    assert depot.at("publish", tmp_path / "web", "--checkpoint", file, "--yes").code == 0
