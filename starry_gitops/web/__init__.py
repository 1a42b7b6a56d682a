"""The web page and the API: self-service for developers, over the same decisions and the same commits as the CLI."""
