"""An auditor asks for one kind of finding over a ledger from which a chain was deleted: the answer
was '0 findings', since what says that the chain is gone is of another kind.
"""

from __future__ import annotations

import json
import shutil

from attacks.absent.first_line import authority


def asked(desk, *words):
    """The exit code of an audit, its first line, and the codes of what says it is not whole."""
    told = desk.run("audit", *words)
    plain = json.loads(desk.run("audit", *words, "--json").out)
    return told.code, told.out.partition("\n")[0], [one["code"] for one in plain["not_whole"]]


def test_it_is_named_whatever_is_asked_for(tmp_path):
    hq, (port, _) = authority(tmp_path, "port", "depot")
    shutil.rmtree(hq.chain_folder(port.chain))
    said = "not whole here, by CHAIN-GAP (aid.example/port)"
    for words in (("--code", "SHIP-OPEN"), ("--severity", "critical"), ("--open",), ()):
        assert asked(hq, *words) == (0, said, ["CHAIN-GAP"]), words
    told = json.loads(hq.run("audit", "--code", "SHIP-OPEN", "--json").out)
    assert (told["findings"], told["totals"]["findings"]) == ([], 0)


def test_where_all_is_here_it_begins_with_the_findings(tmp_path):
    """The honest twin."""
    hq, _ = authority(tmp_path, "port", "depot")
    code, said, not_whole = asked(hq, "--code", "SHIP-OPEN")
    assert (code, said.startswith("0 findings as of "), not_whole) == (0, True, [])
