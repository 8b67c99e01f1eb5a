"""Witnesses: `witness.py` is one, over `checks.py`, `admissions.py` and `state.py`.

`server.py` lets others ask it over HTTP, `client.py` asks others, `keys.py` reads the keys that
they cosign with.
"""
