"""Files that somebody laid beside those of a ledger, under names that are nearly theirs.

A service that synchronises folders keeps both files where two devices wrote one, and gives one of
them another name; so does who copies a file to where one is already. Such a copy may hold entries
that nobody else has. Nothing reads it, so it is named.

    NAME.sync-conflict-20261128-101500-ABCDEFG.seg      Syncthing
    NAME (conflicted copy 2026-11-28 101500).seg        Dropbox, Nextcloud, ownCloud
    NAME_conflict-20261128-101500.seg                   ownCloud
    NAME-DESKTOP-7AB2.seg                               OneDrive
    NAME - Copy.seg · NAME (1).seg                      Windows · Google Drive, browsers
    .NAME.seg.Xa1b2c · ~syncthing~NAME.seg.tmp          rsync, Syncthing: not finished yet
"""

from __future__ import annotations

import os
import re
import shlex
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chainlog.format.entry import is_id
from chainlog.store import checkpoints
from chainlog.store.raw import Stray
from chainlog.store.segment import blobs, conflicts
from chainlog.store.segment.files import SEGMENT_NAME
from chainlog.store.segment.rewrite import LEFTOVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_EXT: Final = r"(?P<ext>(?:\.\w+)?)"
# Who gives such names; whether the file is not finished yet; the name.
_GIVERS: Final = [
    (by, unfinished, re.compile(name, re.DOTALL))
    for by, unfinished, name in (
        ("Syncthing", False, r"(?P<stem>.+)\.sync-conflict-\d{8}-\d{6}(?:-\w+)?" + _EXT),
        ("Syncthing", True, r"[~.]syncthing[~.](?P<stem>.+)(?P<ext>)\.tmp"),
        ("ownCloud", False, r"(?P<stem>.+)_conflict-\d{8}-\d{6}" + _EXT),
        ("Dropbox, Nextcloud or ownCloud", False, r"(?P<stem>.+) \([^()]*\D[^()]*\)" + _EXT),
        ("Windows", False, r"(?P<stem>.+?) - [^\d().-][^().-]*(?: \(\d+\))?" + _EXT),
        ("Google Drive", False, r"(?P<stem>.+?) ?\(\d+\)" + _EXT),
        ("OneDrive", False, r"(?P<stem>\d{20}|\d{20}-[0-9a-f]{64})-[^()\s]+?" + _EXT),
        ("rsync", True, r"\.(?P<stem>.+)(?P<ext>)\.[A-Za-z0-9]{6}"),
    )
]
_NEARLY: Final = re.compile(r"(?!\._)[^/]*[0-9]{20}.*seg", re.IGNORECASE | re.DOTALL)
# Folders that services synchronise: by what they lay into the topmost, and by its usual name.
_LAID: Final = {
    ".stfolder": "Syncthing",
    ".dropbox": "Dropbox",
    ".dropbox.cache": "Dropbox",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
    ".849C9593-D756-4E56-8D6E-42412F2A707B": "OneDrive",
    ".tmp.drivedownload": "Google Drive",
    ".seafile-data": "Seafile",
}
_USUAL: Final = re.compile(
    r"(Dropbox|OneDrive|Google ?Drive|My Drive|Nextcloud|ownCloud|Seafile|iCloud Drive"
    r"|com~apple~CloudDocs|CloudStorage|Yandex\.Disk|MEGA|pCloudDrive)(?: ?[-(].*)?"
)


def stray(name: str, where: Path, is_kept: Callable[[str], object]) -> Stray | None:
    """What a name is, if it is that of a copy of a file with a name that is kept there."""
    for by, unfinished, pattern in _GIVERS:
        match = pattern.fullmatch(name)
        if match is not None and is_kept(kept := match["stem"] + match["ext"]):
            return Stray(name, str(where / name), kept, by, unfinished=unfinished)
    return None


def strays_in(folder: Path) -> tuple[Stray, ...]:
    """What lies in a chain's folder, and may be part of it; by name. What macOS adds is nothing."""
    found = []
    for name in _names_in(folder):
        if SEGMENT_NAME.fullmatch(name) or LEFTOVER.fullmatch(name):
            continue
        one = stray(name, folder, SEGMENT_NAME.fullmatch)
        if one is None and _NEARLY.match(name):
            one = Stray(name, str(folder / name), "", "")
        found += [one] if one is not None else []
    for below, is_kept in (
        (checkpoints.FOLDER, checkpoints.NAME.fullmatch),
        (f"{checkpoints.FOLDER}/{checkpoints.AHEAD}", checkpoints.NAME.fullmatch),
        (conflicts.FOLDER, conflicts.NAME.fullmatch),
    ):
        found += _strays_among(folder / below, is_kept, f"{below}/")
    return tuple(found)


def folders_beside(chains: Path) -> dict[bytes, list[Stray]]:
    """Copies of chains' folders, by the chain, in the folder of all chains."""
    found: dict[bytes, list[Stray]] = {}
    for one in _strays_among(chains, is_id, f"{chains.name}/"):
        found.setdefault(bytes.fromhex(one.of), []).append(one)
    return found


def strays_beside(ledger: Path) -> list[Stray]:
    """Copies of a ledger's own file, and of attachments: they take nothing from any chain."""
    found = list(_strays_among(ledger, "ledger.toml".__eq__))
    for shard in _names_in(ledger / blobs.FOLDER):
        below = f"{blobs.FOLDER}/{shard}"
        found += _strays_among(ledger / below, is_id, f"{below}/")
    return found


def synchronised_by(ledger: Path) -> tuple[str, Path] | None:
    """The service that synchronises the folder that a ledger lies in, by what shows; and where."""
    place = ledger.absolute()
    for folder in (place, *place.parents):
        for name, service in _LAID.items():
            with suppress(OSError):
                if (folder / name).exists():
                    return service, folder
        if match := _USUAL.fullmatch(folder.name):
            return match[1], folder
    return None


def way_out(strays: Iterable[Stray], folder: Path) -> str | None:
    """The commands that put the first copy of a segment aside, and take what only it has.

    None where there is no such copy.
    """
    for one in strays:
        if SEGMENT_NAME.fullmatch(one.of) and not one.unfinished:
            aside = folder.parent.parent / "copies"
            into = aside / folder.parent.name / folder.name
            where, file, into_, from_ = (
                shlex.quote(str(path)) for path in (one.where, into / one.of, into, aside)
            )
            return f"mkdir -p {into_} && mv {where} {file} && chainlog sync {from_}"
    return None


def _strays_among(
    folder: Path, is_kept: Callable[[str], object], below: str = ""
) -> Iterator[Stray]:
    for name in _names_in(folder):
        if not is_kept(name) and (one := stray(name, folder, is_kept)) is not None:
            yield one._replace(name=below + name)


def _names_in(folder: Path) -> list[str]:
    with suppress(OSError):  # whoever reads it says why
        return sorted(os.listdir(folder))  # noqa: PTH208  (names are all that is asked for)
    return []
