"""Reads `starry.yaml`, the settings at the root of an apps repository."""

from starry_gitops.settings.reader import SETTINGS_FILE, read_settings

__all__ = ["SETTINGS_FILE", "read_settings"]
