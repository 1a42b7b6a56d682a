"""Changes outside the previews: which part of the set-up they belong to, and what a reviewer should know."""

from collections.abc import Iterator

from starry_gitops.core.context import Context
from starry_gitops.core.findings import Finding
from starry_gitops.core.merge import MISSING, leaves_of, same
from starry_gitops.core.model import Snapshot
from starry_gitops.core.review_model import Area, PlatformChange
from starry_gitops.core.review_values import shown_key, shown_value
from starry_gitops.core.settings import Settings
from starry_gitops.core.tree_changes import TreeChange, shown_path
from starry_gitops.core.validate import leaves_root
from starry_gitops.core.yamltext import parse_document, plain
from starry_gitops.errors import InvalidRepository

_SETTINGS = "starry.yaml"
_MEANINGS: dict[Area, str] = {
    "settings": "the settings: this review goes by those of the base branch",
    "templates": "a template of previews: this review goes by those of the base branch",
    "chart": "the chart of the previews: all of them are rendered anew",
    "base": "what every environment is built from",
    "overlay": "an environment itself",
    "root": "a root Application",
    "pipeline": "a pipeline, or who must review",
    "git": "how Git, and with it Argo CD, reads the repository",
    "other": "a file that no part of the set-up claims",
}
_PIPELINES = (".github/", ".gitlab/", ".gitea/", ".forgejo/", ".gitlab-ci.yml", "CODEOWNERS", "docs/CODEOWNERS")
_GIT = (".gitmodules", ".gitattributes")
_SHOWN = 20


def platform_change(change: TreeChange, context: Context, fork: Snapshot, head: Snapshot) -> PlatformChange:
    """A changed file outside the previews."""
    details = tuple(_setting_changes(fork, head)) if change.path == _SETTINGS else ()
    kind = change.after.kind if change.after else ""
    special = (f"a {kind}",) if kind in {"symlink", "submodule"} else ()
    area = _area(change.path, context.settings)
    return PlatformChange(path=shown_path(change.path), what=change.what, area=area, details=(*special, *details))


def _area(path: str, settings: Settings) -> Area:
    parts: list[tuple[Area, tuple[str, ...]]] = [
        ("settings", (_SETTINGS,)),
        ("templates", (f"{settings.templates}/",)),
        ("chart", (f"{settings.chart.path}/",) if settings.chart.repo_url is None else ()),
        ("overlay", tuple(f"{overlay.path}/" for overlay in settings.overlays.values()) or ("overlays/",)),
        ("overlay", ("overlays/",)),
        ("base", ("base/",)),
        ("chart", ("charts/",) if settings.chart.repo_url is None else ()),
        ("root", ("root/",)),
        ("pipeline", _PIPELINES),
    ]
    if path.rpartition("/")[2] in _GIT:
        return "git"
    return next((area for area, starts in parts if _begins(path, starts)), "other")


def _begins(path: str, starts: tuple[str, ...]) -> bool:
    return any(path.startswith(start) if start.endswith("/") else path == start for start in starts)


def platform_findings(change: TreeChange, told: PlatformChange, head: Snapshot) -> Iterator[Finding]:
    """Whatever belongs to the set-up, and whatever is no plain file, needs somebody who answers for it."""
    if change.after is not None and change.after.kind == "symlink" and leaves_root(change.path, head):
        message = "a symlink that leaves the repository: Argo CD refuses all of it"
        yield Finding(rule="symlinks", file=change.path, line=0, message=message)
    if told.area != "other" or (change.after is not None and change.after.kind != "file"):
        kind = f"a {change.after.kind}; " if change.after and change.after.kind != "file" else ""
        message = f"{told.what}: {kind}{_MEANINGS[told.area]}"
        yield Finding(rule="platform", file=change.path, line=0, message=message, severity="warning")


def _setting_changes(fork: Snapshot, head: Snapshot) -> Iterator[str]:
    """Which settings differ. They are shown, never used."""
    old, new = (_settings_leaves(snapshot) for snapshot in (fork, head))
    if old is None or new is None:
        yield "cannot be read" if new is None else "could not be read before"
        return
    changed = [path for path in dict.fromkeys((*new, *old)) if not same(old.get(path, MISSING), new.get(path, MISSING))]
    for path in changed[:_SHOWN]:
        sides = (shown_value(path, data[path]) if path in data else "(nothing)" for data in (old, new))
        yield f"{shown_key(path)}: {' → '.join(sides)}"
    if len(changed) > _SHOWN:
        yield f"and {len(changed) - _SHOWN} more"


def _settings_leaves(snapshot: Snapshot) -> dict[tuple[str, ...], object] | None:
    """None where they are broken or no map; nothing where there are none."""
    try:
        data = plain(parse_document(snapshot.read(_SETTINGS) or b"{}", file=_SETTINGS))
    except InvalidRepository:
        return None
    return leaves_of(data) if isinstance(data, dict) else None
