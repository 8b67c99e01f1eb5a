"""What a verification says, as values and as JSON.

And the two places of the verifier that only large or broken input reaches.
"""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.chains import CLERK, OWNER, Draft, faults, missing, opening, transfer, verify_bytes
from support.notes import HUB, ORIGIN, VKEY, checkpoint, held, verified

from chainlog import errors
from chainlog.errors import Keyed
from chainlog.export.words.catalogue import words
from chainlog.format.keys import format_key_id
from chainlog.verifier.report import STEPS, ChainReport, Fault, Level, Report, Verdict
from chainlog.verifier.trust import Trust

FAULT = Fault("ab" * 32, 3, 4, "signature", Keyed("fault.signature", where="a.seg", index=3))


@given(st.integers(0, 5), st.lists(st.booleans(), max_size=12), st.integers(0, 2))
def test_the_verdict_is_the_worst_of_all_that_was_found_however_much_is_listed(
    limit, found, chains
):
    report = Report(Level.FULL, limit, [ChainReport("", "here") for _ in range(chains)])
    for bad in found:
        (report.add_fault if bad else report.add_missing)(FAULT)
        report.add_without(FAULT)
    worst = (
        Verdict.TAMPERED
        if any(found)
        else Verdict.CANNOT_TELL
        if found or not chains
        else Verdict.HOLDS
    )
    assert report.verdict is worst
    assert (report.fault_count, report.missing_count) == (sum(found), len(found) - sum(found))
    assert (len(report.faults), len(report.missing)) == (
        min(limit, sum(found)),
        min(limit, len(found) - sum(found)),
    )
    assert (report.without_count, len(report.without)) == (len(found), min(limit, len(found)))
    assert report.truncated == (report.fault_count > limit or report.missing_count > limit)


@pytest.mark.parametrize("kind", ["fault", "missing", "without"])
def test_as_many_are_listed_as_were_asked_for_and_all_are_counted(kind):
    report = Report(Level.FULL, 1)
    for _ in range(3):
        getattr(report, f"add_{kind}")(FAULT)
    listed = {"fault": report.faults, "missing": report.missing, "without": report.without}
    assert (listed[kind], getattr(report, f"{kind}_count")) == ([FAULT], 3)


