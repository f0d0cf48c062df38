"""The expression language: `{{ … }}` and `{% … %}` in properties, with Pebble's semantics.

Templates are compiled once to closures over plain data; what needs the world comes from a `World`
that the caller hands in. Pure: no I/O, no clock. Start reading at `evaluate.py`.
"""
