"""Which rules the previews that a change touches break, held against the settings of the base branch."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from starry_gitops.core.chart_schema import ChartSchema
from starry_gitops.core.context import Context, check_folder, folder_of
from starry_gitops.core.findings import Finding
from starry_gitops.core.manifest import APPLICATION_FILE, FILES, KEEP_FILE
from starry_gitops.core.model import Snapshot
from starry_gitops.core.policy import overlays_collide
from starry_gitops.core.review_survey import Place, Survey, survey
from starry_gitops.core.rules_quota import check_quotas
from starry_gitops.core.settings import Overlay, Quota
from starry_gitops.core.tree_changes import TreeChange
from starry_gitops.core.validate import Seen, check_keep, check_preview, check_stray
from starry_gitops.errors import InvalidRepository


@dataclass(frozen=True, kw_only=True, slots=True)
class Touched:
    """One entry of an overlay's `previews/` that differs; `contested`: on the base branch it has changed too."""

    overlay: Overlay
    name: str
    change: TreeChange
    contested: bool

    @property
    def is_preview(self) -> bool:
        """Whether it is a preview after the change."""
        return self.change.after is not None and self.change.after.kind == "folder"

    @property
    def was_preview(self) -> bool:
        """Whether it was a preview before the change."""
        return self.change.before is not None and self.change.before.kind == "folder"


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """What the change breaks, and what was broken before it."""

    new: list[Finding]
    old: list[Finding]

    def add(self, findings: Iterable[Finding], before: Iterable[Finding]) -> None:
        """Findings that stood there before are old, on whichever line."""
        known = {(finding.rule, finding.file, finding.message) for finding in before}
        for finding in findings:
            (self.old if (finding.rule, finding.file, finding.message) in known else self.new).append(finding)


def broken_rules(touched: Sequence[Touched], base: Context, fork: Snapshot, head: Snapshot) -> Broken:
    """All rules, for everything that is touched; those over all previews too. Untouched previews are not judged."""
    broken = Broken(new=[], old=[])
    before, after = (replace(base, snapshot=snapshot, owners={}) for snapshot in (fork, head))
    schema = ChartSchema(base.snapshot, base.settings.chart)
    for overlay in base.settings.overlays.values():
        broken.add(_folder_findings(after, overlay), _folder_findings(before, overlay))
    for one in touched:
        if one.name == KEEP_FILE:
            broken.add(check_keep(after, one.overlay), check_keep(before, one.overlay))
        elif one.change.after is not None and not one.is_preview:
            broken.add(check_stray(one.overlay, one.name, one.change.after), ())
    previews = [one for one in touched if one.is_preview]
    if previews:
        places = {(one.overlay.name, one.name) for one in touched}
        known = survey(base, places)
        ends = _Ends(base=base, before=before, after=after, schema=schema, known=known, touched=places)
        owners = _check_previews(previews, ends, broken)
        broken.new.extend(_quotas(base, touched, known, owners))
    return broken


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ends:
    """The commits, each with the settings of the base, and what is the same for all previews."""

    base: Context
    before: Context
    after: Context
    schema: ChartSchema
    known: Survey
    touched: Collection[Place]


def _check_previews(previews: Sequence[Touched], ends: _Ends, broken: Broken) -> dict[tuple[str, str], str]:
    """Adds what is broken, and gives the owners of the previews as they are after the change."""
    new, owners = Seen(), dict[tuple[str, str], str]()
    paths = [f"{folder_of(one.overlay, one.name)}/{file}" for one in previews for file in sorted(FILES)]
    contents = ends.after.snapshot.read_many(paths)
    own: dict[str, list[Finding]] = {}
    for one in previews:
        found = list(check_preview(ends.after, one.overlay, one.name, contents.get, ends.schema, new))
        owners[one.overlay.name, one.name] = new.owners[one.overlay.name][-1]
        own[one.change.path] = found + list(_taken_names(one, ends))
    shared = [*_shared_hosts(new, ends.known), *_other_urls(ends.after, new, ends.known)]
    for finding in shared:
        own[finding.file.rpartition("/")[0]].append(finding)
    for one in previews:
        found = list(dict.fromkeys(own[one.change.path]))
        broken.add(found, _before(one, ends) if found and one.was_preview else ())
    return owners


