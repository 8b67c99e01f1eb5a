"""Standard channels that are full, closed, or read by nobody; bytes that are no text.

Each verb is called with each of them. What was recorded is said on the other channel, and the exit
code tells 'done, but not printed' apart; nothing ends in a traceback.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import traceback

import click
import pytest
from support import command

from chainlog.cli.exit_codes import UNPRINTED
from chainlog.cli.main import cli, main

MOVE = ("transfer", "--from", "Склад", "--to", "B", "--item", "1ABC2/M777/SN-1", "--yes")
NO_TEXT = os.fsdecode(b"\xff\xfe\xcf\xf0")
# What may be the matter with a channel; GONE: whoever read it.
FULL, CLOSED, GONE = "full", "closed", "gone"
SAYS = {
    "status": ("status",),
    "log": ("log", "--all"),
    "show": ("show", "{id}"),
    "verify": ("verify",),
    "audit": ("audit", "--json"),
    "checkpoint": ("checkpoint",),
    "prove": ("prove", "{id}"),
    "export": ("export", "jsonl"),
    "schema": ("schema", "transfer"),
    "transfer": MOVE,
    "key list": ("key", "list"),
    "help": ("help",),
    "version": ("--version",),
}
RECORDS = {"transfer", "checkpoint"}


def leaves():
    """Every verb and subverb."""
    with click.Context(cli) as ctx:
        for verb in cli.list_commands(ctx):
            one = cli.get_command(ctx, verb)
            if isinstance(one, click.Group):
                yield from ((verb, name, sub) for name, sub in one.commands.items())
            else:
                yield (verb, one)


@pytest.fixture
def depot(run):
    run("key", "new", "--no-passphrase")
    run("init", "--origin", "example.org/depot", "--site", "Склад", "--holder", "Олена")
    run(*MOVE[:-3], "--item", "1ABC2/M777/SN-0", "--yes")
    return json.loads(run("log", "--json").out.splitlines()[-1])["id"]


def called(words, *channels, environment=None):
    """The command in a process of its own, some of its channels unusable: `code`, `err`."""
    with tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            code = 99
            try:
                os.dup2(err.fileno(), 2)
                os.environ.update(environment or {})
                for fd, kind in channels:
                    _spoil(fd, kind)
                sys.stdout = sys.__stdout__ = _reopened(1)
                sys.stderr = sys.__stderr__ = _reopened(2)
                sys.stdin = None if (0, CLOSED) in channels else io.StringIO()
                main(list(words))
            except SystemExit as left:
                code = left.code
            except BaseException:  # noqa: BLE001  (no test goes on in the child)
                os.write(2, traceback.format_exc().encode())
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        err.seek(0)
        return os.waitstatus_to_exitcode(status), err.read().decode(errors="backslashreplace")


def _spoil(fd, kind):
    if kind == FULL:
        os.dup2(os.open("/dev/full", os.O_WRONLY), fd)
    elif kind == GONE:
        read, write = os.pipe()
        os.close(read)
        os.dup2(write, fd)
    else:
        os.close(fd)


def _reopened(fd):
    """As Python has it at its start: None where it is closed."""
    try:
        return open(fd, "w", encoding="utf-8", closefd=False)
    except OSError:
        return None


@pytest.mark.parametrize("channel", [FULL, CLOSED])
@pytest.mark.parametrize("verb", SAYS)
def test_what_cannot_be_printed_is_told_apart(run, depot, verb, channel):
    before = len(run("log", "--json").out.splitlines())
    code, err = called([one.format(id=depot) for one in SAYS[verb]], (1, channel))
    assert (code, "Traceback" in err) == (UNPRINTED, False), err
    assert "the answer cannot be written: " in err
    after = run("log", "--json").out.splitlines()
    assert len(after) - before == (verb == "transfer")
    assert ("'chainlog status' reads it back" in err) == (verb in RECORDS | {"key list"})
    if verb == "transfer":
        # What standard output would have had.
        assert f"recorded {json.loads(after[-1])['id'][:12]} as entry {before}\n" in err
    run("verify")


@pytest.mark.parametrize("words", [("log", "--all"), ("status",), ("show", "{id}")])
def test_a_reader_that_has_gone_is_no_error_of_a_question(depot, words):
    assert called([one.format(id=depot) for one in words], (1, GONE)) == (0, "")


@pytest.mark.hint("what was recorded is kept: 'chainlog status' reads it back")
@pytest.mark.usefixtures("depot")
def test_of_what_records_a_reader_that_has_gone_is_said(run):
    code, err = called(MOVE, (1, GONE))
    assert (code, "Traceback" in err) == (UNPRINTED, False)
    assert "as entry 2\n" in err
    assert "'chainlog status' reads it back" in err
    assert "3 entries" in run("status").out


@pytest.mark.usefixtures("depot")
def test_a_verdict_is_kept_where_it_cannot_be_printed(run, tmp_path):
    [segment] = (tmp_path / "work/chains").glob("*/*.seg")
    data = bytearray(segment.read_bytes())
    data[-20] ^= 1
    segment.write_bytes(data)
    run("verify", code=3)
    assert called(("verify",), (1, FULL))[0] == 3
    assert called(("verify",), (1, CLOSED))[0] == 3


@pytest.mark.usefixtures("depot")
@pytest.mark.parametrize(
    "gone", [((2, FULL),), ((2, CLOSED),), ((0, CLOSED),), tuple((fd, CLOSED) for fd in range(3))]
)
def test_other_channels_may_be_gone_too(run, gone):
    before = len(run("log", "--json").out.splitlines())
    called(MOVE, *gone)
    # None of them took the number of a file of the ledger.
    assert len(run("log", "--json").out.splitlines()) == before + 1
    run("verify")


@pytest.mark.usefixtures("depot")
def test_no_bytes_in_any_argument_end_in_a_traceback(run, tmp_path):
    for *verb, one in leaves():
        if verb == ["demo"]:  # it would be built, under such a name
            continue
        given = [["--ledger", NO_TEXT], ["--key", NO_TEXT]]
        needed = []
        for param in one.params:
            if isinstance(param, click.Argument):
                given.append([NO_TEXT])
                needed += ["demo-x"] if param.required or param.nargs == -1 else []
            elif not param.is_flag:
                given.append([param.opts[-1], NO_TEXT])
        for words in given:
            for more in ([], needed):
                told = command.run(*verb, *words, *more, *_yes(one), folder=tmp_path / "work")
                assert "Traceback" not in told.err, (verb, words)
                assert told.code in {0, 1, 2, 4, 10}, (verb, words, told)
    assert len(run("log", "--json").out.splitlines()) == 2
    run("verify")


def _yes(one):
    return ["--yes"] if any("--yes" in param.opts for param in one.params) else []


@pytest.mark.parametrize(
    "given",
    [
        {"CHAINLOG_LANG": NO_TEXT},
        {"LANG": NO_TEXT, "LC_ALL": NO_TEXT},
        {"CHAINLOG_LEDGER": NO_TEXT},
        {"CHAINLOG_KEY": NO_TEXT},
        {"CHAINLOG_HOME": NO_TEXT},
        {"CHAINLOG_PASSPHRASE_FILE": NO_TEXT},
        {"COLUMNS": NO_TEXT, "TERM": NO_TEXT, "TZ": NO_TEXT},
    ],
)
@pytest.mark.usefixtures("depot")
def test_no_environment_ends_in_a_traceback(given):
    for words in (("status",), ("log",), ("holdings",), MOVE, ("--help",), ("show", NO_TEXT)):
        code, err = called(words, environment=given)
        assert "Traceback" not in err, (words, err)
        assert code in {0, 1, 2, 4, 10}, (words, err)


@pytest.mark.usefixtures("depot")
def test_in_a_locale_of_no_letters_all_is_said_and_recorded(run):
    call = (sys.executable, "-m", "chainlog.cli.main", *MOVE, "--place", "Львів")
    done = subprocess.run(
        call, capture_output=True, env=os.environ | {"LC_ALL": "C"}, timeout=60, check=False
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    assert json.loads(run("log", "--json").out.splitlines()[-1])["event"]["place"] == "Львів"


def test_a_name_of_a_file_may_have_any_bytes(run, depot, tmp_path):
    file = tmp_path / "work" / NO_TEXT
    file.write_bytes(b"report")
    assert len(depot) == 64
    run(*MOVE, "--attach", file)
    assert "recorded" in run("--ledger", ".", *MOVE, "--attach", NO_TEXT).out
    told = run("show", NO_TEXT, code=2)
    assert "is no text in UTF-8" in told.err


def test_settings_and_json_may_begin_with_a_mark_of_the_byte_order(run, depot, tmp_path):
    assert len(depot) == 64
    settings = tmp_path / "audit.toml"
    settings.write_text("init_days = 10\n", "utf-8-sig")
    plain = tmp_path / "plain.toml"
    plain.write_text("init_days = 10\n", "utf-8")
    told = run("audit", "--json", "--settings", settings, "--as-of", "2023-01-01")
    assert told.out == run("audit", "--json", "--settings", plain, "--as-of", "2023-01-01").out
    event = {"from": "Склад", "to": "B", "lines": [{"item": {"uii": "A"}}]}
    event |= {"event_time": "2023-03-01T08:00:00Z"}
    (tmp_path / "one.json").write_text(json.dumps(event), "utf-8-sig")
    run("add", "transfer", tmp_path / "one.json", "--yes")
