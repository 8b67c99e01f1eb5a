"""The contract of an exporter: what in some exporters breaks which rule, and where.

The rules stand in `chainlog/export/exporter.py`.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from itertools import pairwise

from support.events import logged_of, make

from chainlog.events.event import is_governing

# So many entries may be taken without a word being written.
AHEAD = 100
MANY = 1000


class Told:
    """A subject of some entries, which counts how far the exporter is ahead of what it wrote."""

    def __init__(self, logged):
        self.logged = logged
        self.out = io.BytesIO()
        self.taken = self.ahead = 0

    def entries(self):
        """The entries; whoever goes through them again begins anew."""
        self.taken = self.ahead = 0
        for one in self.logged:
            self.taken += 1
            self.ahead = max(self.ahead, self.taken)
            yield one

    def checkpoint(self):
        """None: nobody signed one."""

    def acts(self):
        """None: an entry is what is asked for here."""
        return iter(())

    items = parties = findings = acts

    def write(self, data):
        """Take what is written."""
        assert isinstance(data, bytes), "an exporter writes bytes"
        self.taken = 0
        self.out.write(data)


def exported(exporter, logged):
    """What an exporter makes of some entries, and how many it says it wrote."""
    subject = Told(logged)
    options = {option.name: option.default for option in exporter.options}
    count = exporter.write(subject, subject.write, options)
    return subject, count


def sample(exporter, count=4):
    """Entries of kinds that an exporter is for."""
    logged = logged_of([make(number) for number in range(count)])
    return [one for one in logged if not exporter.kinds or one.entry.header.kind in exporter.kinds]


def faults(exporters):
    """A sentence for each rule that is broken: where, and which."""
    names = Counter(one.name for one in exporters)
    suffixes = Counter(suffix for one in exporters for suffix in {*one.suffixes})
    for one in exporters:
        where = f"{one.write.__module__}: {one.name!r}"
        for fault in (*_of_names(one, names, suffixes), *_of_writing(one), *_of_reading(one)):
            yield f"{where}: {fault}"


def _of_names(one, names, suffixes):
    if re.fullmatch(r"[a-z][a-z0-9]*", one.name) is None:
        yield "rule 1: a format has a name, in small letters and digits"
    if names[one.name] > 1:
        yield "rule 1: another format has this name"
    if not one.suffixes or any(not re.fullmatch(r"(\.[a-z0-9]+)+", name) for name in one.suffixes):
        yield "rule 1: a format says what its files end with, such as '.csv'"
    for suffix in one.suffixes:
        if suffixes[suffix] > 1:
            yield f"rule 1: another format has the suffix {suffix!r}"
    if not one.summary:
        yield "rule 1: a format says what it is, in few words"


def _of_writing(one):
    logged = sample(one)
    lengths = []
    for number in range(len(logged) + 1):
        subject, count = exported(one, logged[:number])
        lengths.append(len(subject.out.getvalue()))
        if count != number:
            yield f"rule 2: it wrote {number} entries, and says that it wrote {count}"
            return
    if any(longer <= shorter for shorter, longer in pairwise(lengths)):
        yield "rule 2: it writes nothing for an entry"
    elif logged:
        subject, _ = exported(one, logged[1:2] * MANY)
        if subject.ahead > AHEAD:
            yield f"rule 3: it takes {subject.ahead} entries before it writes: it does not stream"


def _of_reading(one):
    if one.read is None:
        return
    logged = sample(one)
    subject, _ = exported(one, logged)
    found = [read.event for read in one.read(io.BytesIO(subject.out.getvalue()))]
    kept = [None if is_governing(each.entry.header.kind) else each.fields for each in logged]
    if [event if event is None else event.fields for event in found] != kept:
        yield "rule 4: it reads back other events than it wrote"
