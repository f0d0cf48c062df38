"""Tests of what is shipped for production: compose, images, charts, units."""
