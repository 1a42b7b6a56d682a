"""Speaks with pull requests of their previews: makes them, tells of them, does what comments ask for."""
