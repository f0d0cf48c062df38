"""One module per row; each has `ROW`, `ITEM` and `measure(bench) -> Report`."""
