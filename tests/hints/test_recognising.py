"""Hints about a file that is something else than was asked for: what it is for works with it."""

from __future__ import annotations

import zipfile

import pytest
from hints.way import Person

SEGMENT = "'chainlog verify FILE' checks it"
EVIDENCE = "'chainlog evidence check FILE --trust ID' checks it"
PROOF = "it is checked with the entry that 'chainlog show ID --entry FILE' writes"
NOTE = "'chainlog verify --checkpoint FILE' compares a chain with it"
RULES = "name it with 'chainlog withhold --rule'"
KEY = "'chainlog key show FILE' shows it; a private key is for nobody else"
EXPORT = "'chainlog import' records what is in it; what is verified is the ledger"
SHEET = "save it as CSV: 'chainlog import' records what is in that"


@pytest.fixture
def depot(depot):
    depot.entry = depot.entries()[-1]["id"]
    return depot


def mistaken(depot, file):
    """The file named where a chain is expected."""
    told = depot.run("verify", file)
    assert told.code == 4, told
    return told


@pytest.mark.hint(SEGMENT)
def test_a_segment_is_verified(depot):
    (segment,) = depot.chain_folder().glob("*.seg")
    told = depot.run("sync", segment)
    assert told.code
    assert depot.go(told, SEGMENT, FILE=segment).code == 0


@pytest.mark.hint(EVIDENCE)
def test_evidence_is_checked(depot, tmp_path):
    file = tmp_path / "made.evidence"
    depot.at("checkpoint")
    assert depot.at("evidence", "make", depot.entry, "-o", file, "--unwitnessed").code == 0
    told = depot.run("sync", file)
    checked = depot.go(told, EVIDENCE, FILE=file, ID=depot.chain)
    assert (checked.code, "not-witnessed" in checked.out) == (4, True), checked


@pytest.mark.hint(PROOF)
def test_a_proof_goes_with_the_entry_that_show_writes(depot, tmp_path):
    depot.at("checkpoint")
    (tmp_path / "one.proof").write_text(depot.at("prove", depot.entry).out, encoding="utf-8")
    told = mistaken(depot, tmp_path / "one.proof")
    file = tmp_path / "entry"
    written = depot.at(*depot.words(told, PROOF, ID=depot.entry, FILE=file))
    assert (written.code, file.stat().st_size > 0) == (0, True), written


@pytest.mark.hint(NOTE)
def test_a_chain_is_compared_with_a_note(depot, tmp_path):
    (tmp_path / "newest").write_text(depot.at("checkpoint").out, encoding="utf-8")
    told = mistaken(depot, tmp_path / "newest")
    compared = depot.at(*depot.words(told, NOTE, FILE=tmp_path / "newest"))
    assert compared.code == 0, compared


@pytest.mark.hint(RULES)
def test_rules_go_into_a_copy(depot, tmp_path):
    (tmp_path / "rules.toml").write_text('[[rules]]\nfields = ["from"]\n', encoding="utf-8")
    told = mistaken(depot, tmp_path / "rules.toml")
    words = depot.words(told, RULES)
    made = depot.at(words[0], tmp_path / "copy", *words[1:], tmp_path / "rules.toml")
    assert made.code == 0, made
    assert depot.run("verify", tmp_path / "copy").code == 0


@pytest.mark.hint(KEY)
def test_a_key_is_shown(depot):
    file = depot.home / "key.pem"
    told = mistaken(depot, file)
    shown = depot.go(told, KEY, FILE=file)
    assert (shown.code, "clk1:" in shown.out) == (0, True), shown


def table(folder):
    """A table of one transfer of somebody else's."""
    other, file = Person(folder, "other"), folder / "table.csv"
    other.transfer("SN-9")
    assert other.at("export", "csv", "-o", file).code == 0
    return file


@pytest.mark.hint(EXPORT)
def test_what_was_exported_is_recorded(depot, tmp_path):
    told = mistaken(depot, table(tmp_path))
    done = depot.at(*depot.words(told, EXPORT), tmp_path / "table.csv", "--yes")
    assert done.code == 0, done
    assert len(depot.entries()) == 3


@pytest.mark.hint(SHEET)
def test_a_workbook_is_recorded_once_it_is_saved_as_a_table(depot, tmp_path):
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    told = depot.at("import", tmp_path / "book.xlsx", "--yes")
    assert told.code
    done = depot.go(told, SHEET, table(tmp_path), "--yes")
    assert done.code == 0, done
    assert len(depot.entries()) == 3
