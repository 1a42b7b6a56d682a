"""All invariants of an apps repository: each preview's own, and those that only show over all previews."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from starry_gitops.core.chart_schema import ChartSchema
from starry_gitops.core.check import check_subject
from starry_gitops.core.context import Context, folder_of, layout_problem
from starry_gitops.core.findings import Finding
from starry_gitops.core.manifest import (
    APPLICATION_FILE,
    FILES,
    KEEP_FILE,
    VALUES_FILE,
    UnreadableAnnotation,
    is_preview_field,
    read_preview,
)
from starry_gitops.core.model import Entry, Snapshot
from starry_gitops.core.naming import check_name
from starry_gitops.core.policy import overlays_collide
from starry_gitops.core.remove import keep_name
from starry_gitops.core.rules_quota import check_quotas
from starry_gitops.core.secrets import find_secrets
from starry_gitops.core.settings import Overlay
from starry_gitops.core.subject import make_subject
from starry_gitops.core.values import HOSTS_PATH
from starry_gitops.core.yamltext import Node, leaves, line_of, look_up, parse_document, plain, text_at
from starry_gitops.errors import InvalidRepository, PolicyRefusal, UsageFault

Read = Callable[[str], bytes | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """How many previews were looked at, and what was found."""

    previews: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """True when nothing but warnings was found."""
        return all(finding.severity == "warning" for finding in self.findings)


@dataclass(slots=True)
class Seen:
    """What later checks compare: where each host and name was found, and the previews' owners by overlay."""

    hosts: dict[str, list[tuple[str, int, Overlay]]] = field(default_factory=dict)
    names: dict[str, list[Overlay]] = field(default_factory=dict)
    owners: dict[str, list[str]] = field(default_factory=dict)
    urls: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    previews: int = 0


def validate(context: Context) -> Report:
    """Checks the whole repository."""
    seen = Seen()
    findings = list(check_symlinks(context))
    schema = ChartSchema(context.snapshot, context.settings.chart)
    findings += schema.findings
    for overlay in context.settings.overlays.values():
        findings += _check_overlay(context, overlay, schema, seen)
    findings += _check_host_use(seen)
    findings += _check_urls(context, seen)
    findings += check_quotas(context, seen.owners)
    findings.sort(key=lambda finding: (finding.file, finding.line))
    return Report(previews=seen.previews, findings=tuple(findings))


def _check_overlay(context: Context, overlay: Overlay, schema: ChartSchema, seen: Seen) -> Iterator[Finding]:
    entries = context.snapshot.entries(overlay.folder)
    yield from check_keep(context, overlay)
    names = []
    for name, entry in entries.items():
        if entry.kind == "folder":
            names.append(name)
        else:
            yield from check_stray(overlay, name, entry)
    paths = [f"{folder_of(overlay, name)}/{file}" for name in names for file in sorted(FILES)]
    contents = context.snapshot.read_many(paths)
    for name in names:
        yield from check_preview(context, overlay, name, contents.get, schema, seen)


def check_preview(
    context: Context, overlay: Overlay, name: str, read: Read, schema: ChartSchema, seen: Seen
) -> Iterator[Finding]:
    """One preview's own rules; what must be compared with others is noted in `seen`."""
    seen.previews += 1
    seen.owners.setdefault(overlay.name, []).append("")
    yield from _check_name(context, overlay, name, seen)
    yield from _check_layout(context, folder_of(overlay, name))
    yield from _check_files(context, overlay, name, read, schema, seen)


def check_stray(overlay: Overlay, name: str, entry: Entry) -> Iterator[Finding]:
    """Beside the previews' folders there is nothing but the keep file."""
    if name != KEEP_FILE:
        message = f"a {entry.kind} has no place here: previews/ holds {KEEP_FILE} and one folder per preview"
        yield Finding(rule="layout", file=f"{overlay.folder}/{name}", line=0, message=message)


def check_keep(context: Context, overlay: Overlay) -> Iterator[Finding]:
    """The ConfigMap that keeps the folder of previews."""
    path = f"{overlay.folder}/{KEEP_FILE}"
    data = context.snapshot.read(path)
    if data is None and not overlay.previews and not context.snapshot.entries(overlay.path):
        return  # the settings' defaults name an overlay that this repository does not have
    if data is None:
        message = "missing: without it Argo CD could never prune the overlay's last preview"
        yield Finding(rule="layout", file=path, line=0, message=message)
        return
    try:
        node = parse_document(data, file=path)
    except InvalidRepository as error:
        yield Finding(rule="yaml", file=path, line=error.line, message=error.bare_message)
        return
    wanted = {
        ("apiVersion",): "v1",
        ("kind",): "ConfigMap",
        ("metadata", "name"): keep_name(overlay),
        ("metadata", "namespace"): overlay.application_namespace,
    }
    for place, value in wanted.items():
        if text_at(node, *place) != value:
            message = f"{'.'.join(place)} must be {value!r}: the App of Apps may make this ConfigMap and no other"
            yield Finding(rule="layout", file=path, line=line_of(node, *place), message=message)
    for secret_path, line, reason in find_secrets(node):
        yield Finding(rule="secrets", file=path, line=line, message=f"{'.'.join(secret_path)}: {reason}")


