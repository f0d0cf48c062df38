"""YAML text to a Flow: document with marks, parse, defaults, validation.

Pure: the registry of types and `now` are arguments. Start reading at `parse.py`.
"""
