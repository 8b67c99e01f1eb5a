"""Hints about witnesses: the witness is made or told what it lacks, and cosigns."""

from __future__ import annotations

import shutil

import pytest
from hints.way import Person

NO_NAME = (
    "make one: chainlog witness new FILE --name NAME; of a witness's key that was moved, move its "
    "folder 'witness' with it"
)
NONE_KEPT = (
    "no checkpoint of it is kept here: take one with 'chainlog sync PATH' or 'chainlog "
    "checkpoint --take FILE'"
)
SHORTER = "take what is missing with 'chainlog sync PATH'"
PUT_BACK = "put back the line that 'chainlog witness new' printed"
ANOTHER = "for another witness make another key: chainlog witness new FILE --name NAME"
AHEAD = (
    "its log signed {size} entries, and {held} are held here: take the others first, with "
    "'chainlog sync PATH'"
)
NOT_COSIGNED = (
    "have it cosigned first; where the authority's chain is not here, which says who counts, take "
    "it: chainlog sync PATH"
)
NONE_COSIGNED = "have one cosigned, or take it from the hub: chainlog sync PATH"


@pytest.fixture
def hub(tmp_path, depot):
    """A hub that is a witness, and holds the depot's chain."""
    person = Person(tmp_path, "hub")
    person.vkey = made(person, tmp_path / "w1.pem", "hub.example/w1").out
    person.key = tmp_path / "w1.pem"
    assert person.at("sync", depot.folder).code == 0
    return person


def made(person, file, name):
    told = person.run("witness", "new", file, "--name", name, "--no-passphrase")
    assert told.code == 0, told
    return told


@pytest.mark.hint(NO_NAME)
def test_a_key_of_no_witness_is_replaced_by_one_that_is(hub, depot, tmp_path):
    hub.key = hub.home / "key.pem"
    depot.at("checkpoint")
    assert hub.at("sync", depot.folder).code == 0
    told = hub.at("witness", "cosign")
    assert told.code
    file = tmp_path / "w2.pem"
    new = hub.go(told, NO_NAME, "--no-passphrase", FILE=file, NAME="hub.example/w2")
    assert new.code == 0, new
    hub.key = file
    assert hub.at("witness", "cosign", depot.chain).code == 0


@pytest.mark.hint(ANOTHER)
def test_another_witness_has_another_key(hub, tmp_path):
    told = hub.at("witness", "vkey", "--name", "hub.example/w2")
    assert told.code
    file = tmp_path / "w2.pem"
    new = hub.go(told, ANOTHER, "--no-passphrase", FILE=file, NAME="hub.example/w2")
    assert new.code == 0, new
    hub.key = file
    assert hub.at("witness", "vkey", "--name", "hub.example/w2").code == 0


@pytest.mark.hint(PUT_BACK)
def test_a_name_that_cannot_be_read_is_put_back(hub):
    (name,) = (hub.home / "witness").rglob("vkey")
    name.write_bytes(b"\0" * 80)
    told = hub.at("witness", "vkey")
    assert (told.code != 0, str(name) in told.err) == (True, True)
    hub.shown(told, PUT_BACK)
    name.write_text(hub.vkey, encoding="utf-8")
    assert hub.at("witness", "vkey").out == hub.vkey


@pytest.mark.hint(NONE_KEPT)
@pytest.mark.parametrize("way", [0, 1], ids=["sync", "take"])
def test_where_no_checkpoint_is_kept_one_is_taken(hub, depot, tmp_path, way):
    told = hub.at("witness", "cosign")
    (tmp_path / "newest").write_text(depot.at("checkpoint").out, encoding="utf-8")
    taken = hub.go(told, NONE_KEPT, way=way, PATH=depot.folder, FILE=tmp_path / "newest")
    assert taken.code == 0, taken
    assert hub.at("witness", "cosign", depot.chain).code == 0


@pytest.mark.hint(AHEAD)
def test_entries_that_the_log_signed_are_taken_first(hub, depot, tmp_path):
    depot.transfer("SN-2")
    (tmp_path / "newest").write_text(depot.at("checkpoint").out, encoding="utf-8")
    assert hub.at("checkpoint", "--take", tmp_path / "newest").code == 4
    told = hub.at("witness", "cosign", depot.chain)
    assert told.code == 4, told
    assert hub.go(told, AHEAD, PATH=depot.folder).code == 0
    assert hub.at("witness", "cosign", depot.chain).code == 0


@pytest.mark.hint(SHORTER)
def test_an_older_chain_of_the_authority_takes_what_it_lacks(hub, depot, tmp_path):
    hq = Person(tmp_path, "hq")
    assert hub.at("sync", hq.folder).code == 0
    older = tmp_path / "older"
    shutil.copytree(hub.folder, older)
    site = Person(tmp_path, "site", programme=hq.chain)
    assert hq.at("site", "admit", site.chain, "--origin", "aid.example/site", "--yes").code == 0
    site.at("checkpoint")
    for one in (hq, site):
        assert hub.at("sync", one.folder).code == 0
    hub.folder.rename(tmp_path / "newer")
    older.rename(hub.folder)
    assert hub.at("sync", site.folder).code == 0
    told = hub.at("witness", "cosign", "--trust", hq.chain, site.chain)
    assert told.code
    assert hub.go(told, SHORTER, PATH=hq.folder).code == 0
    assert hub.at("witness", "cosign", "--trust", hq.chain, site.chain).code == 0


@pytest.fixture
def programme(tmp_path):
    """An authority, which admitted its witness and a site that writes under it.

    The site has a checkpoint, and does not hold the authority's chain.
    """
    hq, key = Person(tmp_path, "hq"), tmp_path / "w1.pem"
    vkey = made(hq, key, "hub.example/w1").out.strip()
    hq.witness = key
    site = Person(tmp_path, "site", programme=hq.chain)
    site.transfer()
    site.at("checkpoint")
    for words in (
        ("witness", "admit", vkey),
        ("site", "admit", site.chain, "--origin", "aid.example/site"),
    ):
        assert hq.at(*words, "--yes").code == 0
    return hq, site


def cosigned(hq, site):
    """The authority takes the site's chain, and its witness cosigns it."""
    assert hq.at("sync", site.folder).code == 0
    done = hq.run("--ledger", hq.folder, "--key", hq.witness, "witness", "cosign")
    assert done.code == 0, done


@pytest.mark.hint(NONE_COSIGNED)
def test_a_cosigned_checkpoint_is_taken_from_the_hub(programme):
    hq, site = programme
    told = site.at("chain", "seen", "--yes")
    assert told.code, told
    cosigned(hq, site)
    assert site.go(told, NONE_COSIGNED, PATH=hq.folder).code == 0
    assert site.at("chain", "seen", "--yes").code == 0


@pytest.mark.hint(NOT_COSIGNED)
def test_the_authority_s_chain_says_whose_cosignatures_count(programme):
    hq, site = programme
    cosigned(hq, site)
    seen = max((hq.chain_folder(site.chain) / "checkpoints").glob("0*"))
    words = ("chain", "seen", seen, "--yes")
    told = site.at(*words)
    assert told.code, told
    assert site.go(told, NOT_COSIGNED, PATH=hq.folder).code == 0
    assert site.at(*words).code == 0
