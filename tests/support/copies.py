"""Chronicles of which a copy is handed over that does not show all."""

from __future__ import annotations

from support.programmes import Chronicle

from chainlog.format.body import withhold
from chainlog.format.entry import parse_entry
from chainlog.index.index import Items


class Copy(Chronicle):
    """A chronicle of which a copy is handed over that does not show all."""

    hidden: dict[bytes, tuple[str, ...] | None]

    def hide(self, entry, *paths):
        """Withhold these fields of an entry in the copy."""
        self.hidden = {**getattr(self, "hidden", {}), entry.id: paths}
        return entry

    def erase(self, entry, site="depot"):
        """Erase the body of an entry by law, as its site's owner may."""
        self.govern(site, "chain.erase", entries=[entry.id], reason="art. 17 GDPR")
        return self.drop(entry)

    def drop(self, entry):
        """Leave the body of an entry out of the copy."""
        self.hidden = {**getattr(self, "hidden", {}), entry.id: None}
        return entry

    def items(self, *sites):
        return Items.of(
            self.gathered(*sites, instead={site: self._copied(site) for site in self.ledgers})
        )

    def _copied(self, site):
        entries = [(parse_entry(raw), body) for raw, body in self.records(site)]
        hidden = getattr(self, "hidden", {})
        return [
            (
                entry.raw,
                _shown(entry, body, hidden.get(entry.id, ())),
            )
            for entry, body in entries
        ]

    def plain(self, at="2023-12-01"):
        """What is found where all is shown."""
        kept, self.hidden = self.hidden, {}
        found = {one.code for one in self.audit(at)}
        self.hidden = kept
        return found

    def codes(self, at="2023-12-01"):
        return {one.code for one in self.audit(at)}


def _shown(entry, body, paths):
    if paths is None:
        return b""
    return withhold(body, entry.header.body, paths) if paths else body
