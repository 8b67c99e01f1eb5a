"""What a file is, by its first bytes: said where another was expected.

Whoever names a photograph, a table or a key where a chain is expected learns what it is, and what
to do with it; nobody calls it tampered, since it never claimed to be a chain. What lies within a
chain is never looked at here: a segment that begins like a photograph was tampered with.

A file is looked at here only once it did not read as what it should be.
"""

from __future__ import annotations

import csv
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chainlog.errors import ChainlogError, Sentence, StoreError
from chainlog.format.entry import HEADER_MARK
from chainlog.format.proof import MAGIC
from chainlog.store.segment.files import chunks_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# So much of a file is looked at.
HEAD_BYTES: Final = 2**20


class OtherFileError(ChainlogError):
    """A file that is something else than was asked for: neither good nor bad."""

    code = "other-file"


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is: a stable code, a name for people, and what they can do with it."""

    code: str
    what: Sentence
    then: Sentence


_ASK: Final = Sentence("ask whoever sent it for the ledger's folder, or for a file of evidence")
_ATTACH: Final = Sentence(
    "where it belongs to an entry, it is named with --attach when that is recorded"
)
_UNPACK: Final = Sentence("unpack it, and name the folder that was in it")
_AGAIN: Final = Sentence("copy it again, or get it anew")
_FOLDER: Final = Sentence("name the ledger's folder, in which it lies")
_EXPORT: Final = Sentence("'chainlog import' records what is in it; what is verified is the ledger")
_KEY: Final = Sentence("'chainlog key show FILE' shows it; a private key is for nobody else")

JPEG: Final = Recognised("jpeg", Sentence("a JPEG picture"), _ATTACH)
PICTURE: Final = Recognised("picture", Sentence("a picture or a film"), _ATTACH)
PNG: Final = Recognised("png", Sentence("a PNG picture"), _ATTACH)
PDF: Final = Recognised("pdf", Sentence("a PDF document"), _ATTACH)
WORD: Final = Recognised("docx", Sentence("a Word document"), _ATTACH)
SHEET: Final = Recognised(
    "xlsx",
    Sentence("an Excel workbook"),
    Sentence("save it as CSV: 'chainlog import' records what is in that"),
)
OFFICE: Final = Recognised("office", Sentence("an office document"), _ATTACH)
ZIP: Final = Recognised("zip", Sentence("a ZIP archive"), _UNPACK)
PACKED: Final = Recognised("packed", Sentence("a packed archive"), _UNPACK)
SQLITE: Final = Recognised("sqlite", Sentence("an SQLite database"), _FOLDER)
PROGRAM: Final = Recognised("program", Sentence("a program"), _ASK)
EMPTY: Final = Recognised("empty", Sentence("an empty file"), _AGAIN)
ZEROS: Final = Recognised("zeros", Sentence("a file of nothing but zeros"), _AGAIN)
HTML: Final = Recognised(
    "html",
    Sentence("a web page"),
    Sentence("whoever served it gave a page instead of the file: download the file itself"),
)
XML: Final = Recognised("xml", Sentence("an XML file"), _ASK)
SECRET: Final = Recognised("key", Sentence("a private key"), _KEY)
PUBLIC: Final = Recognised("public-key", Sentence("a public key"), _KEY)
PEM: Final = Recognised("pem", Sentence("a PEM file"), _ASK)
SEGMENT: Final = Recognised(
    "segment", Sentence("a segment of a chain"), Sentence("'chainlog verify FILE' checks it")
)
EVIDENCE: Final = Recognised(
    "evidence",
    Sentence("a file of evidence"),
    Sentence("'chainlog evidence check FILE --trust ID' checks it"),
)
PROOF: Final = Recognised(
    "proof",
    Sentence("a proof of one entry (tlog-proof)"),
    Sentence("it is checked with the entry that 'chainlog show ID --entry FILE' writes"),
)
NOTE: Final = Recognised(
    "note",
    Sentence("a signed note, such as a checkpoint"),
    Sentence("'chainlog verify --checkpoint FILE' compares a chain with it"),
)
POLICY: Final = Recognised(
    "policy", Sentence("a policy of witnesses"), Sentence("name it with --policy")
)
SETTINGS: Final = Recognised(
    "settings", Sentence("the settings of an audit"), Sentence("name it with --settings")
)
RULES: Final = Recognised(
    "rules", Sentence("rules of withholding"), Sentence("name it with 'chainlog withhold --rule'")
)
LEDGER: Final = Recognised("ledger", Sentence("a ledger's own file"), _FOLDER)
OF_JSON: Final = Recognised("json", Sentence("a file of JSON"), _EXPORT)
TABLE: Final = Recognised("csv", Sentence("a table (CSV)"), _EXPORT)
TEXT: Final = Recognised("text", Sentence("a text"), _ASK)
UNKNOWN: Final = Recognised("unknown", Sentence("a file of no form that is known here"), _ASK)

# How forms begin that are bytes.
_BEGINNINGS: Final[tuple[tuple[bytes, Recognised], ...]] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"%PDF-", PDF),
    (b"GIF8", PICTURE),
    (b"RIFF", PICTURE),
    (b"II*\x00", PICTURE),
    (b"MM\x00*", PICTURE),
    (b"\x1f\x8b", PACKED),
    (b"BZh", PACKED),
    (b"\xfd7zXZ\x00", PACKED),
    (b"\x28\xb5\x2f\xfd", PACKED),
    (b"7z\xbc\xaf\x27\x1c", PACKED),
    (b"Rar!", PACKED),
    (b"SQLite format 3\x00", SQLITE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OFFICE),
    (b"\x7fELF", PROGRAM),
    (b"MZ", PROGRAM),
)
# What holds other files, whole and unpacked: also those of chains.
_HOLDERS: Final = frozenset({ZIP, WORD, SHEET, OFFICE, PACKED, SQLITE, EVIDENCE})
_TAR_AT: Final = 257
_TAR: Final = b"ustar"
_RECORD: Final = re.compile(rb"\x92(?:\xc4.|\xc5..)" + re.escape(HEADER_MARK), re.DOTALL)
_MAPS: Final = range(0x80, 0x90)
_EVIDENCE: Final = b"\xabattachments"
_SEGMENT_END: Final = ".seg"
_POLICY: Final = re.compile(r"^(?:log|witness|group|quorum)[ \t]+\S", re.MULTILINE)
_RULES: Final = re.compile(r"^\[\[rules\]\]", re.MULTILINE)
_SETTING: Final = re.compile(
    r"^(?:[a-z]+_days|clock_minutes|monitored_types|monitored_classes|in_country"
    r"|programme_parties)[ \t]*=",
    re.MULTILINE,
)
_LEDGER: Final = re.compile(r'^chain[ \t]*=[ \t]*"[0-9a-f]{64}"', re.MULTILINE)
_STARTS: Final[tuple[tuple[tuple[str, ...], Recognised], ...]] = (
    (("ssh-", "ecdsa-", "sk-ssh-", "clk1:"), PUBLIC),
    ((MAGIC,), PROOF),
    (("<!doctype html", "<html"), HTML),
    (("<",), XML),
)
_PATTERNS: Final = (
    (re.compile("\n\n\u2014 "), NOTE),
    (_RULES, RULES),
    (re.compile(r'\A\s*[\[{]\s*["{\[\]}\d-]'), OF_JSON),
    (_LEDGER, LEDGER),
    (_SETTING, SETTINGS),
    (_POLICY, POLICY),
)
# A line of TOML, which may have as many commas as the next.
_ASSIGNS: Final = re.compile(r"[ \t]*[\w.-]+[ \t]*=")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def recognise(head: bytes) -> Recognised:
    """What a file is that begins with `head`, of at most `HEAD_BYTES`."""
    if not head.strip(b"\x00"):
        return ZEROS if head else EMPTY
    found = _of_bytes(head) or _of_text(head) or UNKNOWN
    # Damage, or an attacker, may make a segment begin like anything.
    return SEGMENT if found not in _HOLDERS and _RECORD.search(head) else found


def stranger_at(path: Path) -> Recognised | None:
    """What a file is that never claimed to be a chain's, None where it is to be read as one.

    A segment claims it by its name or by what is in it. Raises StoreError.
    """
    if not _is_file(path) or path.suffix.lower() == _SEGMENT_END:
        return None
    found = recognise(next(chunks_of(path, size=HEAD_BYTES), b""))
    return None if found is SEGMENT else found


def refuse_file(path: Path) -> None:
    """Raise OtherFileError where a folder is expected and a file lies there."""
    if _is_file(path):
        raise other_file(str(path), recognise(next(chunks_of(path, size=HEAD_BYTES), b"")))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _of_bytes(head: bytes) -> Recognised | None:
    found = next((one for magic, one in _BEGINNINGS if head.startswith(magic)), None)
    if found is not None:
        return found
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return WORD if b"word/" in head else SHEET if b"xl/" in head else ZIP
    if head[4:8] == b"ftyp":
        return PICTURE
    if head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR:
        return PACKED
    if head[0] in _MAPS and head[1 : 1 + len(_EVIDENCE)] == _EVIDENCE:
        return EVIDENCE
    return None


def _of_text(head: bytes) -> Recognised | None:
    text = _decoded(head)
    if text is None:
        return None
    start = text.lstrip().lower()
    if start.startswith("-----begin "):
        line = start.partition("\n")[0]
        return SECRET if "private key" in line else PUBLIC if "public key" in line else PEM
    found = [one for beginnings, one in _STARTS if start.startswith(beginnings)]
    found += [one for pattern, one in _PATTERNS if pattern.search(text)]
    return found[0] if found else TABLE if _is_table(text) else TEXT


def _decoded(head: bytes) -> str | None:
    """The text that a file begins with, None where it is none; the last letter may be cut."""
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = head.decode(encoding)
    except UnicodeDecodeError as error:
        if len(head) < HEAD_BYTES or error.start < len(head) - 4:
            return None
        text = head[: error.start].decode(encoding)
    return None if _CONTROL.search(text) else text


def _is_table(text: str) -> bool:
    """Whether the first two lines have as many cells, and more than one."""
    lines = [line for line in text[:65_536].splitlines() if line.strip()][:2]
    if len(lines) < 2 or _ASSIGNS.match(lines[0]):
        return False
    # Cells in quotes may hold any of the signs, as those of 'chainlog export csv' do.
    both = (list(csv.reader(lines, delimiter=sign)) for sign in ",;\t")
    return any(1 < len(rows[0]) == len(rows[-1]) for rows in both)


@contextmanager
def expecting(name: str, data: bytes | Path, *expected: Recognised) -> Iterator[None]:
    """A block that reads a file as what it should be.

    Where it does not read so, and is something else, that is said (OtherFileError), and not what is
    wrong with it as what it is not.
    """
    try:
        yield
    except ChainlogError as error:
        try:
            head = data if isinstance(data, bytes) else next(chunks_of(data, size=HEAD_BYTES), b"")
        except StoreError:
            raise error from None
        found = recognise(head[:HEAD_BYTES])
        if found in (*expected, TEXT, UNKNOWN):
            raise
        raise other_file(name, found) from None


def other_file(name: str, found: Recognised) -> OtherFileError:
    """The error of a file that is something else than was asked for."""
    return OtherFileError(
        "{name} is {what}, and not what is expected here",
        name=Sentence("what came in") if name == "-" else name[:200],
        what=found.what,
        hint=found.then,
    )
