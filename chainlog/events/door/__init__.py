"""The door: what people type, scan or paste becomes what is signed, in one place for all ways in.

Each file reads one sort of answer: it gives the canonical value, or raises EventError with what,
where and what to do. `passage.py` takes a whole event through. Entries that were signed in other
spellings stay as they are: the door is for what comes in.
"""
