"""The command as people and programs call it.

Exit codes, what goes where, and the shapes of `--json`.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from chainlog.cli.input import decode_json, parse_events
from chainlog.cli.verbs import groups
from chainlog.errors import EventError, IntakeError
from chainlog.events.kinds import CUSTODY, KINDS
from chainlog.events.things import parse_item
from chainlog.export.words.events import format_event, format_line
from chainlog.format.body import withhold
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.cosignature import Ed25519Cosigner
from chainlog.format.keys import Ed25519Signer, commitment_to_next
from chainlog.format.note import Note, format_note, format_vkey, parse_note
from chainlog.format.record import format_record
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.files import read_key, write_key
from chainlog.store.segment import engine as segment

SITE, BRIGADE = "Склад «А»", "3-тя бригада"
TRANSFER = ("transfer", "--from", SITE, "--to", BRIGADE, "--item", "1ABC2/M777/0042", "--yes")
SHAPE = {"id", "chain", "index", "time", "author", "kind", "event"}


class Terminal(io.StringIO):
    """A person at the keyboard."""

    def isatty(self):
        return True


@pytest.fixture
def ledger(run, tmp_path):
    """A ledger with one chain in the current folder, and its key without a passphrase."""
    run("key", "new", "--no-passphrase")
    chain = run(
        "init", "--origin", "example.org/depot", "--site", SITE, "--holder", "Олена Ковальчук"
    ).out.strip()
    return SimpleNamespace(path=tmp_path / "work", chain=chain, key=tmp_path / "home" / "key.pem")


def piped(text):
    return SimpleNamespace(
        buffer=io.BytesIO(text if isinstance(text, bytes) else text.encode()), isatty=lambda: False
    )


def records(ledger):
    with Ledger.open(ledger.path) as held:
        return [(record.entry, record.body) for record in held.engine.read(held.chain)]


def rewrite(ledger, pairs):
    [path] = (ledger.path / "chains" / ledger.chain).glob("*.seg")
    path.write_bytes(b"".join(format_record(entry, body) for entry, body in pairs))


# Recording


def test_a_transfer_is_recorded_and_read_back_in_any_script(run, ledger):
    recorded = run(
        *TRANSFER,
        "--place",
        "Львів",
        "--document",
        "АКТ-17",
        "--type",
        "M777",
        "--field",
        "x_note=їжак",
    )
    assert recorded.out.startswith("recorded ")
    assert recorded.out.endswith(" as entry 1\n")
    assert recorded.err == ""
    one = json.loads(run("show", "АКТ-17", "--json").out)
    assert set(one) == SHAPE
    assert one["event"]["lines"] == [
        {"item": {"maker": "1ABC2", "part": "M777", "serial": "0042"}, "type": "M777"}
    ]
    assert (one["event"]["from"], one["event"]["place"], one["event"]["x_note"]) == (
        SITE,
        "Львів",
        "їжак",
    )
    assert one["event"]["entry_mode"] == "manual"
    people = run("show", one["id"][:8]).out
    assert BRIGADE in people
    assert "Олена Ковальчук" in people
    assert "custodian" in people


def test_recorded_json_is_what_show_prints(run, ledger):
    recorded = json.loads(run(*TRANSFER, "--json").out)
    assert recorded == json.loads(run("show", recorded["id"], "--json").out)
    accepted = json.loads(
        run("accept", "--entry", recorded["id"][:10], "--agreed", "--yes", "--json").out
    )
    assert accepted["event"]["entry"] == recorded["id"]
    assert accepted["event"]["agreed"] is True


def test_lines_of_every_kind(run, ledger):
    one = run(
        "register",
        "--owner",
        "MoD",
        "--holder",
        SITE,
        "--monitoring",
        "enhanced",
        "--item",
        "a%2Fb//1",
        "--lot",
        "1305/L%2F1:10.50:EA",
        "--money",
        "10.50:USD",
        "--value",
        "7.0:USD:book",
        "--condition",
        "A",
        "--line",
        '{"item": {"uii": "X"}}',
        "--yes",
        "--json",
    )
    value = {"amount": "7", "currency": "USD", "basis": "book"}
    assert json.loads(one.out)["event"]["lines"] == [
        {"item": {"maker": "a/b", "part": "", "serial": "1"}, "condition": "A", "value": value},
        {
            "lot": {"nsn": "1305", "number": "L/1"},
            "quantity": "10.5",
            "unit": "EA",
            "condition": "A",
            "value": value,
        },
        {"amount": "10.5", "currency": "USD", "condition": "A", "value": value},
        {"item": {"uii": "X"}},
    ]


def test_the_other_verbs(run, ledger, tmp_path):
    first = json.loads(run(*TRANSFER, "--json").out)["id"]
    (tmp_path / "new.json").write_text('{"event_time": "2023-03-01T08:00:00Z"}')
    (tmp_path / "фото.jpg").write_bytes(b"jpeg")
    given = [
        ("inspect", "--item", "a/b/1", "--now", "F", "--attach", tmp_path / "фото.jpg"),
        ("pack", "--container", "Box 7", "--item", "a/b/1", "--item", "a/b/2", "--seal", "S"),
        ("unpack", "--container", "a/b/c", "--item", "a/b/1"),
        ("inventory", "--holder", SITE, "--counter", "Inspector", "--complete"),
        (
            "fund",
            "--step",
            "commitment",
            "--amount",
            "10.50",
            "--currency",
            "USD",
            "--from",
            "A",
            "--to",
            "B",
            "--draws-on",
            first,
        ),
        (
            "correct",
            "--entry",
            first,
            "--reason",
            "wrong_data",
            "--replacement",
            tmp_path / "new.json",
        ),
        ("acknowledge", "--finding", "SHIP-OPEN", "--entry", first, "--reason", "known"),
        ("receive", "--from", "A", "--to", "B", "--dispatch", "f" * 64),
    ]
    events = [json.loads(run(*args, "--yes", "--json").out)["event"] for args in given]
    assert events[0]["attachments"][0]["type"] == "image/jpeg"
    assert events[1]["container"] == "Box 7"
    assert events[2]["container"] == {"maker": "a", "part": "b", "serial": "c"}
    assert events[3]["complete"] is True
    assert events[4]["amount"] == "10.5"
    assert events[5]["replacement"] == {"event_time": "2023-03-01T08:00:00Z"}
    assert events[6]["entries"] == [first]
    assert events[7]["dispatch"] == "f" * 64
    assert run("verify", "--attachments").out.startswith("holds (full)\n")


def test_every_missing_option_is_named_at_once(run):
    error = run("transfer", code=2).err
    assert "--item, --lot, --money or --line; --from; --to" in error
    assert "--complete or --not-complete" in run("inventory", code=2).err
    assert "--entry or --document" in run("accept", "--agreed", code=2).err
    assert all(f"--{name}" in run("loss", code=2).err for name in ("holder", "cause", "report"))


@pytest.mark.parametrize(
    "args",
    [
        ("--item", "only-a-serial"),
        ("--lot", "1305:1:EA"),
        ("--money", "10"),
        ("--line", '{"a": 1, "a": 2}'),
        ("--line", "[1]"),
        ("--condition", "Z", "--item", "a/b/1"),
        ("--value", "1:USD", "--item", "a/b/1"),
        ("--item", "a/b/1", "--field", "place=x"),
        ("--item", "a/b/1", "--field", "x_a=1", "--field", "x_a=2"),
        ("--line", '{"item": {"uii": "X"}}', "--type", "M777"),
    ],
)
def test_a_bad_option_is_a_usage_error(run, args):
    run("transfer", "--from", "A", "--to", "B", *args, "--yes", code=2)


def test_without_a_terminal_yes_must_be_given(run, ledger):
    assert "--yes" in run(*TRANSFER[:-1], code=2).err
    assert "--yes" in run("chain", "close", "--reason", "x", code=2).err


def test_a_person_sees_the_event_and_says_yes_or_no(run, ledger):
    first = json.loads(run(*TRANSFER, "--json").out)["id"]
    said = run("accept", "--entry", first[:8], "--agreed", stdin=Terminal("т\n"))
    assert said.out.startswith("recorded ")
    assert "the other party signs" in said.err
    assert f"{first[:12]} is a transfer of" in said.err
    for no in ("n", "н", "No", "ні", ""):
        refused = run(*TRANSFER[:-1], stdin=Terminal(f"{no}\n"), code=1)
        assert refused.out == ""
        assert refused.err.endswith(": not recorded\n")
    asked = run(*TRANSFER[:-1], stdin=Terminal("perhaps\nні\n"), code=1)
    assert "answer yes or no" in asked.err
    assert "interrupted" in run(*TRANSFER[:-1], stdin=Terminal(""), code=130).err
    assert json.loads(run("status", "--json").out)["size"] == 3


def test_times_are_typed_as_people_say_them(run, ledger):
    yesterday = datetime.now().astimezone().date() - timedelta(days=1)
    told = json.loads(run(*TRANSFER, "--event-time", "вчора 10:30", "--json").out)
    assert told["event"]["event_time"].startswith(f"{yesterday}T10:30:00")
    assert "someday" in run(*TRANSFER, "--event-time", "someday", code=2).err
    count = len(run("log", "--since", "-14d", "--until", "today", "--json").out.splitlines())
    assert count == len(run("log", "--json").out.splitlines()) > 0
    assert run("log", "--until", "yesterday", "--json").out == ""


def test_an_odd_clock_is_told(run, ledger, monkeypatch):
    with Ledger.open(
        ledger.path, read_key(ledger.key, bytes), clock=lambda: 1, marks=ledger.key.parent / "marks"
    ) as held:
        monkeypatch.setattr("chainlog.cli.append.open_ledger", lambda ctx: held)
        assert "clock" in run(*TRANSFER).err


# add


EVENT = {
    "event_time": "2023-03-01T08:00:00Z",
    "from": "A",
    "to": "B",
    "lines": [{"amount": "1", "currency": "USD"}],
}


def test_add_takes_one_object_or_lines(run, ledger, tmp_path):
    (tmp_path / "one.json").write_text(json.dumps(EVENT, indent=2))
    [one] = run("add", "transfer", tmp_path / "one.json", "--yes").out.split()
    assert len(one) == 64
    lines = f"{json.dumps(EVENT)}\n\n{json.dumps(EVENT)}\n"
    printed = run("add", "transfer", "-", "--yes", "--json", stdin=piped(lines)).out.splitlines()
    assert [json.loads(line)["index"] for line in printed] == [2, 3]


def test_add_records_nothing_unless_all_fit(run, ledger):
    lines = f'{json.dumps(EVENT)}\n{json.dumps(EVENT)[:-1]}, "note": 7}}\n[]\n{{"a": 1,\n'
    error = run("add", "transfer", "-", "--yes", stdin=piped(lines), code=1).err
    assert all(f"line {number}: " in error for number in (2, 3, 4))
    assert json.loads(run("status", "--json").out)["size"] == 1


def test_add_takes_governing_kinds_but_no_opening(run, ledger):
    run("add", "chain.seen", "-", "--yes", stdin=piped('{"checkpoint": "x"}'))
    run("add", "chain.open", "-", "--yes", stdin=piped("{}"), code=2)
    run("add", "nosuch", "-", "--yes", stdin=piped("{}"), code=2)
    run("add", "transfer", "-", stdin=piped(json.dumps(EVENT)), code=2)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n ",
        b"{",
        b"nul",
        b'{"x_a": NaN}',
        b'{"x_a": Infinity}',
        b"\xff",
        b'{"x_a": "\xff"}',
        b'{"x_a": "\\ud800"}',
        b"[" * 100_000,
        b'{"x_a":' * 5000 + b"1" + b"}" * 5000,
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b"1",
        b'"x"',
        b"null",
        b"9" * 5000,
        b'{"x_a": ' + b"9" * 5000 + b"}",
        b'{"x_a": 1e999999999999999999}',
        b'{"x_a": 1.5}',
        b'{"x_a": 1e400}',
        b'{"x_a": {"b": [1.5]}}',
        (b'{"x_a": 123456789012345678901234567890}'),
        b"\xef\xbb\xbf{}",
        b"\x00",
    ],
)
def test_hostile_json_raises_only_our_errors(data):
    whole = (
        b"{" + json.dumps(EVENT).encode()[1:-1] + b", " + data[1:] if data[:2] == b'{"' else data
    )
    with pytest.raises(IntakeError) as error:
        parse_events("transfer", whole)
    assert all(problem.startswith("line 1: ") for problem in error.value.problems)


def test_a_name_twice_is_refused_at_any_depth():
    with pytest.raises(EventError, match="stands twice"):
        decode_json(b'[{"a": {"b": 1, "\\u0062": 2}}]')
    assert decode_json(b'{"a": 1, "b": {"a": 1}}') == {"a": 1, "b": {"a": 1}}


# Looking


def test_status(run, ledger):
    run(*TRANSFER)
    told = json.loads(run("status", "--json").out)
    assert (told["chain"], told["size"], told["only_here"], told["other_chains"]) == (
        ledger.chain,
        2,
        2,
        0,
    )
    assert (told["origin"], told["site"], told["writable"]) == ("example.org/depot", SITE, True)
    assert (told["key"]["name"], told["key"]["state"]) == ("Олена Ковальчук", "in force")
    assert told["last"]["kind"] == "transfer"
    assert ledger.chain in run().out


def test_status_never_asks_and_tells_of_an_older_copy(run, ledger):
    signer = read_key(ledger.key, bytes)
    [path] = (ledger.path / "chains" / ledger.chain).glob("*.seg")
    before = path.read_bytes()
    run(*TRANSFER)
    path.write_bytes(before)
    ledger.key.unlink()
    write_key(ledger.key, signer, b"secret")
    told = json.loads(run("status", "--json").out)
    assert told["key"]["state"] == "locked"
    assert told["writable"] is False
    assert "older copy" in told["problem"]
    ledger.key.unlink()
    assert json.loads(run("status", "--json").out)["key"]["state"] == "absent"


def test_log_filters_and_limits(run, ledger):
    attest = json.dumps({"event_time": EVENT["event_time"], "entry": ledger.chain})
    run("add", "attest", "-", "--yes", stdin=piped(f"{attest}\n" * 12))
    run("add", "transfer", "-", "--yes", stdin=piped(f"{json.dumps(EVENT)}\n" * 13))
    everything = [json.loads(line) for line in run("log", "--json").out.splitlines()]
    assert [one["index"] for one in everything] == list(range(26))
    assert all(set(one) == SHAPE for one in everything)
    assert len(run("log").out.splitlines()) == 20
    assert len(run("log", "--all").out.splitlines()) == 26
    assert run("log", "--limit", "1").out.startswith("25\t")
    assert len(run("log", "--kind", "attest", "--json").out.splitlines()) == 12
    assert len(run("log", "--author", "Олена Ковальчук", "--all").out.splitlines()) == 26
    assert (
        len(
            run(
                "log", "--author", everything[0]["author"], "--json", "--limit", "3"
            ).out.splitlines()
        )
        == 3
    )
    assert len(run("log", "--chain", ledger.chain[:8], "--json").out.splitlines()) == 26
    assert run("log", "--until", "2001-01-01").out == ""
    assert len(run("log", "--since", "2001-01-01", "--json").out.splitlines()) == 26
    run("log", "--since", "someday", code=2)
    run("log", "--author", "nobody", code=2)
    run("log", "--chain", "ffffffff", code=1)


def test_withheld_and_absent_bodies(run, ledger):
    run(*TRANSFER, "--place", "Львів")
    run(*TRANSFER)
    pairs = records(ledger)
    with Ledger.open(ledger.path) as held:
        commitments = [logged.entry.header.body for logged in held.read()]
    pairs[1] = (pairs[1][0], withhold(pairs[1][1], commitments[1], {"place"}))
    pairs[2] = (pairs[2][0], b"")
    rewrite(ledger, pairs)
    first, second, third = (json.loads(line) for line in run("log", "--json").out.splitlines())
    assert set(first) == SHAPE
    assert second["withheld"] == ["place"]
    assert "place" not in second["event"]
    assert third["event"] is None
    assert "withheld: place" in run("show", second["id"]).out
    assert "not held here" in run("show", third["id"]).out
    assert json.loads(run("verify", "--json", code=4).out)["verdict"] == "cannot tell"


def test_show_writes_the_raw_entry(run, ledger, tmp_path):
    run("show", ledger.chain, "--entry", tmp_path / "raw")
    assert (tmp_path / "raw").read_bytes() == records(ledger)[0][0]
    run("show", ledger.chain, "--entry", tmp_path / "raw", code=1)
    assert "no entry" in run("show", "nothing", code=1).err


# Checking


def test_verify_tells_tampering(run, ledger):
    run(*TRANSFER)
    assert json.loads(run("verify", "--json").out)["verdict"] == "holds"
    holds = run("verify", "--level", "links", "--workers", "1")
    assert holds.out.startswith("holds (links)\n")
    pairs = records(ledger)
    entry = bytearray(pairs[1][0])
    entry[-1] ^= 1
    rewrite(ledger, [pairs[0], (bytes(entry), pairs[1][1])])
    told = json.loads(run("verify", ledger.path, "--json", code=3).out)
    assert set(told) >= {"verdict", "level", "chains", "faults", "missing", "truncated"}
    assert set(told["faults"][0]) == {"chain", "index", "step", "code", "key", "params", "message"}
    assert told["faults"][0]["key"].startswith("fault.")
    assert "fault." not in told["faults"][0]["message"]
    people = run("verify", code=3)
    assert people.out.startswith("tampered (full): example.org/depot entry 1: signature\n")
    assert "entry 1: step 4 (signature)" in people.out
    assert "compare these owners by another channel: clk1:" in people.err


def test_verify_lists_no_more_than_was_asked(run, ledger):
    for _ in range(3):
        run(*TRANSFER)
    rewrite(
        ledger,
        [pair if place == 0 else (pair[0], b"") for place, pair in enumerate(records(ledger))],
    )
    told = json.loads(run("verify", "--limit", "1", "--json", code=4).out)
    assert (len(told["missing"]), told["truncated"]) == (1, True)
    assert f"and {told['missing_count'] - 1} more" in run("verify", "--limit", "1", code=4).out


def test_verify_writes_nothing(run, ledger):
    before = {path: path.stat().st_mtime_ns for path in ledger.path.rglob("*")}
    run("verify")
    assert before == {path: path.stat().st_mtime_ns for path in ledger.path.rglob("*")}


# Exit codes and errors


def test_exit_codes(run, ledger, tmp_path, monkeypatch):
    assert run("frobnicate", code=2).err.startswith("chainlog: error: no verb 'frobnicate'")
    assert "did you mean transfer" in run("tranfser", code=2).err
    run("verify", tmp_path / "home", code=10)
    monkeypatch.chdir(tmp_path)
    missing = run("status", code=10)
    assert (missing.out, missing.err.count("\n")) == ("", 2)
    run("--ledger", ledger.path, "status")
    run("--ledger", tmp_path / "nowhere", "status", code=10)


def test_a_locked_ledger(run, ledger, monkeypatch):
    monkeypatch.setattr(segment, "LOCK_SECONDS", 0)
    with Ledger.open(ledger.path) as other:
        other.engine.prepare(other.chain)
        assert "another program" in run(*TRANSFER, code=11).err
        run("status")
        run("log")
        run("verify")
    run(*TRANSFER)


def test_a_ledger_is_not_made_twice(run, ledger):
    again = ("--origin", "example.org/depot", "--site", SITE, "--holder", "x")
    run("init", *again, code=1)
    assert run("--key", "nowhere.pem", "init", "other", *again, code=1).err.endswith(
        "hint: make one: chainlog key new nowhere.pem\n"
    )


# Keys


def test_a_passphrase(run, tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("таємниця\n")
    monkeypatch.setenv("CHAINLOG_PASSPHRASE_FILE", str(tmp_path / "secret"))
    made = json.loads(run("key", "new", "--json").out)
    assert set(made) == {"file", "key", "next"}
    assert run("key", "show").out.strip() == made["key"]
    assert run("key", "show", "--next").out.strip() == made["next"]
    run("init", "--origin", "a.org/b", "--site", "S", "--holder", "H")
    run(*TRANSFER)
    (tmp_path / "secret").write_text("wrong")
    assert "the passphrase does not open" in run(*TRANSFER, code=1).err
    monkeypatch.delenv("CHAINLOG_PASSPHRASE_FILE")
    assert "CHAINLOG_PASSPHRASE_FILE" in run(*TRANSFER, code=1).err
    assert json.loads(run("status", "--json").out)["size"] == 2


def test_an_empty_passphrase_is_refused(run, tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("\n")
    monkeypatch.setenv("CHAINLOG_PASSPHRASE_FILE", str(tmp_path / "secret"))
    assert "empty passphrase" in run("key", "new", code=1).err
    assert not (tmp_path / "home").exists()


def test_a_key_file_that_was_cut_off(run, ledger):
    data = ledger.key.read_bytes()
    for size in (0, 10, 60, len(data) - 30):
        ledger.key.write_bytes(data[:size])
        assert "cut off" in run(*TRANSFER, code=1).err
    run("status")
    ledger.key.unlink()
    assert "chainlog key new" in run(*TRANSFER, code=1).err
    assert "is there already" in run("key", "new", ledger.path / "ledger.toml", code=1).err


def test_keys_are_granted_and_revoked(run, ledger, tmp_path):
    other = run("key", "new", tmp_path / "taras.pem", "--no-passphrase").out.strip()
    assert "never granted here" in run("--key", tmp_path / "taras.pem", *TRANSFER, code=1).err
    run(
        "key",
        "grant",
        other,
        "--role",
        "inspector",
        "--holder",
        "Тарас",
        "--party",
        BRIGADE,
        "--until",
        "2030-01-01",
        "--yes",
    )
    run("--key", tmp_path / "taras.pem", *TRANSFER)
    listed = json.loads(run("key", "list", "--json").out)
    assert [set(one) for one in listed["keys"]] == [
        {"key", "name", "party", "roles", "since", "until"}
    ] * 2
    assert listed["keys"][1]["name"] == "Тарас"
    run("key", "revoke", other, "--reason", "lost", "--since", "2", "--note", "у Львові", "--yes")
    assert json.loads(run("key", "list", "--json").out)["revoked"] == [
        {"key": other, "reason": "lost", "at": 3, "doubt_from": 2}
    ]
    assert "revoked" in run("key", "list").out
    assert "revoked" in run("--key", tmp_path / "taras.pem", *TRANSFER, code=1).err
    assert "Тарас" in run("log", "--author", "Тарас").out
    assert run("verify").out.startswith("holds")


def test_the_key_that_was_committed_to_recovers_the_chain(run, tmp_path):
    run("key", "new", "--no-passphrase")
    spare = json.loads(run("key", "new", tmp_path / "spare.pem", "--no-passphrase", "--json").out)
    run("init", "--origin", "a.org/b", "--site", "S", "--holder", "H", "--next", spare["key"])
    run("key", "recover", "--yes", code=1)
    recovered = run(
        "--key",
        tmp_path / "spare.pem",
        "key",
        "recover",
        "--next",
        commitment_to_next(b"").hex(),
        "--yes",
        "--json",
    )
    assert json.loads(recovered.out)["event"]["key"] == spare["key"]
    assert len(json.loads(run("key", "list", "--json").out)["revoked"]) == 1


def test_an_authority_admits(run, ledger, tmp_path):
    run("site", "admit", "a" * 64, "--origin", "example.org/site", "--scope", "усе", "--yes")
    run("site", "suspend", "a" * 64, "--reason", "lost", "--size", "3", "--yes")
    witness = Ed25519Cosigner("witness.example/w1", Ed25519Signer.from_seed(bytes(32)))
    assert "name+hash+base64" in run("witness", "admit", "w+1+AA", "--yes", code=1).err
    run("witness", "admit", format_vkey(witness.vkey), "--yes")
    note = parse_note(run("checkpoint").out.encode())
    cosigned = Note(
        note.text, (*note.signatures, witness.cosign(parse_checkpoint(note.text), 1_700_000_000))
    )
    (tmp_path / "seen").write_bytes(format_note(cosigned))
    run("chain", "seen", tmp_path / "seen", "--yes")
    run("witness", "suspend", format_vkey(witness.vkey), "--yes")
    assert "no witness that counts" in run("chain", "seen", tmp_path / "seen", "--yes", code=1).err
    run("chain", "fork", "--at", "1", "--other", "b" * 64, "--yes")
    run("chain", "close", "--reason", "done", "--yes")
    assert "closed" in run(*TRANSFER, code=1).err
    assert "closed" in json.loads(run("status", "--json").out)["problem"]
    carried = run(
        "init",
        "new",
        "--origin",
        "example.org/depot2",
        "--site",
        SITE,
        "--holder",
        "x",
        "--continues",
        ledger.chain[:10],
        "--json",
    )
    assert set(json.loads(carried.out)) == {"chain", "origin", "site", "folder", "key", "author"}
    told = json.loads(run("--ledger", "new", "log", "--json").out)
    assert told["event"]["continues"] == ledger.chain


# Words


def test_schema(run):
    assert [line.partition("\t")[0] for line in run("schema").out.splitlines()] == list(KINDS)
    assert set(json.loads(run("schema", "--json").out)) == set(KINDS)
    assert json.loads(run("schema", "transfer").out)["title"] == "transfer"
    run("schema", "nosuch", code=1)


def test_help_knows_every_verb(run):
    listed = run("--help").out
    assert all(f"  {verb} " in listed for verbs in groups().values() for verb in verbs)
    for shape in CUSTODY:
        assert "--event-time" in run(shape.kind, "--help").out


def test_words_show_everything_and_obey_nothing():
    words = format_event(
        "nosuch",
        {
            "x_a": {"b": [1, None]},
            "key": b"\x01" * 33,
            "lines": [{"lot": "?", "odd": 1}, None],
            "y": True,
        },
    )
    assert "does not know" in words
    assert "odd 1" in words
    assert "(withheld)" in words
    assert "x_a: b 1, (withheld)" in words
    nested = format_event("correct", {"replacement": {"kind": "transfer", "from": "A\nB"}})
    assert "    transfer — handed over in person" in nested
    assert "A\\u000aB" in nested
    assert (
        format_line({"item": {"uii": "X"}, "nsn": "1305", "type": "M777"})
        == "uii:X, type M777, nsn 1305"
    )


def test_items_are_read_as_they_are_written():
    assert parse_item("a%2Fb//ї") == {"maker": "a/b", "part": "", "serial": "ї"}


# As processes


def test_version_imports_nothing_heavy():
    code = (
        "import sys\nfrom chainlog.cli.main import main\ntry: main(['--version'])\nexcept "
        "SystemExit: pass\n"
        "print([m for m in ('msgspec', 'cryptography', 'rich', 'filelock', 'msgpack', "
        "'asyncio') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    version, modules = done.stdout.splitlines()
    assert version.startswith("chainlog ")
    assert modules == "[]"


def test_a_pipe_that_closes_is_no_error(run, ledger):
    for _ in range(3):
        run(*TRANSFER)
    code = "from chainlog.cli.main import main\nmain()"
    started = subprocess.Popen(
        [sys.executable, "-c", code, "log", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    started.stdout.close()
    error = started.stderr.read()
    started.stderr.close()
    assert (started.wait(), error) == (0, b"")


def test_output_is_utf8_whatever_the_locale(run, ledger):
    code = "from chainlog.cli.main import main\nmain()"
    environment = {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "CHAINLOG_HOME": str(ledger.key.parent),
    }
    done = subprocess.run(
        [sys.executable, "-c", code, "status", "--json"],
        capture_output=True,
        check=True,
        env=environment,
    )
    assert json.loads(done.stdout.decode())["site"] == SITE
