"""The REST API: Flask routes that translate and get out of the way.

Each module is one resource; `app.py` puts them together, `auth.py` stands in front of them all.
Start reading at `app.py`.
"""
