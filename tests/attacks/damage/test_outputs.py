"""A worn disk damages an entry below the last checkpoint, and then something is handed out.

`log` and `export` printed an entry under an id that no tree has, and ended with 0. What is shown
leads to a signature, or is refused or marked; and what is made is taken by whoever checks it.
"""

from __future__ import annotations

import json

import pytest
from attacks.damage.disks import SIZE, Disk, pair
from attacks.fuller.desks import holds
from support.chains import OWNER, transfer
from support.command import run

from chainlog.ledger.signers.files import write_key

ENTRY = ["signature", "header"]
WHOLE_ENTRY = [*ENTRY, "frame", "zeros", "hole"]
AT = 5


@pytest.fixture
def depot(tmp_path, monkeypatch):
    made, _ = pair(tmp_path)
    write_key(tmp_path / "key.pem", OWNER, None)
    monkeypatch.setenv("CHAINLOG_KEY", str(tmp_path / "key.pem"))
    return made


def damage(depot, way, index=AT):
    disk = Disk(depot, depot.chain)
    name = disk.records[index][1].parsed.id.hex()
    getattr(disk, way)(index)
    return name


def shown(told):
    return [json.loads(line) for line in told.splitlines()]


@pytest.mark.parametrize("index", [0, AT, SIZE - 1])
@pytest.mark.parametrize("way", ENTRY)
def test_log_shows_nothing_that_leads_to_no_signature(depot, way, index):
    damage(depot, way, index)
    for words in (["log", "--all"], ["log", "--json"]):
        said = depot.run(*words)
        assert said.code in {1, 4}, said.out
        assert "does not hold" in said.err or "read" in said.err
    assert [one["index"] for one in shown(said.out)] == list(range(index))


def test_log_shows_what_holds(depot):
    said = depot.run("log", "--json")
    assert (said.code, len(shown(said.out))) == (0, SIZE)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("way", WHOLE_ENTRY)
def test_a_good_export_is_not_written_over(depot, tmp_path, form, way):
    target = tmp_path / "export"
    assert depot.run("export", form, "-o", target).code == 0
    before = target.read_bytes()
    damage(depot, way)
    said = depot.run("export", form, "-o", target)
    assert said.code in {1, 4}, said.err
    assert target.read_bytes() == before


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("way", ["body", "salt"])
def test_a_damaged_body_is_left_out_marked_and_said(depot, tmp_path, form, way):
    target = tmp_path / "export"
    name = damage(depot, way)
    said = depot.run("export", form, "-o", target)
    assert said.code == 4
    assert f"these entries say: {AT};" in said.err
    (line,) = [one for one in target.read_text().splitlines() if name in one]
    assert "note 4" not in line
    assert "the body is not the one" in line or "does not hold" in line


@pytest.mark.parametrize("way", ["body", "salt", *WHOLE_ENTRY])
def test_no_proof_is_made_that_its_own_check_refuses(depot, way):
    name = damage(depot, way)
    said = depot.run("prove", name)
    if way in {"body", "salt"}:
        # It is of the entry, which is whole, and says nothing of its body.
        assert said.code == 0, said.err
    else:
        assert (said.code, said.out) == (1, "")


@pytest.mark.parametrize("way", ["body", "salt", *WHOLE_ENTRY])
def test_no_evidence_is_made_of_it(depot, tmp_path, way):
    name = damage(depot, way)
    made = depot.run("evidence", "make", name, "--unwitnessed", "-o", tmp_path / "made")
    assert made.code != 0
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("way", ["body", "salt", *WHOLE_ENTRY])
def test_no_copy_nor_site_is_made_of_it(depot, tmp_path, way):
    damage(depot, way)
    for words in (
        ["withhold", tmp_path / "copy", "--field", "note"],
        ["publish", tmp_path / "www"],
    ):
        said = depot.run(*words, *(["--yes"] if words[0] == "publish" else []))
        assert said.code == 1, said.out
        assert not list((tmp_path / words[0]).glob("*"))
        assert not (tmp_path / "www" / "checkpoint").exists()


@pytest.mark.parametrize("way", WHOLE_ENTRY)
def test_nothing_is_erased_beside_it_and_nothing_is_signed(depot, way):
    name = Disk(depot, depot.chain).records[AT - 1][1].parsed.id.hex()
    damage(depot, way)
    before = Disk(depot, depot.chain).bytes()
    said = depot.run("erase", name, "--reason", "art. 17", "--yes")
    assert said.code != 0, said.out
    assert Disk(depot, depot.chain).bytes() == before


@pytest.mark.parametrize("way", ["body", "salt"])
def test_a_damaged_body_can_be_erased(depot, way):
    name = damage(depot, way)
    said = depot.run("erase", name, "--reason", "art. 17", "--yes")
    assert said.code == 0, said.err
    assert holds(depot)


@pytest.mark.parametrize("way", ["body", "salt", *WHOLE_ENTRY])
def test_what_verify_hints_at_heals_it(depot, tmp_path, way):
    """As it stands there, from where it is shown."""
    damage(depot, way)
    said = depot.run("verify")
    assert said.code == 3
    (hint,) = [line for line in said.err.splitlines() if line.startswith("hint: ")]
    command = hint.rpartition("chainlog ")[2].split()
    assert command[-2:] == ["sync", "WHO"]
    healed = depot.run("sync", tmp_path / "hub" / "ledger")
    assert healed.code == 0, healed.out
    assert depot.run("verify").code == 0
    depot.tell("transfer", transfer(77))
    assert "hint" not in depot.run("verify").err


def test_the_hint_names_the_ledger_that_was_named(depot, tmp_path, monkeypatch):
    damage(depot, "body")
    monkeypatch.setenv("CHAINLOG_HOME", str(depot.home))
    said = run("verify", depot.folder)
    (hint,) = [line for line in said.err.splitlines() if line.startswith("hint: ")]
    words = hint.rpartition(": chainlog ")[2].replace("WHO", str(tmp_path / "hub" / "ledger"))
    assert run(*words.split()).code == 0
    assert run("verify", depot.folder).code == 0


def test_of_a_copy_that_is_no_ledger_none_is_given(depot, tmp_path):
    damage(depot, "body")
    said = depot.run("verify", depot.chain_folder())
    assert (said.code, "hint" in said.err) == (3, False)
