"""A photograph is named where a checkpoint, a policy, settings, rules, a key, a ledger or a table
is expected: what is wrong with it as such says nothing to anybody. It is said what it is, with the
exit code of what nobody can tell, by every verb that takes a path.
"""

from __future__ import annotations

import pytest

ID = "0" * 64
ASKED = [
    ("verify", "--checkpoint", "{}"),
    ("verify", "--trust", ID, "--policy", "{}"),
    ("evidence", "check", "{}", "--trust", ID),
    ("evidence", "make", "HW-0", "-o", "x", "--policy", "{}"),
    ("audit", "--settings", "{}"),
    ("withhold", "copy", "--rule", "{}"),
    ("checkpoint", "--take", "{}"),
    ("checkpoint", "--policy", "{}"),
    ("prove", "WB-1", "--checkpoint", "{}"),
    ("publish", "served", "--yes", "--checkpoint", "{}"),
    ("chain", "seen", "{}", "--yes"),
    ("import", "{}", "--yes"),
    ("add", "loss", "{}", "--yes"),
    ("sync", "{}"),
    ("--ledger", "{}", "log"),
    ("--ledger", "{}", "audit"),
    ("--key", "{}", "key", "show"),
    ("--key", "{}", "attest", "--entry", "WB-1", "--yes"),
]
FILES = [
    (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "is a JPEG picture"),
    (b"<html>Please log in</html>", "is a web page"),
    (b"", "is an empty file"),
]


@pytest.mark.parametrize("words", ASKED, ids=" ".join)
@pytest.mark.parametrize(("data", "says"), FILES)
def test_it_is_said_what_the_file_is(depot, tmp_path, words, data, says):
    path = tmp_path / "handed-over"
    path.write_bytes(data)
    told = depot.ask(*(word.format(path) for word in words))
    if data == b"" and "--settings" in words:
        assert told.code == 0  # no setting is said, and each has its default
        return
    if data == b"" and "--key" in words:
        assert (told.code, "cut off" in told.err) == (1, True)
        return
    assert told.code == 4, told
    assert f"{path} {says}" in told.err + told.out
    assert "tampered" not in told.out


def test_settings_of_a_ledger_that_are_a_photo(depot):
    (depot.folder / "audit.toml").write_bytes(FILES[0][0])
    told = depot.ask("audit", "--fail-on", "low")
    assert (told.code, "is a JPEG picture" in told.err) == (4, True)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("audit", "--settings", "{}"), "init_days = soon\n"),
        (("withhold", "copy", "--rule", "{}"), '[[rules]]\nfields = ["nothing"]\n'),
        (("verify", "--trust", ID, "--policy", "{}"), "witness hub\n"),
        (("add", "loss", "{}", "--yes"), '{"event_time": 1}'),
    ],
)
def test_a_file_of_the_right_form_with_an_error(depot, tmp_path, words, text):
    """The honest twin: what is wrong with it is said."""
    path = tmp_path / "handed-over"
    path.write_text(text, encoding="utf-8")
    told = depot.ask(*(word.format(path) for word in words))
    assert told.code == 1
    assert "not what is expected here" not in told.err
