"""Talks to Git. Nothing else in Starry does."""
