"""A preview's two files, read, with what the rules hold them against."""

from dataclasses import dataclass, replace
from datetime import datetime

from starry_gitops.core.context import Context, Existing, folder_of
from starry_gitops.core.findings import Finding
from starry_gitops.core.manifest import APPLICATION_FILE, VALUES_FILE, parse_preview
from starry_gitops.core.model import Preview
from starry_gitops.core.settings import Overlay, Settings
from starry_gitops.core.ttl import CLOCK_SLACK
from starry_gitops.core.yamltext import Node, line_of, parse_document


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A preview's files, read, with what they are held against. `repo_url` None: any URL of the apps repository."""

    preview: Preview
    overlay: Overlay
    settings: Settings
    now: datetime
    repo_url: str | None
    application: Node
    values: Node

    @property
    def folder(self) -> str:
        """The preview's folder."""
        return folder_of(self.overlay, self.preview.name)

    def in_application(self, rule: str, message: str, *path: str) -> Finding:
        """A finding at a path of application.yaml."""
        file = f"{self.folder}/{APPLICATION_FILE}"
        return Finding(rule=rule, file=file, line=line_of(self.application, *path), message=message)

    def in_values(self, rule: str, message: str, *path: str) -> Finding:
        """A finding at a path of values.yaml."""
        file = f"{self.folder}/{VALUES_FILE}"
        return Finding(rule=rule, file=file, line=line_of(self.values, *path), message=message)


def make_subject(context: Context, overlay: Overlay, preview: Preview, application: Node, values: Node) -> Subject:
    """A preview whose files have been read."""
    return Subject(
        preview=preview,
        overlay=overlay,
        settings=context.settings,
        now=context.now,
        repo_url=context.settings.repo_url,
        application=application,
        values=values,
    )


def subject_of(context: Context, existing: Existing) -> Subject:
    """A preview as it stands."""
    nodes = existing.application_node, existing.values_node
    return make_subject(context, existing.overlay, existing.preview, *nodes)


def parse_subject(
    context: Context, overlay: Overlay, name: str, application: str, values: str, *, is_new: bool
) -> Subject:
    """A preview as it would stand.

    A new one has the URL that it was just given. The clock is the one that made the preview, where ours is behind it.

    Raises:
        InvalidRepository: a file is not strict YAML.
    """
    folder = folder_of(overlay, name)
    file = f"{folder}/{APPLICATION_FILE}"
    node, preview = parse_preview(application.encode(), name=name, overlay=overlay.name, file=file)
    values_node = parse_document(values, file=f"{folder}/{VALUES_FILE}")
    subject = make_subject(context, overlay, preview, node, values_node)
    now = min(max(context.now, preview.created_at), context.now + CLOCK_SLACK)
    return replace(subject, now=now, repo_url=context.repo_url if is_new else context.settings.repo_url)
