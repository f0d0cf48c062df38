"""Tasks that turn files of rows from one format into another."""
