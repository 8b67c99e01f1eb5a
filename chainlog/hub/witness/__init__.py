"""Witnesses: `witness.py` is one, over `steps.py`, `checks.py`, `admissions.py` and `state.py`.

`server.py` lets others ask it over HTTP, `keys.py` reads the keys that they cosign with. What asks
witnesses of others is `sync/witnesses.py`.
"""
