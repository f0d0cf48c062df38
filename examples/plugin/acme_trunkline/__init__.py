"""Task types of Acme: every module of this package is searched for them."""
