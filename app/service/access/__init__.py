"""Who may come in and what they may do: accounts, passwords, sessions, tokens, sign-on, audit.

The API asks `login`, `sessions` and `tokens` for the caller of a request, and `audit` to keep what
was done. Start reading at `accounts.py`.
"""
