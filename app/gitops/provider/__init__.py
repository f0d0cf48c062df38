"""The APIs of Git hosts behind one small interface: commit status, comment, pull request.

Start at `base.py`; each host is one file, `connect.py` picks it.
"""