FAULT_SCHEMA = {
    "type": "object",
    "properties": {
        "chain": {"type": "string"},
        "index": {"type": ["integer", "null"]},
        "step": {"enum": list(STEPS)},
        "code": {"type": "string", "pattern": "^[a-z][a-z-]*$"},
        "key": {"type": "string", "pattern": r"^fault\.[a-z._-]+$"},
        "params": {"type": "object"},
        "message": {"type": "string", "pattern": " "},
    },
    "required": ["chain", "index", "step", "code", "key", "params", "message"],
    "additionalProperties": False,
}
COUNT = {"type": "integer", "minimum": 0}
COUNT_OR_NULL = {"type": ["integer", "null"], "minimum": 0}
CHAIN_SCHEMA = {
    "type": "object",
    "properties": {
        "chain": {"type": "string"},
        "source": {"type": "string"},
        "origin": {"type": "string"},
        "head": {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
        "root": {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
        **dict.fromkeys(
            ["size", "checked", "absent", "erased", "withheld", "forks", "forks_abandoned"], COUNT
        ),
        **dict.fromkeys(["witnessed", "witnessed_at"], COUNT_OR_NULL),
        "cosigners": {"type": "array", "items": {"type": "string"}},
        "admitted": {"type": ["boolean", "null"]},
        "accepted": {"type": ["integer", "null"]},
        "owners": {"type": "array", "items": {"pattern": "^clk1:"}},
        "attachments": {
            "type": "object",
            "properties": {"held": COUNT, "absent": COUNT},
            "required": ["held", "absent"],
        },
    },
    "additionalProperties": False,
}
CHAIN_SCHEMA["required"] = list(CHAIN_SCHEMA["properties"])
REPORT_SCHEMA = {
    "type": "object",
    "properties": {
        "verdict": {"enum": ["holds", "cannot tell", "tampered"]},
        "level": {"enum": ["links", "heads", "full"]},
        "chains": {"type": "array", "items": CHAIN_SCHEMA},
        "faults": {"type": "array", "items": FAULT_SCHEMA},
        "missing": {"type": "array", "items": FAULT_SCHEMA},
        "without": {"type": "array", "items": FAULT_SCHEMA},
        "truncated": {"type": "boolean"},
        **dict.fromkeys(
            [
                *("fault_count", "missing_count", "without_count"),
                *("cited_elsewhere", "admitted_elsewhere"),
            ],
            COUNT,
        ),
        "trust": {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
        "as_of": COUNT_OR_NULL,
    },
    "additionalProperties": False,
}
REPORT_SCHEMA["required"] = list(REPORT_SCHEMA["properties"])


def reports():
    draft = Draft()
    draft.add("transfer", transfer())
    yield draft.verify()
    draft.bodies[1] = b""
    yield draft.verify(limit=0)
    yield verify_bytes(draft.segment()[5:], draft.chain)
    yield verify_bytes(b"", draft.chain, level=Level.LINKS)
    authority = Draft(opening(origin=ORIGIN))
    authority.add("witness.admit", {"vkey": VKEY}, OWNER)
    note = held(checkpoint(authority, 2, OWNER, cosigned=[(HUB, 1_700_000_000)]))
    yield verified(authority, note, trust=Trust(authority.chain))
    yield verified(authority, trust=Trust(b"x" * 32))


@pytest.mark.parametrize(
    "report",
    list(reports()),
    ids=["holds", "absent", "damaged", "empty", "trusted", "nobody trusted"],
)
def test_a_report_is_json_of_one_form(report):
    plain = report.plain()
    for one in [*plain["faults"], *plain["missing"]]:
        assert words("en").tell(one["message"]) != one["message"]
    jsonschema.validate(plain, REPORT_SCHEMA)
    assert json.loads(json.dumps(plain)) == plain


def test_a_report_gives_what_it_holds():
    chain = ChainReport(
        "ab" * 32,
        "here",
        "a/b",
        9,
        "cd" * 32,
        None,
        (OWNER.key_id, CLERK.key_id),
        8,
        7,
        6,
        5,
        4,
        3,
        10,
        11,
        2,
        1,
        ("w", "v"),
        False,
    )
    assert chain.plain() == {
        "chain": "ab" * 32,
        "source": "here",
        "origin": "a/b",
        "size": 9,
        "head": "cd" * 32,
        "root": None,
        "owners": [format_key_id(OWNER.key_id), format_key_id(CLERK.key_id)],
        "checked": 8,
        "absent": 7,
        "erased": 6,
        "withheld": 5,
        "attachments": {"held": 4, "absent": 3},
        "forks": 10,
        "forks_abandoned": 11,
        "witnessed": 2,
        "witnessed_at": 1,
        "cosigners": ["w", "v"],
        "admitted": False,
        "accepted": None,
    }
    told = {
        "chain": "ab" * 32,
        "index": 3,
        "step": 4,
        "code": "signature",
        "key": "fault.signature",
        "params": {"where": "a.seg", "index": 3},
    }
    message = "a.seg: entry 3: the signature does not hold"
    assert FAULT.plain() == {**told, "message": FAULT.says}
    assert words("en").tell(FAULT.says) == message
    assert FAULT.says == "fault.signature (where=a.seg, index=3)"


def test_what_a_fault_says_within_what_it_says_has_a_key_too():
    why = errors.NoteError("{told!r} is no {what}", told=b"x", what="line").message
    at = Keyed("fault.at", where=Keyed("place.byte", name="a.seg", start=7), why=why)
    assert at.parts() == {
        "key": "fault.at",
        "params": {
            "where": {"key": "place.byte", "params": {"name": "a.seg", "start": 7}},
            "why": {"key": "{told!r} is no {what}", "params": {"told": "b'x'", "what": "line"}},
        },
    }
    assert words("en").tell(at) == "a.seg, byte 7: b'x' is no line"
    assert words("uk").tell(at) == "a.seg, байт 7: b'x' is no line"


def test_a_report_says_who_was_trusted_and_of_when():
    plain = Report(Level.FULL, 9, trust=b"\xab" * 32, as_of=7, cited_elsewhere=3).plain()
    assert (plain["trust"], plain["as_of"], plain["cited_elsewhere"]) == ("ab" * 32, 7, 3)
    nobody = Report(Level.FULL, 9).plain()
    assert (nobody["trust"], nobody["as_of"], nobody["cited_elsewhere"]) == (None, None, 0)


def test_the_steps_are_ten():
    assert list(STEPS) == list(range(1, 11))


# The verifier's corners


def test_more_batches_than_workers_hold_are_all_told():
    draft = Draft()
    for n in range(6 * 128):
        draft.add("transfer", transfer(n), body_held=b"x" if n in {0, 767} else None)
    with ThreadPoolExecutor(1) as workers:
        report = draft.verify(workers=workers, parallel=1)
    assert [(one.index, one.step) for one in report.faults] == [(1, 6), (768, 6)]
    assert report.chains[0].checked == 769


@pytest.mark.parametrize(("at", "found"), [(0, {(5, "begins-late")}), (2, {(5, "begins-late")})])
def test_a_bare_file_that_begins_with_damage(at, found):
    draft = Draft()
    for n in range(4):
        draft.add("transfer", transfer(n))
    records = draft.records()
    report = verify_bytes(b"\xff" * 40 + b"".join(records[at + 1 :]), whole=False)
    assert (report.verdict, faults(report), missing(report)) == (
        Verdict.TAMPERED,
        {(1, "damaged")},
        found,
    )
    assert report.chains[0].size == 4 - at
    assert report.chains[0].root is None


def test_a_bare_file_that_begins_with_damage_and_then_the_first_entry():
    draft = Draft()
    draft.add("transfer", transfer())
    report = verify_bytes(b"\xff" * 40 + draft.segment(), whole=False)
    assert (report.verdict, faults(report)) == (Verdict.TAMPERED, {(1, "damaged")})
    assert report.chains[0].chain == draft.chain.hex()


# The errors under one root


def every_error(root=errors.ChainlogError):
    yield root
    for one in root.__subclasses__():
        yield from every_error(one)


def test_each_error_has_a_code_of_its_own_and_stands_in_the_tree():
    ours = [one for one in every_error() if one.__module__ == errors.__name__]
    assert len({one.code for one in ours}) == len(ours)
    told = dict(re.findall(r"(\w+Error) ([a-z-]+)", errors.__doc__))
    assert {one.__name__: one.code for one in ours}.items() <= told.items()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errors.ChainlogError("m", hint="h"), {"message": "m", "hint": "h"}),
        (
            errors.EventError("m", field="a.b", unknown=True),
            {"message": "a.b: m", "reason": "m", "field": "a.b", "unknown": True, "hint": None},
        ),
        (errors.EventError("m"), {"message": "m", "reason": "m", "field": "", "unknown": False}),
        (errors.RosterError("m", fault="f"), {"message": "m", "fault": "f", "hint": None}),
        (
            errors.UncertainError("m", fault="f", hint="h"),
            {"message": "m", "fault": "f", "hint": "h"},
        ),
        (
            errors.IntakeError("m", problems=("a", "b")),
            {"message": "m", "problems": ("a", "b"), "hint": None},
        ),
    ],
)
def test_an_error_says_what_and_what_to_do(error, said):
    assert {name: getattr(error, name) for name in said} == said
    assert str(error) == said["message"]
