"""Forges: where pull requests, comments and permissions are. One file each behind one small protocol."""
