"""Renders what a change of the apps repository means: what Argo CD would apply, and the Markdown that says so."""
