"""What entries say and who may say it, by FORMAT.md 8 and docs/field.md.

Kinds, rosters, programmes, words. A new kind of custody is a class in `movements.py` (things) or
`statements.py` (rights, money, other entries); `kinds.py` finds it.
"""
