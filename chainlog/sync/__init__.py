"""Sync: what each side has, send the rest, verify before storing.

No consensus and no merge: a chain has one writer, so either side's copy is a beginning of the
other's; or somebody forked, and then both sides are evidence. `reading.py` reads another ledger's
folder as it lies, believing nothing of it; `folder.py` takes from it what holds; `attachments.py`
takes the files that the entries name.
"""