def _before(one: Touched, ends: _Ends) -> list[Finding]:
    """What was broken in the preview before the change."""
    old = Seen()
    folder = folder_of(one.overlay, one.name)
    contents = ends.before.snapshot.read_many([f"{folder}/{file}" for file in sorted(FILES)])
    found = list(check_preview(ends.before, one.overlay, one.name, contents.get, ends.schema, old))
    found += _taken_names(one, ends)
    return [*found, *_shared_hosts(old, ends.known), *_other_urls(ends.before, old, ends.known)]


def _folder_findings(context: Context, overlay: Overlay) -> Iterator[Finding]:
    """A file or a symlink in the place of the folder would hide all previews."""
    try:
        check_folder(context, overlay)
    except InvalidRepository as error:
        yield Finding(rule="layout", file=error.file, line=0, message=error.bare_message)


def _taken_names(one: Touched, ends: _Ends) -> Iterator[Finding]:
    """A preview of this name in another overlay, one that the change does not touch."""
    for other in ends.base.settings.overlays.values():
        is_touched = other is one.overlay or (other.name, one.name) in ends.touched
        there = not is_touched and one.name in ends.base.snapshot.entries(other.folder)
        if there and overlays_collide(one.overlay, other):
            file = f"{folder_of(one.overlay, one.name)}/{APPLICATION_FILE}"
            message = f"overlay {other.name} has a preview of this name too, on the same cluster or Argo CD"
            yield Finding(rule="names", file=file, line=1, message=message)


def _shared_hosts(seen: Seen, known: Survey) -> Iterator[Finding]:
    for host, places in seen.hosts.items():
        for file, line, overlay in places:
            others = ((other, theirs) for other, number, theirs in places if (other, number) != (file, line))
            meeting = chain(others, known.hosts.get(host, ()))
            other = next((other for other, theirs in meeting if overlays_collide(overlay, theirs)), None)
            if other is not None:
                yield Finding(rule="hosts", file=file, line=line, message=f"{host} is also used in {other}")


def _other_urls(context: Context, seen: Seen, known: Survey) -> Iterator[Finding]:
    """Where the settings name no URL of this repository, previews agree on one."""
    usual = known.usual_url(context.apps_url)
    for url, places in seen.urls.items() if usual else ():
        for file, line in places if url != usual else ():
            message = f"repoURL is {url}, that of other previews {usual}; name the right one as repoURL in starry.yaml"
            yield Finding(rule="sources", file=file, line=line, message=message)


def _quotas(
    base: Context, touched: Sequence[Touched], known: Survey, owners: Mapping[tuple[str, str], str]
) -> Iterator[Finding]:
    """The quotas that more previews than before exceed: one that was exceeded already may be worked off."""
    old = {overlay: list(found.values()) for overlay, found in known.owners.items()}
    new = {overlay: _after(overlay, found, touched, owners) for overlay, found in known.owners.items()}
    yield from check_quotas(_without_old_totals(base, old, new), _growing(old, new))


def _after(
    overlay: str, found: Mapping[str, str], touched: Sequence[Touched], owners: Mapping[tuple[str, str], str]
) -> list[str]:
    mine = {one.name: one for one in touched if one.overlay.name == overlay}
    stay = [owner for name, owner in found.items() if name not in mine]
    return [*stay, *(owners[overlay, name] for name, one in mine.items() if one.is_preview)]


def _growing(old: Mapping[str, list[str]], new: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Without the names of owners that have no more previews than before."""
    grown = {overlay: Counter(new[overlay]) - Counter(old[overlay]) for overlay in new}
    return {overlay: [owner if owner in grown[overlay] else "" for owner in new[overlay]] for overlay in new}


def _without_old_totals(base: Context, old: Mapping[str, list[str]], new: Mapping[str, list[str]]) -> Context:
    """No total where there are no more previews than before."""
    settings = base.settings
    overlays = {
        name: overlay if len(new[name]) > len(old[name]) else replace(overlay, quota=_untotalled(overlay.quota))
        for name, overlay in settings.overlays.items()
    }
    over_all = settings.policy.quota_over_all
    if sum(map(len, new.values())) <= sum(map(len, old.values())):
        over_all = _untotalled(over_all)
    policy = replace(settings.policy, quota_over_all=over_all)
    return replace(base, settings=replace(settings, overlays=overlays, policy=policy))


def _untotalled(quota: Quota) -> Quota:
    return replace(quota, total=None)
