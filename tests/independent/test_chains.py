"""The independent reader, written from FORMAT.md alone, and chainlog, about each other's chains."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from independent import reader as independent_reader
from independent import writer as independent_writer

from chainlog.demo.build import build, read_seeds
from chainlog.ledger.at_path import sources_of, verify_path
from chainlog.ledger.ledger import Ledger
from chainlog.verifier.report import Verdict
from chainlog.verifier.run import verify

HERE = Path(__file__).resolve().parent


@pytest.fixture
def demo(demo_built):
    return demo_built


def test_it_imports_nothing_of_ours():
    for name in ("reader.py", "writer.py"):
        tree = ast.parse((HERE / name).read_text(encoding="utf-8"))
        names = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        roots = {name.partition(".")[0] for name in names}
        assert roots <= set(sys.stdlib_module_names) | {"msgpack", "cryptography", "independent"}, (
            roots
        )


def test_it_agrees_on_every_id_link_pointer_signature_commitment_and_root_of_the_demo(demo):
    assert demo.items > 7_000
    for site, chain in demo.chains.items():
        reading = independent_reader.read_chain(demo.folder / site / "chains" / chain.hex())
        assert reading.faults == []
        report = verify_path(demo.folder / site)
        assert report.verdict is Verdict.HOLDS
        told = next(one for one in report.chains if one.chain == chain.hex())
        assert (told.chain, told.size, told.origin) == (
            reading.chain.hex(),
            reading.size,
            reading.origin,
        )
        assert (told.head, told.root) == (reading.head.hex(), reading.root.hex())
        assert sorted(told.owners) == sorted(reading.owners)
        with Ledger.open(demo.folder / site) as ledger:
            ours = list(ledger.read())
        assert [logged.entry.id for logged in ours] == list(reading.ids)
        assert [logged.fields for logged in ours] == [dict(event) for event in reading.events]


def test_the_demo_is_the_same_each_time(demo, tmp_path):
    again = build(tmp_path / "again", read_seeds())
    assert again.chains == demo.chains
    for site, chain in demo.chains.items():
        names = sorted(
            path.name for path in (demo.folder / site / "chains" / chain.hex()).glob("*.seg")
        )
        for name in names:
            one, two = (
                built.folder / site / "chains" / chain.hex() / name for built in (demo, again)
            )
            assert one.read_bytes() == two.read_bytes()


def test_we_accept_what_it_writes(tmp_path):
    one, two = b"1" * 32, b"2" * 32
    opening = independent_writer.opening(
        "example.org/site", [(one, ["owner", "log"]), (two, ["custodian"])], site="Склад"
    )
    event = {
        "event_time": "2023-03-01T08:00:00Z",
        "from": "A",
        "to": "B",
        "lines": [{"item": {"uii": "X"}}],
        "x_own": [1, True, {"б": "ї"}],
    }
    drafts = [
        independent_writer.Draft(one, "chain.open", opening),
        independent_writer.Draft(two, "transfer", event),
        independent_writer.Draft(two, "transfer", event, withheld=frozenset({"from", "lines/0"})),
        independent_writer.Draft(
            one, "key.revoke", {"key": independent_writer.key_id(two), "reason": "lost"}
        ),
    ]
    written = independent_writer.build_chain(tmp_path, drafts, per_segment=2)
    report = verify(sources_of(tmp_path))
    assert report.verdict is Verdict.HOLDS, report.faults + report.missing
    (told,) = report.chains
    assert (told.chain, told.root, told.size, told.withheld) == (
        written.chain.hex(),
        written.root.hex(),
        4,
        2,
    )


OWNER, CLERK, LOG = b"1" * 32, b"2" * 32, b"3" * 32


def cited(change=None, *, signer=LOG, size=None, origin="example.org/site", chain=None):
    """A chain that cites a checkpoint of itself: its drafts."""

    def event(ids):
        other = [bytes([n]) * 32 for n in range(len(ids))] if change == "root" else ids
        text = independent_writer.checkpoint(signer, origin, other[:size], chain or ids[0])
        return {"checkpoint": change(text) if callable(change) else text}

    opening = independent_writer.opening(
        "example.org/site", [(OWNER, ["owner"]), (CLERK, ["custodian"]), (LOG, ["log"])]
    )
    transfer = {
        "event_time": "2023-03-01T08:00:00Z",
        "from": "A",
        "to": "B",
        "lines": [{"item": {"uii": "X"}}],
    }
    return [
        independent_writer.Draft(OWNER, "chain.open", opening),
        *(
            independent_writer.Draft(CLERK, "transfer", {**transfer, "note": str(n)})
            for n in range(4)
        ),
        independent_writer.Draft(
            OWNER, "key.revoke", {"key": independent_writer.key_id(LOG), "reason": "retired"}
        ),
        independent_writer.Draft(CLERK, "chain.seen", event),
        independent_writer.Draft(CLERK, "transfer", transfer),
    ]


CITED = {
    "all before the log was retired": (cited(size=5), True),
    "of one entry": (cited(size=1), True),
    "by an owner": (cited(signer=OWNER), True),
    "by the log after it was retired": (cited(), False),
    "by a custodian": (cited(signer=CLERK, size=4), False),
    "by a stranger": (cited(signer=b"4" * 32, size=4), False),
    "of no entry": (cited(size=0), False),
    "another root": (cited("root", size=4), False),
    "another origin": (cited(origin="example.org/port", size=4), False),
    "another chain": (cited(chain=b"x" * 32, size=4), False),
    "a size with a zero": (cited(lambda text: text.replace("\n4\n", "\n04\n"), size=4), False),
    "its signature cut": (cited(lambda text: text[:-9], size=4), False),
    "no note": (cited(lambda _: "x"), False),
}


@pytest.mark.parametrize(("drafts", "holds"), CITED.values(), ids=CITED)
def test_both_say_the_same_of_a_checkpoint_that_is_cited(tmp_path, drafts, holds):
    written = independent_writer.build_chain(tmp_path, drafts)
    reading = independent_reader.read_chain(written.folder)
    report = verify(sources_of(tmp_path))
    assert (reading.faults == [], report.verdict) == (
        holds,
        Verdict.HOLDS if holds else Verdict.TAMPERED,
    )
    if not holds:
        assert [fault.at for fault in reading.faults] == [one.index for one in report.faults] == [6]


@pytest.mark.parametrize("kind", ["witness.admit", "witness.suspend"])
def test_both_say_the_same_of_a_witness(tmp_path, kind):
    good = independent_writer.vkey(b"w" * 32, "witness.example/hub")
    opening = independent_writer.opening("example.org/hq", [(OWNER, ["owner"])])
    for number, (vkey, holds) in enumerate(
        [
            (good, True),
            (good.replace("hub", "ngo"), False),
            (good[:-1], False),
            (independent_writer.checkpoint(OWNER, "a.b/c", [b"x" * 32]), False),
            ("w", False),
        ]
    ):
        drafts = [
            independent_writer.Draft(OWNER, "chain.open", opening),
            independent_writer.Draft(OWNER, kind, {"vkey": vkey}),
        ]
        written = independent_writer.build_chain(tmp_path / str(number), drafts)
        report = verify(sources_of(tmp_path / str(number)))
        assert (independent_reader.read_chain(written.folder).faults == []) is holds
        assert report.verdict is (Verdict.HOLDS if holds else Verdict.TAMPERED)


def test_as_a_program(demo):
    done = subprocess.run(
        [sys.executable, HERE / "reader.py", demo.folder / "hq"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
