"""The demo's chains arriving in any order, in parts, or not at all.

The audit says the same of the same entries (docs/audit.md).

`CHAINLOG_ARRIVALS` says how many orders are tried; a few seconds each.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.demo_findings import gathered, types_of, unmatched

from chainlog.audit.run import audit
from chainlog.audit.settings import parse_settings
from chainlog.demo.build import read_seeds
from chainlog.demo.read import parse_seeds
from chainlog.index.audit_source import gather
from chainlog.index.index import Items
from chainlog.ledger.sources import attachments_in
from chainlog.store.engine import EMPTY
from chainlog.store.segment.shelf import SegmentShelf

SITES = ("hq", "port", "depot", "brigade-n", "brigade-s")
EXAMPLES = int(os.environ.get("CHAINLOG_ARRIVALS", "6"))


@pytest.fixture(scope="module")
def plot(demo_built):
    return _Plot(demo_built)


class _Plot:
    def __init__(self, built):
        self.built = built
        self.seeds = parse_seeds(read_seeds())
        self.closing = built.closing
        self.settings = parse_settings((built.folder / "hq/audit.toml").read_text(encoding="utf-8"))
        self.attachment = attachments_in(SegmentShelf(built.folder / "hq"))
        with gathered(built) as ledger, Items.of(ledger) as items:
            self.findings = self.audit(items)
            self.types = types_of(items)
            self.views = sorted(map(str, items.views.holdings()))
            rows = items.db.execute(
                "SELECT c.id, e.idx, e.id, e.document FROM entry e JOIN chain c ON c.no = e.chain"
            )
            self.places = {
                entry: (chain, index, document) for chain, index, entry, document in rows
            }
            self.touched = {}
            for entry, key in items.db.execute(
                "SELECT e.id, s.key FROM mention m JOIN entry e ON e.no = m.entry JOIN "
                "subject s ON s.no = m.subject"
            ):
                self.touched.setdefault(entry, set()).add(key)
            # By the id of an inventory: whose things were counted.
            self.counted = {act.id: act.text("holder") for act in items.book().acts("inventory")}
            self.cited = {}
            for entry, target in items.db.execute(
                "SELECT e.id, c.target FROM cite c JOIN entry e ON e.no = c.entry"
            ):
                self.cited.setdefault(entry, set()).add(target)

    def audit(self, items):
        return audit(gather(items, self.closing, self.closing, self.attachment), self.settings)


def test_the_manifest_and_the_audit_agree(plot):
    assert unmatched(plot.findings, plot.seeds, plot.built.ids, plot.types) == ([], [])


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    order=st.permutations(SITES),
    parts=st.fixed_dictionaries({site: st.floats(0, 1) for site in SITES}),
)
def test_in_any_order_of_arrival_and_in_parts_the_findings_are_the_same(plot, order, parts):
    """Some of each chain in one order, then the rest in the reverse order.

    The index is caught up after each arrival.
    """
    with gathered(plot.built, order[:1], {order[0]: 1}) as ledger, Items.of(ledger) as items:
        with gathered(plot.built) as whole:
            for site in order:
                _arrive(ledger, whole, plot.built.chains[site], parts[site])
                items.catch_up()
            for site in reversed(order):
                _arrive(ledger, whole, plot.built.chains[site], 1)
                items.catch_up()
        assert plot.audit(items) == plot.findings
        assert sorted(map(str, items.views.holdings())) == plot.views
        assert unmatched(plot.findings, plot.seeds, plot.built.ids, types_of(items)) == ([], [])


def _arrive(ledger, whole, chain, part):
    size = max(1, round(whole.engine.head(chain).size * part))
    held = ledger.engine.head(chain) if chain in ledger.engine.chains() else EMPTY
    records = [(one.entry, one.body) for one in whole.engine.read(chain, held.size, size)]
    if records:
        ledger.engine.append(chain, held, records)


@pytest.mark.parametrize("part", [0, 0.35, 0.9])
@pytest.mark.parametrize("site", SITES)
def test_what_is_missing_changes_only_findings_that_it_explains(plot, site, part):
    """What appears, or is gone, has to do with a missing entry.

    It rests on one, or on one that it cites, or names a thing that one touches, or a paper that one
    bears, or shows in the chain that is missing; or it is about who counted before, where a count
    is missing; or what is missing is the chain's roster, which names a party.
    """
    chain = plot.built.chains[site]
    size = sum(of == chain for of, _, _ in plot.places.values())
    stop = round(size * part)
    missing = {
        entry for entry, (of, index, _) in plot.places.items() if of == chain and index >= stop
    }
    things = set().union(*(plot.touched.get(entry, set()) for entry in missing))
    papers = {plot.places[entry][2] for entry in missing} - {None}
    related = missing | set().union(*(plot.cited.get(entry, set()) for entry in missing))
    counted = {holder for entry, holder in plot.counted.items() if entry in missing}
    with gathered(plot.built, stop={site: stop}) as ledger, Items.of(ledger) as items:
        found = plot.audit(items)
    before, after = _occurrences(plot.findings), _occurrences(found)
    changed = [before.get(one) or after[one] for one in set(before) ^ set(after)]
    assert changed
    unexplained = [
        (one.code, item, one.sentence)
        for one, item in changed
        if not (
            item in things
            or one.chain == chain
            or set(one.entries) & related
            or any(
                plot.places[entry][2] in papers for entry in one.entries if plot.places[entry][2]
            )
            or set().union(*(plot.cited.get(entry, set()) for entry in one.entries)) & missing
            or (one.code == "INV-SELF" and one.party in counted)
            or (stop == 0 and one.code in {"CUST-THIRD", "CHAIN-GAP"})
        )
    ]
    assert unexplained == []


def _occurrences(findings):
    """What findings say, thing by thing: one about many things is as many occurrences."""
    return {
        (one.code, one.party, item or one.entries): (one, item)
        for one in findings
        for item in one.items or (None,)
    }
