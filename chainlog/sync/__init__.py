"""Sync: what each side has, send the rest, verify before storing.

No consensus and no merge: a chain has one writer, so either side's copy is a beginning of the
other's; or somebody forked, and then both sides are evidence. `other.py` reads another ledger's
store as it lies, believing nothing of it; `folder.py` takes from it what holds, `bodies.py` what it
shows more of entries that both have, and `outcome.py` is what became of it; `attachments.py` takes
the files that the entries name, `checkpoints.py` what was signed of them. `witnesses.py` has a
checkpoint cosigned over HTTP.
"""
