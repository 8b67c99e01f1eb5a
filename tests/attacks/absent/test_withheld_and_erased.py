"""A courier withholds fields on the way, and an owner erases a body by law. Both hold, and the
first line says by name what is not shown.
"""

from __future__ import annotations

from attacks.absent.first_line import verdict
from attacks.fuller.desks import site, withheld
from support.chains import OWNER


def test_withheld_fields_are_named_with_their_entry(tmp_path):
    depot = site(tmp_path)
    entry = depot.records()[2].parsed.id
    copy = withheld(depot.folder, tmp_path / "copy", "note", entries={entry})
    said = "holds (full), without fields of aid.example/depot entry 2"
    assert verdict(depot, copy) == (0, said)


def test_an_erased_body_is_named_with_its_entry(tmp_path):
    depot = site(tmp_path)
    with depot.opened(OWNER) as ledger:
        entry = ledger.entry(2).entry.id
    told = depot.run("erase", entry.hex(), "--reason", "by law", "--yes")
    assert told.code == 1  # no key of an owner lies here
    depot.tell("chain.erase", {"entries": [entry], "reason": "by law"}, OWNER)
    assert depot.run("erase", "--carry-out", "--yes").code == 0
    said = "holds (full), without the erased body of aid.example/depot entry 2"
    assert verdict(depot) == (0, said)


def test_where_all_is_shown_all_holds(tmp_path):
    """The honest twin."""
    assert verdict(site(tmp_path)) == (0, "holds (full)")
