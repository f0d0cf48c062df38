"""Tables and queries, one file per noun, and the migrations that make the tables.

A function takes the session, does one thing, and tells the caller whether it won. Nobody else
speaks SQL; `service` opens the transactions. Start reading at `schema.py` and `session.py`.
"""
