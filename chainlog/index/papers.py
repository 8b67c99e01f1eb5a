"""Which papers of shipments go together: those under one document."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from chainlog.custody.act import PAPERS
from chainlog.events.kinds import kinds_that
from chainlog.index.schema import CORRECTED, in_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.custody.act import Act
    from chainlog.index.book import Book


def papers_of(book: Book) -> Iterator[list[Act]]:
    """The advices, dispatches and receipts, document by document; one without a document alone."""
    _lay_out(book)
    rows = book.db.execute(
        "SELECT p.document, p.no FROM paper p JOIN entry e ON e.no = p.no JOIN chain "
        "c ON c.no = e.chain"
        " ORDER BY p.document, c.id, e.idx"
    )
    for document, group in groupby(rows, key=lambda row: row[0]):
        if document:
            acts = [act for _, no in group if (act := book.act(no)) is not None]
            if acts:
                yield acts
        else:
            yield from ([act] for _, no in group if (act := book.act(no)) is not None)


def _lay_out(book: Book) -> None:
    """Which paper each of them is under.

    As corrected, and of a receipt that cites a dispatch by id, as that one.
    """
    db = book.db
    db.execute("DROP TABLE IF EXISTS temp.paper")
    db.execute("CREATE TEMP TABLE paper (no INTEGER PRIMARY KEY, document TEXT NOT NULL)")
    db.execute(
        "INSERT INTO paper SELECT no, coalesce(document, '') FROM entry"
        f" WHERE kind IN {in_sql(PAPERS)} AND NOT flags & {CORRECTED}"
    )
    corrected = [row[0] for row in db.execute(f"SELECT no FROM entry WHERE flags & {CORRECTED}")]
    for no in corrected:
        act = book.act(no)
        if act is not None and act.standing != "taken back" and act.kind in PAPERS:
            db.execute("INSERT INTO paper VALUES (?, ?)", (no, act.text("document")))
    db.execute(
        "UPDATE paper SET document = p.document FROM cite c JOIN entry d ON d.id = "
        "c.target JOIN paper p ON p.no = d.no"
        " WHERE c.entry = paper.no AND c.name = 'dispatch'"
        f" AND d.kind IN {in_sql(kinds_that('sends'))}"
    )
    for no in corrected:
        act = book.act(no)
        cited = (
            book.cited(act, "dispatch") if act is not None and act.does.step == "receives" else None
        )
        if cited is not None and cited.does.step == "sends":
            db.execute("UPDATE paper SET document = ? WHERE no = ?", (cited.text("document"), no))
