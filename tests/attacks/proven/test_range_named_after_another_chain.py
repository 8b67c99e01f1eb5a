"""A site shows every entry from 1 to 4 of its own chain, and one transfer of the authority's beside
it: 'these are all entries from 1 to 4' was then said of the authority, of whose chain the file
holds four of nine.

The range names the chain that it is of, in words and in JSON; what else is shown is no range.
"""

from __future__ import annotations

import json

import pytest
from support.chains import OWNER, Draft, opening, transfer
from support.command import run
from support.evidence import DEPOT, HQ, WITNESS, Case, vkey_of

from chainlog.format.evidence import Evidence, format_evidence


class Beside(Case):
    """The authority's chain, which has transfers of its own and sorts before the site's."""

    def __init__(self):
        for n in range(64):
            self.authority = Draft(opening(origin=HQ, site=f"HQ {n}"))
            self.site = Draft(opening(programme=self.authority.chain))
            if self.authority.chain < self.site.chain:
                break
        self.authority.add("witness.admit", {"vkey": vkey_of(WITNESS)}, OWNER)
        self.authority.add("site.admit", {"chain": self.site.chain, "origin": DEPOT}, OWNER)
        for n in range(5):
            self.authority.add("transfer", transfer(20 + n))
            self.site.add("transfer", transfer(n))

    def file(self, folder, *, beside):
        shown = (1, 2, 4) if beside else (1, 2)
        parts = self.authority_part(shown), self.site_part(range(1, 5))
        (folder / "evidence").write_bytes(format_evidence(Evidence(parts, (), (1, 4))))
        return folder / "evidence"


@pytest.mark.parametrize("beside", [True, False])
def test_the_range_is_said_of_its_chain(tmp_path, beside):
    case = Beside()
    words = ("evidence", "check", case.file(tmp_path, beside=beside), "--trust", case.trust.hex())
    said = run(*words)
    chain = case.site.chain.hex()
    assert said.code == 0
    assert f"these are all entries from 1 to 4 of {DEPOT}, chain {chain}" in said.out
    assert (f"2 entries of {HQ} are shown besides" in said.out) is beside
    told = json.loads(run(*words, "--json").out)
    assert (told["from"], told["to"], told["chain"], told["origin"]) == (1, 4, chain, DEPOT)
