"""Entries as files that other programs read, a format a file.

`jsonl.py` is JSON lines, `tabular.py` is CSV.

`write_entries` writes a format, `read_events` reads it back for `intake`.
"""
