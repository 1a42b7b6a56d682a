"""The rule for the numbers of previews."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from starry_gitops.core.context import Context
from starry_gitops.core.findings import Finding
from starry_gitops.core.settings import Quota
from starry_gitops.core.yamltext import line_of, look_up, parse_document

_FILE = "starry.yaml"
_POLICY = ("policy", "quota")


def check_quotas(context: Context, owners: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """The quotas of each overlay and of all; `owners` has each preview's owner ("" where there is none) by overlay."""
    for name, overlay in context.settings.overlays.items():
        places = (("overlays", name, "quota"), _POLICY)
        yield from _check(context, overlay.quota, owners.get(name, ()), f"overlay {name}", places)
    everybody = [owner for one in owners.values() for owner in one]
    quota = context.settings.policy.quota_over_all
    yield from _check(context, quota, everybody, "all overlays", ((*_POLICY, "overAll"),))


def _check(
    context: Context, quota: Quota, owners: Sequence[str], where: str, places: Sequence[tuple[str, ...]]
) -> Iterator[Finding]:
    if quota.total is not None and len(owners) > quota.total:
        message = f"there are {len(owners)} previews in {where}; the quota is {quota.total}"
        yield _finding(context, "total", message, places)
    for owner, owned in sorted(Counter(owners).items()):
        if owner and quota.per_owner is not None and owned > quota.per_owner:
            message = f"{owner} has {owned} previews in {where}; the quota is {quota.per_owner}"
            yield _finding(context, "perOwner", message, places)


def _finding(context: Context, key: str, message: str, places: Sequence[tuple[str, ...]]) -> Finding:
    """On the line of the quota that counts: the first place that has the key."""
    node = parse_document(context.snapshot.read(_FILE) or b"{}", file=_FILE)
    place = next((place for place in places if look_up(node, *place, key)), places[-1])
    return Finding(rule="quota", file=_FILE, line=line_of(node, *place, key), message=message)
