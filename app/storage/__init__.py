"""Bytes by URI: `kestra:///path` to a stream and back, and the layout of those paths.

Uses only `errors`. Start reading at `storage.py`; `paths.py` is where user paths are checked.
"""
