"""A chain of which nothing, or not all, can be read: every verb that looks says which and why, and
exits with the code of *cannot tell*.
"""

from __future__ import annotations

import json
import shutil

import pytest
from support.chains import small_chain

from chainlog.cli.exit_codes import CANNOT_TELL, FINDINGS
from chainlog.cli.main import main

ITEM = "1ABC2/M777/0042"


class Desk:
    """A ledger with some entries, and its user."""

    def __init__(self, folder, capsys):
        self.folder, self.capsys = folder, capsys
        self.run("key", "new", "--no-passphrase")
        self.run(
            *("init", str(folder), "--origin", "example.org/depot"), "--site", "A", "--holder", "X"
        )
        for _ in range(3):
            self.run("transfer", "--from", "A", "--to", "B", "--item", ITEM, "--yes")

    def run(self, *args, code=0):
        """Run a verb; returns what it said: (stdout, stderr)."""
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([*(() if args[0] == "init" else ("--ledger", str(self.folder))), *args])
        said = self.capsys.readouterr()
        assert left.value.code == code, said
        return said

    @property
    def chain(self):
        (folder,) = (self.folder / "chains").iterdir()
        return folder

    @property
    def segment(self):
        (path,) = self.chain.glob("*.seg")
        return path

    def other(self):
        """The folder of another chain that is held here, of four entries."""
        draft = small_chain(4)
        folder = self.folder / "chains" / draft.chain.hex()
        folder.mkdir()
        (folder / f"{0:020d}.seg").write_bytes(draft.segment())
        return folder

    def forget(self):
        """Whoever looks has no mark of the chain."""
        shutil.rmtree(self.folder.parent / "home" / "marks", ignore_errors=True)


@pytest.fixture
def desk(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path / "home"))
    return Desk(tmp_path / "ledger", capsys)


def emptied(desk):
    desk.segment.write_bytes(b"")
    return "is empty"


def zeros(desk):
    desk.segment.write_bytes(bytes(desk.segment.stat().st_size))
    return "no entry 0 of this chain"


def photo(desk):
    desk.segment.write_bytes(b"\xff\xd8\xff\xe0 a photo")
    return "no entry 0 of this chain"


def capitals(desk):
    desk.segment.rename(desk.segment.with_suffix(".SEG"))
    return "no segment"


def gone(desk):
    shutil.rmtree(desk.chain)
    return "is not held"


def folder(desk):
    path = desk.segment
    path.unlink()
    path.mkdir()
    return "is no file"


LOOKS = [
    ("status",),
    ("status", "--json"),
    ("log",),
    ("log", "--all", "--json"),
    ("log", "--kind", "transfer"),
    ("log", "--author", "X"),
    ("export", "jsonl"),
    ("export", "csv"),
    ("key", "list"),
]
ASKS = [("audit",), ("audit", "--json"), ("holdings",), ("losses",)]


@pytest.mark.parametrize("spoil", [emptied, zeros, photo, capitals, gone, folder])
@pytest.mark.parametrize("marked", [True, False], ids=["mine", "another's"])
def test_of_a_chain_of_which_nothing_can_be_read(desk, spoil, marked):
    name = desk.chain.name[:16]
    why = spoil(desk)
    if not marked:
        desk.forget()
    for verb in LOOKS:
        out, err = desk.run(*verb, code=CANNOT_TELL)
        assert out == "", "nothing is listed, not even heads of columns"
        assert name in err
        assert "not one entry can be read" in err
        assert why in err or marked, "where an index says that there were entries, what is there"
    for verb in ASKS:
        out, err = desk.run(*verb, code=CANNOT_TELL)
        assert f"of chain {name}… not one entry can be read: " in err


def test_an_item_of_it_is_not_said_to_be_unknown_and_no_more(desk):
    desk.run("trace", ITEM)
    desk.segment.write_bytes(b"")
    _, err = desk.run("trace", ITEM, code=CANNOT_TELL)
    assert "not one entry can be read" in err
    assert "no entry held here names an item" in err
    assert "as far as it can be read" in err


def test_an_export_leaves_the_file_that_is_there(desk, tmp_path):
    target = tmp_path / "nightly.jsonl"
    desk.run("export", "jsonl", "-o", str(target))
    before = target.read_bytes()
    assert len(before.splitlines()) == 4
    data = desk.segment.read_bytes()
    desk.forget()
    for spoilt in (b"", data[: len(data) // 2] + bytes(50) + data[len(data) // 2 :]):
        desk.segment.write_bytes(spoilt)
        desk.run("export", "jsonl", "-o", str(target), code=CANNOT_TELL)
        assert target.read_bytes() == before
        assert [one.name for one in tmp_path.glob(".nightly*")] == []
    desk.segment.write_bytes(data)
    desk.run("export", "jsonl", "-o", str(target))
    assert target.read_bytes() == before


def test_what_can_be_read_is_shown_and_where_it_ends_is_said(desk):
    data = desk.segment.read_bytes()
    desk.segment.write_bytes(data + b"what is this?")
    for verb in (("log", "--json"), ("export", "jsonl")):
        out, err = desk.run(*verb, code=CANNOT_TELL)
        assert [json.loads(line)["index"] for line in out.splitlines()] == [0, 1, 2, 3]
        assert f"{desk.segment.name}, byte {len(data)}: what stands there is no entry 4" in err
    out, err = desk.run("status", code=CANNOT_TELL)
    assert "4 entries" in out
    assert "can be read up to entry 3 only" in err


def test_a_write_that_did_not_finish_is_none_of_it(desk):
    """Whoever writes next sets it aside; readers pass over it."""
    data = desk.segment.read_bytes()
    for torn in (data[:100], bytes(64)):
        desk.segment.write_bytes(data + torn)
        for verb in (("log",), ("export", "jsonl"), ("status",)):
            desk.run(*verb)


def test_another_chain_that_cannot_be_read_is_named(desk):
    """The answer has the chains that can be read; by itself it can be listed no more than the own
    one.
    """
    other = desk.other()
    prefix = other.name[:16]
    desk.run("log", "--chain", prefix)
    desk.run("holdings")
    next(other.glob("*.seg")).write_bytes(b"")
    out, err = desk.run("holdings", "--json", code=CANNOT_TELL)
    assert json.loads(out)["rows"]
    assert f"of chain {prefix}… not one entry can be read: " in err
    out, err = desk.run("log", "--chain", prefix, code=CANNOT_TELL)
    assert (out, prefix in err) == ("", True)
    desk.run("log")


def test_findings_fail_all_the_same(desk):
    (desk.other() / f"{0:020d}.seg").write_bytes(b"")
    desk.run("audit", code=CANNOT_TELL)
    desk.run("audit", "--fail-on", "low", code=FINDINGS)


def test_what_a_crash_left_before_the_first_entry_is_no_chain(desk):
    left = desk.folder / "chains" / bytes(32).hex()
    left.mkdir()
    (left / "lock").touch()
    for verb in (("holdings",), ("audit",), ("status",)):
        _, err = desk.run(*verb)
        assert left.name[:16] not in err
