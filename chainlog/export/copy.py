"""Withholding: a copy of a ledger in which chosen fields are not shown (FORMAT.md 4).

The copy verifies whole all the same.

Each field has a digest of its own under the entry's signature, so that what is shown can be checked
and what is not cannot be guessed. What a copy still shows of an entry: that it is there, its kind,
its clock, its key, the names of its fields and how many elements they have. It has no key, index,
lock, conflict or lost end, and of attachments those that a shown field names.

1. Look at the target and at the source: nothing is written into a folder that is not empty, or from
   a chain that does not link.
2. Write each chain, as it stood then, a record at a time; attachments and checkpoints with it.
3. Verify the copy whole. It holds, or it is what the source is, entry by entry; otherwise, as after
   any error, nothing of it is left.
4. Write `ledger.toml`, which makes it a ledger.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chainlog.errors import BodyError, NoBlobError, Sentence, StoreError
from chainlog.events.mentions import files_in
from chainlog.export.words.catalogue import english
from chainlog.format.body import open_body, withhold
from chainlog.ledger.config import NAME, LedgerFile, format_ledger_file
from chainlog.ledger.sources import verify_chains
from chainlog.store import durable
from chainlog.store.engine import check_whole
from chainlog.store.segment.copy import FolderCopy
from chainlog.verifier.report import Level, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from chainlog.export.rules import Rule
    from chainlog.format.record import Record
    from chainlog.ledger.ledger import Ledger
    from chainlog.store.open import Store
    from chainlog.verifier.report import ChainReport, Report

_HINT: Final = "run 'chainlog verify' on the ledger"


@dataclass(slots=True)
class Withheld:
    """What a copy came to.

    `entries`: all of them; `touched`: in how many something was withheld; `fields`: how often, by
    name.

    `attachments`, `absent`: how many files that are shown were copied, and how many were not held.
    `unmet`: fields, items and parties of the rules that were met with nowhere: look for slips among
    them. `verdict`: of the copy.
    """

    chains: int = 0
    entries: int = 0
    touched: int = 0
    fields: dict[str, int] = field(default_factory=dict)
    attachments: int = 0
    absent: int = 0
    unmet: list[str] = field(default_factory=list)
    verdict: Verdict = Verdict.HOLDS


def write_withheld(
    ledger: Ledger,
    target: Path,
    rules: Sequence[Rule],
    *,
    chains: Collection[bytes] | None = None,
    entries: Collection[bytes] | None = None,
    parallel: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Withheld:
    """Write a copy of the ledger, with what the rules mean withheld, into a new or empty folder.

    `chains`, `entries`: withhold in these alone; all chains are copied in any case. `parallel`,
    `progress`: as for `verify_chains`, the entries counted once for each time that they are read.
    Raises StoreError, also where nothing is meant by the rules, or by them in one of `entries`: a
    copy that shows what it was made to hide would be worse than none. Nothing is left of it then.
    """
    store, own = ledger.engine, ledger.chain
    # 1. the target, and the source
    place = FolderCopy(target, ledger.folder)
    links = verify_chains(
        store.raw_chains(own), store, level=Level.LINKS, parallel=parallel, progress=progress
    )
    _check_source(links)
    sizes = {bytes.fromhex(chain.chain): chain.size for chain in links.chains if chain.size}
    try:
        try:
            place.make()
            # 2. the chains
            copy = _Copy(store, place, rules, chains, None if entries is None else set(entries))
            for chain, size in sizes.items():
                for _ in copy.write_chain(chain, size):
                    if progress is not None:
                        progress(1)
            told = copy.finish()
            # 3. does it hold?
            report = verify_chains(place.raw_chains(), place, parallel=parallel, progress=progress)
            told.verdict = report.verdict
            _compare(
                report,
                links,
                lambda: verify_chains(store.raw_chains(own), store, parallel=parallel),
            )
            # 4. now it is a ledger
            durable.put_new(target / NAME, format_ledger_file(LedgerFile(own)))
        except OSError as error:
            hint = "make room on the disk" if error.errno in {errno.ENOSPC, errno.EDQUOT} else None
            raise StoreError(
                "{target} cannot be written: {why}; nothing is left there",
                target=target,
                why=error.strerror,
                hint=hint,
            ) from None
    except BaseException:
        place.clear()
        raise
    return told


def _check_source(links: Report) -> None:
    if links.fault_count:
        raise StoreError(
            "the ledger does not hold: {why}; nothing was written",
            why=english(links.faults[0].says),
            hint=_HINT,
        )
    if not any(chain.size for chain in links.chains):
        raise StoreError("the ledger holds no entry; nothing was written", hint=_HINT)


def _compare(report: Report, links: Report, verify_source: Callable[[], Report]) -> None:
    """Raise StoreError unless the copy is what the source is.

    The source is verified whole only where the copy does not hold.
    """

    def places(one: Report) -> list[tuple[str, int, str | None, str | None]]:
        return [
            (chain.chain, chain.size, chain.head, chain.root) for chain in one.chains if chain.size
        ]

    if places(report) != places(links):
        raise StoreError(
            "the copy is not the chains that were copied; nothing is left of it", hint=_HINT
        )
    if report.verdict is Verdict.HOLDS:
        return
    if report.fault_count:
        raise StoreError(
            "the copy does not hold: {why}; nothing is left of it",
            why=english(report.faults[0].says),
            hint=_HINT,
        )
    whole = verify_source()

    def gaps(chain: ChainReport) -> tuple[int, int]:
        return chain.absent, chain.erased

    known = {chain.chain: gaps(chain) for chain in whole.chains}
    if (
        any(known.get(chain.chain) != gaps(chain) for chain in report.chains)
        or report.missing_count > whole.missing_count
    ):
        raise StoreError(
            "of the copy cannot be told what can of the ledger: {why}; nothing is left of it",
            why=english(report.missing[0].says),
            hint=_HINT,
        )


class _Copy:
    """A copy while it is written."""

    def __init__(
        self,
        store: Store,
        target: FolderCopy,
        rules: Sequence[Rule],
        chains: Collection[bytes] | None,
        entries: set[bytes] | None,
    ) -> None:
        self.store, self.target = store, target
        self.rules, self.chains, self.entries = rules, chains, entries
        self.told = Withheld(
            fields={name.partition("/")[0]: 0 for rule in rules for name in rule.fields}
        )
        self.met: set[str] = set()
        self.left = set() if entries is None else set(entries)

    def write_chain(self, chain: bytes, size: int) -> Iterator[None]:
        """Write the first `size` entries of a chain, in segments as the source has them.

        Steps at each entry.
        """
        check_whole(self.store, chain)
        firsts = {one.first for one in self.store.raw(chain).segments if one.first is not None}
        records = (
            (record.entry, self._withhold(chain, record))
            for record in self.store.read(chain, 0, size)
        )
        yield from self.target.write_chain(chain, firsts, records)
        # Checkpoints say how far a chain was and what its root is. What is none is not copied: it
        # may be anything, by a link too.
        for note in self.store.checkpoints(chain):
            self.target.put_checkpoint(chain, note)
        self.told.chains += 1

    def finish(self) -> Withheld:
        """What it came to.

        Raises StoreError where nothing was withheld, or nothing in an entry that was named.
        """
        told = self.told
        wanted = [
            text for rule in self.rules for text in (*rule.fields, *rule.items, *rule.parties)
        ]
        told.unmet = [text for text in dict.fromkeys(wanted) if text not in self.met]
        if not told.touched:
            hint = (
                Sentence("met with nowhere: {unmet}", unmet=", ".join(told.unmet))
                if told.unmet
                else "is it withheld already?"
            )
            raise StoreError(
                "nothing in this ledger is what was to be withheld; nothing is left of the copy",
                hint=hint,
            )
        if self.left:
            raise StoreError(
                "nothing was to be withheld in entry {left}, which was named; nothing is "
                "left of the copy",
                left=min(self.left).hex()[:12],
                hint="'chainlog show' says what its fields are",
            )
        return told

    def _withhold(self, chain: bytes, record: Record) -> bytes:
        """A record's body as it is to be shown."""
        self.told.entries += 1
        body = record.body
        try:
            if body and self._is_meant(chain, body):
                body = self._withhold_in(record)
            if b"sha256" in body:
                self._copy_files(files_in(open_body(body, record.parsed.header.body)))
        except BodyError as error:
            index = record.parsed.header.index
            raise StoreError(
                "entry {index} of chain {chain}: {why}; nothing is left of the copy",
                index=index,
                chain=chain.hex()[:16],
                why=error.message,
                hint=_HINT,
            ) from None
        return body

    def _is_meant(self, chain: bytes, body: bytes) -> bool:
        return (self.chains is None or chain in self.chains) and any(
            rule.may_mean(body) for rule in self.rules
        )

    def _withhold_in(self, record: Record) -> bytes:
        entry = record.parsed
        if self.entries is not None and entry.id not in self.entries:
            return record.body
        body = open_body(record.body, entry.header.body)
        paths = set[str]().union(
            *(rule.means(entry.header.kind, body, self.met) for rule in self.rules)
        )
        if not paths:
            return record.body
        self.left.discard(entry.id)
        self.told.touched += 1
        for path in paths:
            name = path.partition("/")[0]
            self.told.fields[name] = self.told.fields.get(name, 0) + 1
        return withhold(record.body, entry.header.body, paths)

    def _copy_files(self, digests: Iterable[bytes]) -> None:
        for digest in digests:
            if self.target.holds_blob(digest):
                continue
            try:
                found, _ = self.target.put_blob(self.store.blob(digest))
            except NoBlobError:
                self.told.absent += 1
                continue
            if found != digest:
                raise StoreError(
                    "the file held as attachment {digest} has other content; nothing is left "
                    "of the copy",
                    digest=digest.hex(),
                    hint=_HINT,
                )
            self.told.attachments += 1
