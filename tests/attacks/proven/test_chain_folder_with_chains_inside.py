"""A chain's folder is handed over, altered, and below it a folder `chains` with a whole chain, or a
ledger's file too: 'holds' was said of that one, and not a byte of the first was read.
"""

from __future__ import annotations

import json
import shutil

import pytest
from support.command import run
from support.place import KEYS, Place

from chainlog.ledger.config import LedgerFile, format_ledger_file


def handed(tmp_path, inside):
    """The folder of a chain, and another chain inside it."""
    yard, other = Place(tmp_path / "site"), Place(tmp_path / "other", keys=KEYS[:2])
    folder = tmp_path / "handed" / yard.chain.hex()
    shutil.copytree(yard.chain_folder, folder)
    if inside != "nothing":
        shutil.copytree(other.folder / "chains", folder / "chains")
    if inside == "a ledger":
        (folder / "ledger.toml").write_bytes(format_ledger_file(LedgerFile(other.chain, None)))
    return yard, folder


def told(folder):
    said = run("verify", folder, "--json")
    return said.code, {one["chain"] for one in json.loads(said.out)["chains"]}


@pytest.mark.parametrize("inside", ["chains", "a ledger", "nothing"])
def test_the_folder_that_was_named_is_read(tmp_path, inside):
    yard, folder = handed(tmp_path, inside)
    (path,) = folder.glob("*.seg")
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    code, chains = told(folder)
    assert (code, yard.chain.hex() in chains) == (3, True)


def test_an_altered_ledger_with_a_whole_chain_laid_beside_its_folders_is_read_too(tmp_path):
    yard, folder = handed(tmp_path, "chains")
    (path,) = folder.glob("chains/*/*.seg")
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    code, chains = told(folder)
    assert (code, len(chains), yard.chain.hex() in chains) == (3, 2, True)


@pytest.mark.parametrize("inside", ["chains", "a ledger", "nothing"])
def test_a_whole_one_holds_by_its_own_name(tmp_path, inside):
    yard, folder = handed(tmp_path, inside)
    code, chains = told(folder)
    assert (code, yard.chain.hex() in chains) == (0, True)
