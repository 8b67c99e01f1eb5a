"""What rests on a key, one thing's history, and what an audit comes to."""

from __future__ import annotations

import pytest
from support.programmes import key, signer

from chainlog.audit.finding import SEVERITIES
from chainlog.custody.worth import worth_together
from chainlog.errors import NoEntryError
from chainlog.format.keys import format_key_id
from chainlog.index.questions.audit import FindingFilter, audited
from chainlog.index.questions.exposure import exposure_of
from chainlog.index.questions.trace import trace_of


def test_exposure_adds_up(inquiry):
    exposed = exposure_of(inquiry, "custodian of depot")
    totals = exposed.totals
    assert sum(one.entries for one in exposed.rows) == totals.entries > 0
    assert sum(one.in_doubt for one in exposed.rows) == totals.in_doubt == 0
    assert len(exposed.items) == totals.items == sum(count for _, count in totals.types) > 0
    assert worth_together(one.value for one in exposed.items) == totals.value
    assert [one.name for one in exposed.keys] == ["custodian of depot"]
    assert list(exposed.plain()) == ["as_of", "keys", "rows", "items", "grants", "totals", "unmet"]
    assert list(exposed.plain()["totals"]) == ["entries", "in_doubt", "items", "value"]


def test_a_key_goes_by_its_text_or_the_beginning_of_it(inquiry):
    text = format_key_id(signer("depot", "recorder").key_id)
    whole, part = exposure_of(inquiry, text), exposure_of(inquiry, text[:16])
    assert whole == part
    assert (whole.keys[0].revoked, whole.keys[0].doubt_from) == ("compromised", None)
    assert (whole.rows, whole.totals.entries) == ((), 0)
    for nobody in ("clk1:", "nobody", text[:7]):
        with pytest.raises(NoEntryError):
            exposure_of(inquiry, nobody)


def test_a_trace_tells_each_entry_once_and_where_the_thing_is(inquiry):
    trace = trace_of(inquiry, "SN-1")
    assert trace.item == key("SN-1")
    entries = [one.entry for one in trace.history]
    assert len(entries) == len(set(entries)) == 5
    assert [one.kind for one in trace.history] == [
        "register",
        "dispatch",
        "receive",
        "loss",
        "loss",
    ]
    assert trace.state is not None
    assert [one.status for one in trace.now] == [trace.state.status] == ["lost"]
    assert list(trace.plain()) == ["item", "as_of", "now", "history"]
    with pytest.raises(NoEntryError):
        trace_of(inquiry, "lot:no/such")


def test_an_audit_counts_its_findings(inquiry):
    answer = audited(inquiry, FindingFilter())
    totals = answer.totals
    assert totals.findings == len(answer.findings) > 0
    assert sum(totals.by_code.values()) == sum(totals.by_severity.values()) == totals.findings
    assert totals.entries == sum(one.size for one in answer.chains)
    assert answer.open_at(SEVERITIES[-1])
    told = ["as_of", "settings", "chains", "findings", "totals", "unmet", "not_whole", "untold"]
    assert list(answer.plain()) == told
    one = answer.findings[0]
    only = audited(inquiry, FindingFilter(codes=(one.code.lower(),), party=one.party))
    assert {(found.code, found.party) for found in only.findings} == {(one.code, one.party)}
