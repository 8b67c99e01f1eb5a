"""The derived index of what entries say.

Ids, documents, things, and who holds what (docs/design.md 'Growing').

SQLite, kept beside the user's marks and not in the ledger, so that nobody who hands over a ledger
hands over what is read from it. Caught up when asked, each entry verified before it counts; deleted
and rebuilt whenever it is missing, damaged or in doubt.
"""
