"""Measures Starry against plain Git. Run with `make bench`."""
