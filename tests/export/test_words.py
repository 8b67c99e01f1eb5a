"""The catalogue of words: whole in both languages, used, and never in the way."""

from __future__ import annotations

import ast
import gettext
import io
import os
import pickle
import re
import string
from pathlib import Path

import click
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po as read_with_babel
from support.words import source

import chainlog
from chainlog import errors
from chainlog.cli.help import paragraphs, without_shapes
from chainlog.cli.main import cli
from chainlog.cli.verbs import groups, kind_verbs
from chainlog.errors import ChainlogError, EventError, NoEntryError, RosterError, Sentence
from chainlog.events.kinds import CUSTODY
from chainlog.export.words import catalogue, figures
from chainlog.export.words.catalogue import LOCALE, read_catalogue, words
from chainlog.export.words.po import compiled, read_po

HOUSE = Path(chainlog.__file__).parent
ENGLISH, UKRAINIAN = source("en"), source("uk")
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
# What only malformed bytes can cause stays English; so does what is wrong with the seeds' files.
ENGLISH_ONLY = ("format/", "demo/read.py", "demo/rows.py", "demo/coherence.py")
# The functions fill the template that they are given.
FILLING = {"error", "broken", "explain", "from_os", "note", "_note"}
SPEAKING = {"Sentence", "said", "RefusedError", *FILLING} | {
    name
    for name, one in vars(errors).items()
    if isinstance(one, type) and issubclass(one, ChainlogError)
}
FORMS = {"en": 2, "uk": 3}
# What English says alike of one and of many.
SAME_FOR_ONE = {"event.several_withheld", "event.and_more"}
COUNTING = re.compile(
    r"\{\w+(?::,)?\} (?:entries|events|findings|chains|fields|bodies|attachments|bytes|errors|items"
    "|lines|rows|keys|files|things|checkpoints)\\b"
)
# Limits, the demo's sums, and what is said of several only.
ALWAYS_MANY = {
    key
    for key in UKRAINIAN
    if "limit}" in key.lower()
    or key.startswith(("Signed ", "\nThe audit of ", "The life of one howitzer"))
    or key
    in {
        "{count} entries have the document {document!r}",
        "{count} items have the serial {text!r}",
        "{count} keys of the ssh-agent fit {PREFIX}{wanted}: {names}",
        "{count} bytes are too long for an ssh-agent to sign",
        "{where} holds {keys} keys, not one",
        "{folder} holds {count} checkpoints of {size} bytes: that is more than any site made",
        "no tree of {size} over a chain of {size2} entries",
        (
            "{path}, byte {start}: entry {size} does not read back: the chain ends with {size} "
            "entries, but {size2} were acknowledged here: this copy is damaged"
        ),
    }
}


@pytest.fixture
def other(tmp_path, monkeypatch):
    """Catalogues of one's own, in the place of those of the house."""

    def lay(**texts):
        for spoken, text in texts.items():
            folder = tmp_path / spoken / "LC_MESSAGES"
            folder.mkdir(parents=True, exist_ok=True)
            name = "chainlog.mo" if isinstance(text, bytes) else "chainlog.po"
            whole = text if isinstance(text, bytes) else f"{HEADER}{text}".encode()
            (folder / name).write_bytes(whole)
        monkeypatch.setattr(catalogue, "LOCALE", tmp_path)
        catalogue._words.cache_clear()
        return tmp_path

    yield lay
    catalogue._words.cache_clear()


