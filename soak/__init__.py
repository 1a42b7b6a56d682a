"""Runs Starry with many writers and real faults, and holds what was acknowledged against the branch.

Run with `make soak`, or `python -m soak --help`.
"""
