"""Real servers and small drivers that the tests share."""
