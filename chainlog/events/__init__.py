"""What entries say and who may say it, by FORMAT.md 8 and docs/field.md.

Kinds, rosters, programmes, words.
"""