def trees():
    for path in sorted(HOUSE.rglob("*.py")):
        yield path.relative_to(HOUSE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def holes(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def is_prose(key):
    """Whether a key is the English sentence itself."""
    return " " in key


# Whole, and used


def test_every_key_has_its_text_in_both_languages():
    keys, others = ([key for key in texts if not is_prose(key)] for texts in (ENGLISH, UKRAINIAN))
    assert keys == others
    for spoken, texts in (("en", ENGLISH), ("uk", UKRAINIAN)):
        for key, forms in texts.items():
            assert all(form.strip() for form in forms), key
            assert len(forms) in {1, FORMS[spoken]}, key
            counts = len(ENGLISH.get(key, [key])) > 1
            assert is_prose(key) or (len(forms) > 1) == counts, key


def test_no_key_stands_twice():
    for spoken in ("en", "uk"):
        text = (LOCALE / spoken / "LC_MESSAGES/chainlog.po").read_text(encoding="utf-8")
        keys = re.findall(r"^msgid ((?:.*)(?:\n\".*)*)$", text, re.MULTILINE)
        assert [key for key in keys if keys.count(key) > 1] == []


def test_a_sentence_that_counts_has_english_for_one():
    for key, forms in ENGLISH.items():
        if is_prose(key):
            assert key in UKRAINIAN, key
            assert forms[1:] == (key,), key
        assert len(forms) == 1 or forms[0] != forms[1] or key in SAME_FOR_ONE, key
    plural = {key for key in UKRAINIAN if is_prose(key) and COUNTING.search(key)}
    assert plural - set(ENGLISH) - ALWAYS_MANY == set()


def test_every_text_has_the_placeholders_of_the_english_one():
    for key, forms in UKRAINIAN.items():
        for english in ENGLISH.get(key, [key]):
            for form in forms:
                assert holes(form) <= holes(english), key
                assert holes(english) - holes(form) <= {"n"}, key


def test_every_key_is_used_and_every_key_that_is_used_is_there():
    used, beginnings, asked = set(), set(), set()
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                used.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(node.values[0].value)
            if (
                isinstance(node, ast.Call)
                and name_of(node) in {"say", "count", "tell", "Keyed"}
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and re.fullmatch("[a-z][a-z_.-]+", str(node.args[0].value))
            ):
                asked.add(node.args[0].value)
    beginnings = tuple(part for part in beginnings if re.fullmatch(r"[a-z_.-]+\.", part))
    for key in ENGLISH:
        assert key in used or key.startswith(beginnings) or key.split(".")[-1] in used, key
    assert asked - set(ENGLISH) == set()


def test_every_sentence_of_the_code_is_translated_and_every_translation_is_of_one():
    said, known = {}, set()
    for place, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                known |= {node.value, *paragraphs(node.value)}
            if isinstance(node, ast.Call) and not place.startswith(ENGLISH_ONLY):
                said |= dict.fromkeys(sentences(node), place)
    said = {text: place for text, place in said.items() if " " in text}
    assert {text: place for text, place in said.items() if text not in UKRAINIAN} == {}
    known |= set(help_texts())
    assert [key for key in UKRAINIAN if is_prose(key) and key not in known] == []


def test_no_error_is_told_a_text_that_was_filled_before():
    filled = [
        f"{place}:{one.lineno}"
        for place, tree in trees()
        if not place.startswith(ENGLISH_ONLY)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for one in filled_before(node)
    ]
    assert filled == []


def filled_before(part):
    """The f-strings that are the message or the hint of an error, also by a name of this part."""
    named = {}
    for node in ast.walk(part):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named.setdefault(node.targets[0].id, []).append(node.value)
    for call in ast.walk(part):
        for one in told_by(call) if isinstance(call, ast.Call) else ():
            several = named.get(one.id, []) if isinstance(one, ast.Name) else [one]
            for choice in (choice for each in several for choice in choices(each)):
                if isinstance(choice, ast.JoinedStr):
                    yield choice


def test_every_text_of_the_help_is_translated():
    kinds = {f"{shape.__doc__[:1].upper()}{shape.__doc__[1:]}." for shape in CUSTODY}
    missing = {text for text in help_texts() if " " in text} - kinds
    assert missing - set(UKRAINIAN) == set()


def help_texts():
    """The paragraphs of the help of all commands, without shapes, and what sums up the verbs."""
    for verbs in groups().values():
        yield from (text for verb, text in verbs.items() if verb not in kind_verbs())
    todo = [cli]
    while todo:
        command = todo.pop()
        told = [command.help, *(getattr(one, "help", None) for one in command.params)]
        for text in told:
            yield from (without_shapes(one)[0] for one in paragraphs(text)) if text else ()
        if isinstance(command, click.Group):
            with click.Context(command) as ctx:
                todo += [command.get_command(ctx, name) for name in command.list_commands(ctx)]


def sentences(call):
    """The sentences of a call that makes an error, or a sentence."""
    for told in told_by(call):
        for one in choices(told):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield one.value


def name_of(call):
    """The name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def told_by(call):
    """The message, the hint and the problems of a call that makes an error, or a sentence.

    What is added to a list of problems is told as well.
    """
    if name_of(call) in SPEAKING:
        yield from call.args
    if name_of(call) == "_pattern":
        yield call.args[1]
    for one in call.keywords:
        if one.arg in {"problem", "problems"} or (one.arg == "hint" and name_of(call) in SPEAKING):
            yield one.value
    if name_of(call) in {"append", "extend"} and "problems" in ast.unparse(call.func):
        yield from call.args


def choices(node):
    """What an expression may come to."""
    if isinstance(node, ast.IfExp):
        yield from choices(node.body)
        yield from choices(node.orelse)
    elif isinstance(node, ast.Tuple | ast.List):
        for one in node.elts:
            yield from choices(one.value if isinstance(one, ast.Starred) else one)
    else:
        yield node


# What it says


def test_the_three_plural_forms_of_ukrainian():
    said = [words("uk").count("count.entries", n) for n in (1, 2, 5, 11, 21, 22, 25, 111)]
    assert said == [
        "1 запис",
        "2 записи",
        "5 записів",
        "11 записів",
        "21 запис",
        "22 записи",
        "25 записів",
        "111 записів",
    ]
    assert [words("en").count("count.entries", n) for n in (1, 2)] == ["1 entry", "2 entries"]


def test_english_of_one_is_in_the_singular():
    english, ukrainian = words("en"), words("uk")
    assert english.count("audit.findings", 1, time="now") == "1 finding as of now"
    for n, said in ((1, "new, 1 entry"), (2, "new, 2 entries"), (0, "new, 0 entries")):
        assert english.tell(Sentence("new, {more} entries", more=n)) == said
        assert ukrainian.tell(Sentence("new, {more} entries", more=n)) == f"новий, записів {n}"
    ends = Sentence("the range ends with entry {end}, and the chain has {n} entries", end=7, n=1)
    assert english.tell(ends) == "the range ends with entry 7, and the chain has 1 entry"
    assert english.tell(Sentence("{x} is", x=1)) == "1 is"


def test_words_that_stand_beside_what_they_describe():
    assert words("uk").say("kind.transfer") == "передача"
    assert words("en").say("kind.transfer") == "transfer"


def test_an_error_speaks_its_templates(other):
    other(
        en='msgid "lot"\nmsgstr "lot"\n',
        uk='msgid "{path} is not held"\nmsgstr "{path} тут немає"\n'
        'msgid "ask {who} for it"\nmsgstr "попросіть у: {who}"\n',
    )
    error = NoEntryError("{path} is not held", path="a{b}.jpg", who="Порт", hint="ask {who} for it")
    assert (error.message, error.hint, str(error)) == (
        "a{b}.jpg is not held",
        "ask Порт for it",
        "a{b}.jpg is not held",
    )
    assert words("uk").tell(error.message) == "a{b}.jpg тут немає"
    assert words("uk").tell(error.hint) == "попросіть у: Порт"
    assert words("en").tell(error.message) == error.message
    outer = Sentence("{place}: {why}, so {x}", place="тут", why=error.message, x="{y}")
    assert outer == "тут: a{b}.jpg is not held, so {y}"
    assert words("uk").tell(outer) == "тут: a{b}.jpg тут немає, so {y}"
    assert pickle.loads(pickle.dumps(outer)).params == outer.params


def test_an_error_without_parameters_is_taken_as_it_stands():
    for spoken in ("en", "uk"):
        error = ChainlogError("no {such} thing", hint="{0}")
        assert words(spoken).tell(error.message) == "no {such} thing"
        assert words(spoken).tell(error.hint) == "{0}"
        assert words(spoken).tell("") == ""
    event = EventError("{found!r} is no date", found="x", field="lines[0]")
    assert (event.message, event.reason) == ("lines[0]: 'x' is no date", "'x' is no date")
    assert words("uk").tell(event.message).startswith("lines[0]: ")
    assert RosterError("{who} may not", who="Порт", fault="role").message == "Порт may not"


# Missing and broken


@pytest.mark.parametrize(
    "broken", [b"", b"\0" * 40, b"\xde\x12\x04\x95\0\0\0\0\1\0\0\0", "msgid", 'msgid "x\nmsgstr "']
)
def test_a_broken_catalogue_falls_back_to_english_with_one_warning(other, broken, capsys):
    other(en='msgid "record"\nmsgstr "record this?"\n', uk=broken)
    assert words("uk").say("record") == "record this?"
    assert words("uk").say("kind.transfer") == "передача"
    assert words("uk").tell("no such verb") == "no such verb"
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("chainlog: note: the catalogue of 'uk' cannot be read")


def test_without_any_catalogue_keys_are_shown(other, capsys):
    other()
    assert words("uk").say("count.entries", n=3) == "count.entries (n=3)"
    assert words("en").say("record") == "record"
    assert words("en").count("count.entries", 3) == "count.entries (n=3)"
    assert capsys.readouterr().err.count("\n") == 2


def test_a_text_that_cannot_be_filled_is_said_in_english(other):
    other(
        en='msgid "line"\nmsgstr "line {number}"\n',
        uk='msgid "line"\nmsgstr "рядок {nummer}"\nmsgid "{x} is"\nmsgstr "{y} є"\n',
    )
    assert words("uk").say("line", number=3) == "line 3"
    assert words("uk").tell(Sentence("{x} is", x=1)) == "1 is"


def test_what_is_missing_in_ukrainian_is_said_in_english(other):
    other(en='msgid "lot"\nmsgstr "lot"\nmsgid "now"\nmsgstr "now"\n', uk='msgid "lot"\nmsgstr ""')
    assert words("uk").say("lot") == "lot"
    assert words("uk").say("now") == "now"


# How it is kept


def test_babel_compiles_what_is_read_directly():
    for spoken in ("en", "uk"):
        path = LOCALE / spoken / "LC_MESSAGES/chainlog.po"
        with path.open("rb") as file:
            made = io.BytesIO()
            write_mo(made, read_with_babel(file, locale=spoken, abort_invalid=True))
        made.seek(0)
        ours = io.BytesIO(compiled(read_po(path.read_text(encoding="utf-8"))))
        theirs, direct = (gettext.GNUTranslations(file)._catalog for file in (made, ours))
        assert theirs.pop("")  # the header, where Babel adds its name
        assert direct.pop("")
        assert theirs == direct


def test_what_was_compiled_before_the_last_change_is_not_used(other):
    old = compiled(read_po('msgid "lot"\nmsgstr "old"\n'))
    top = other(en='msgid "lot"\nmsgstr "new"\n')
    other(en=old)
    ready, text = (top / "en/LC_MESSAGES" / name for name in ("chainlog.mo", "chainlog.po"))
    assert read_catalogue("en", top) == old
    text.touch()
    later = ready.stat().st_mtime_ns + 10**9

    os.utime(text, ns=(later, later))
    assert b"new" in read_catalogue("en", top)
    text.unlink()
    assert read_catalogue("en", top) == old


def test_numbers_dates_and_money_as_a_language_writes_them():
    assert figures.number("1,234,567.50", "uk") == "1\xa0234\xa0567,50"
    assert figures.number("-12", "uk") == "-12"
    assert figures.moment("2023-03-01T08:00:00Z", "uk") == "01.03.2023 08:00:00 UTC"
    assert figures.moment("2023-03-01 08:00", "uk") == "01.03.2023 08:00"
    assert figures.moment("2023-03-01", "uk") == "01.03.2023"
    assert figures.money("1,500.00 USD, 20 EUR", "uk") == "1\xa0500,00\xa0USD; 20\xa0EUR"
    assert figures.money("7,000", "uk") == "7\xa0000"
    for text in ("1,234.50", "2023-03-01", "20 EUR", "never", ""):
        for told in (figures.number, figures.moment, figures.money):
            assert told(text, "en") == text
    for text in ("never", "", "M777", "-", "12 of 13"):
        assert figures.money(text, "uk").replace("\xa0", " ") == text
