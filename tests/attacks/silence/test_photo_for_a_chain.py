"""Somebody names a photograph, a table, a key, an archive where a chain is verified, and is told
that it was tampered with: an accusation over what never claimed to be a chain. It is said what the
file is, in both languages, and that nobody can tell.
"""

from __future__ import annotations

import io
import json
import tarfile
import zipfile

import pytest
from support.chains import CLERK

from chainlog.ledger.signers.files import write_key


def archive(*names):
    with io.BytesIO() as held:
        with zipfile.ZipFile(held, "w") as packed:
            for name in names:
                packed.writestr(name, b"within")
        return held.getvalue()


def tar():
    with io.BytesIO() as held:
        with tarfile.open(fileobj=held, mode="w") as packed:
            packed.addfile(tarfile.TarInfo("ledger/ledger.toml"))
        return held.getvalue()


NOTE = "example.org/depot\n1\nAAAA\n\n\u2014 example.org/depot AAAA\n"
FILES = [
    (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "a JPEG picture", "знімок JPEG"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG picture", "зображення PNG"),
    (b"GIF89a\x00", "a picture or a film", "знімок або відео"),
    (b"\x00\x00\x00\x18ftypheic\x00", "a picture or a film", "знімок або відео"),
    (b"%PDF-1.7\n%\xe2\xe3", "a PDF document", "документ PDF"),
    (archive("a.txt"), "a ZIP archive", "архів ZIP"),
    (archive("[Content_Types].xml", "word/document.xml"), "a Word document", "документ Word"),
    (archive("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook", "книга Excel"),
    (tar(), "a packed archive", "стиснутий архів"),
    (b"\x1f\x8b\x08\x00rest", "a packed archive", "стиснутий архів"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document", "офісний документ"),
    (b"SQLite format 3\x00\x10\x00", "an SQLite database", "база даних SQLite"),
    (b"\x7fELF\x02\x01", "a program", "програма"),
    ("серійний,тип\nHW-1,гаубиця\n".encode(), "a table (CSV)", "таблиця (CSV)"),
    ("серійний;тип\nHW-1;гаубиця\n".encode("utf-16"), "a table (CSV)", "таблиця (CSV)"),
    (b'{"id": "00", "kind": "loss"}\n', "a file of JSON", "файл JSON"),
    ("Доброго дня!\n".encode(), "a text", "текст"),
    (b"<!DOCTYPE html><title>Log in</title>", "a web page", "вебсторінка"),
    (b'<?xml version="1.0"?>', "an XML file", "файл XML"),
    (b"-----BEGIN CERTIFICATE-----\nAAAA\n", "a PEM file", "файл PEM"),
    (b"-----BEGIN PUBLIC KEY-----\nAAAA\n", "a public key", "відкритий ключ"),
    (b"-----BEGIN OPENSSH PRIVATE KEY-----\nAA", "a private key", "приватний ключ"),
    (b"ssh-ed25519 AAAA depot\n", "a public key", "відкритий ключ"),
    (NOTE.encode(), "a signed note", "підписана нотатка"),
    (b"c2sp.org/tlog-proof@v1\nindex 1\n", "a proof of one entry", "доказ одного запису"),
    (b"# who\nwitness hub hub+00+AA\n", "a policy of witnesses", "політика свідків"),
    (b"init_days = 90\n", "the settings of an audit", "налаштування ревізії"),
    (b'[[rules]]\nfields = ["place"]\n', "rules of withholding", "правила приховування"),
    (f'format = 1\nchain = "{"0" * 64}"\n'.encode(), "a ledger's own file", "власний файл журналу"),
    (b"", "an empty file", "порожній файл"),
    (bytes(4096), "a file of nothing but zeros", "файл із самих нулів"),
    (b"\x01\x02\x03\xff" * 9, "a file of no form that is known here", "файл невідомої тут форми"),
]
IDS = [f"{number} {told}" for number, (_, told, _) in enumerate(FILES)]


@pytest.mark.parametrize(("data", "english", "ukrainian"), FILES, ids=IDS)
def test_it_is_said_what_the_file_is(depot, tmp_path, monkeypatch, data, english, ukrainian):
    path = tmp_path / "handed-over"
    path.write_bytes(data)
    told = depot.ask("verify", path)
    first = told.out.splitlines()[0]
    assert told.code == 4
    assert first.startswith("cannot tell (full): this is ")
    assert english in first
    report = json.loads(depot.ask("verify", path, "--json").out)
    assert report["verdict"] == "cannot tell"
    assert [one["code"] for one in report["missing"]] == ["not-a-chain"]
    assert report["faults"] == report["chains"] == []
    monkeypatch.setenv("CHAINLOG_LANG", "uk")
    assert ukrainian in depot.ask("verify", path).out


def test_a_key_of_ours(depot, tmp_path):
    write_key(tmp_path / "key.pem", CLERK, None)
    write_key(tmp_path / "locked.pem", CLERK, b"word")
    for name in ("key.pem", "locked.pem"):
        told = depot.ask("verify", tmp_path / name)
        assert (told.code, "this is a private key" in told.out) == (4, True)


def test_the_ledger_itself_and_a_segment_of_it(depot, tmp_path):
    """The honest twin."""
    assert depot.ask("verify", depot.folder).code == 0
    (segment,) = depot.folder.rglob("*.seg")
    for name in ("00000000000000000000.seg", "handed-over"):
        (tmp_path / name).write_bytes(segment.read_bytes())
        told = depot.ask("verify", tmp_path / name, "--json")
        assert json.loads(told.out)["chains"][0]["size"] == 5
        assert "not-a-chain" not in told.out