def _check_name(context: Context, overlay: Overlay, name: str, seen: Seen) -> Iterator[Finding]:
    file = f"{folder_of(overlay, name)}/{APPLICATION_FILE}"
    try:
        check_name(name, context.settings, overlay)
    except (UsageFault, PolicyRefusal) as error:
        yield Finding(rule="names", file=file, line=1, message=error.message)
    for other in seen.names.get(name, []):
        if overlays_collide(overlay, other):
            message = f"overlay {other.name} has a preview of this name too, on the same cluster or Argo CD"
            yield Finding(rule="names", file=file, line=1, message=message)
    seen.names.setdefault(name, []).append(overlay)


def _check_layout(context: Context, folder: str) -> Iterator[Finding]:
    entries = context.snapshot.entries(folder)
    for name in sorted(FILES):
        problem = layout_problem(name, entries.get(name))
        if problem:
            yield Finding(rule="layout", file=f"{folder}/{name}", line=0, message=problem)
    for name in sorted(entries.keys() - FILES):
        message = f"has no place here: a preview is exactly {' and '.join(sorted(FILES))}"
        yield Finding(rule="layout", file=f"{folder}/{name}", line=0, message=message)


def _check_files(
    context: Context, overlay: Overlay, name: str, read: Read, schema: ChartSchema, seen: Seen
) -> Iterator[Finding]:
    folder = folder_of(overlay, name)
    nodes: dict[str, Node] = {}
    for file in sorted(FILES):
        data = read(f"{folder}/{file}")
        if data is None:
            continue
        try:
            nodes[file] = parse_document(data, file=f"{folder}/{file}")
        except InvalidRepository as error:
            yield Finding(rule="yaml", file=f"{folder}/{file}", line=error.line, message=error.bare_message)
    if len(nodes) < len(FILES):
        return
    application, values = nodes[APPLICATION_FILE], nodes[VALUES_FILE]
    _note_hosts(values, f"{folder}/{VALUES_FILE}", overlay, seen)
    _note_url(context, application, f"{folder}/{APPLICATION_FILE}", seen)
    yield from schema.check(values, f"{folder}/{VALUES_FILE}")
    fields = {path: leaf.value for path, leaf in leaves(application) if is_preview_field(path)}
    try:
        preview = read_preview(fields, name=name, overlay=overlay.name)
    except UnreadableAnnotation as error:
        line = line_of(application, "metadata", "annotations", error.annotation)
        yield Finding(rule="annotations", file=f"{folder}/{APPLICATION_FILE}", line=line, message=error.message)
        return
    seen.owners[overlay.name][-1] = preview.owner or ""
    yield from check_subject(make_subject(context, overlay, preview, application, values))


def _note_hosts(values: Node, file: str, overlay: Overlay, seen: Seen) -> None:
    node = look_up(values, *HOSTS_PATH)
    hosts = plain(node) if node else None
    for number, host in enumerate(hosts if isinstance(hosts, list) else []):
        seen.hosts.setdefault(str(host), []).append((file, line_of(values, *HOSTS_PATH, str(number)), overlay))


def _check_host_use(seen: Seen) -> Iterator[Finding]:
    """A host that is used twice is named at every place: which of them is wrong, a person knows."""
    for host, places in seen.hosts.items():
        for place in places if len(places) > 1 else []:
            other = next((one for one in places if one[:2] != place[:2] and overlays_collide(one[2], place[2])), None)
            if other:
                message = f"{host} is also used in {other[0]}:{other[1]}"
                yield Finding(rule="hosts", file=place[0], line=place[1], message=message)


def _note_url(context: Context, application: Node, file: str, seen: Seen) -> None:
    """Where the settings name no URL of this repository, all previews must at least agree on one."""
    own = ("source",) if context.settings.chart.repo_url is None else ("sources", "1")
    path = ("spec", *own, "repoURL")
    leaf = look_up(application, *path)
    if context.settings.repo_url is None and leaf is not None:
        seen.urls.setdefault(str(plain(leaf)), []).append((file, line_of(application, *path)))


def _check_urls(context: Context, seen: Seen) -> Iterator[Finding]:
    known = context.apps_url if context.apps_url in seen.urls else ""
    usual = known or max(seen.urls, key=lambda url: len(seen.urls[url]), default="")
    for url, places in seen.urls.items():
        for file, line in places if url != usual else []:
            message = f"repoURL is {url}, that of other previews {usual}; name the right one as repoURL in starry.yaml"
            yield Finding(rule="sources", file=file, line=line, message=message)


def check_symlinks(context: Context) -> Iterator[Finding]:
    """Symlinks that lead out of the repository, anywhere in it."""
    for path, entry in context.snapshot.walk():
        if entry.kind == "symlink" and leaves_root(path, context.snapshot):
            message = "a symlink that leaves the repository: Argo CD refuses all of it"
            yield Finding(rule="symlinks", file=path, line=0, message=message)


def leaves_root(path: str, snapshot: Snapshot) -> bool:
    """True when the symlink's target is absolute or climbs above the root."""
    target = snapshot.link_target(path)
    depth = path.count("/")
    for part in target.split("/"):
        depth += -1 if part == ".." else part not in {"", "."}
        if depth < 0:
            return True
    return target.startswith("/")
