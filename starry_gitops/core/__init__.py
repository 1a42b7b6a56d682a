"""Decides what to change. Values in, values out: no clock, no file, no network, no Git."""
