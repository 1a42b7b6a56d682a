"""Why a preview does not run, and what is checked: the tables of the pages on trouble."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from docs.markdown import table
from starry_gitops.core.cause import Cause
from starry_gitops.core.causes import CAUSES, named
from starry_gitops.core.causes_reach import REACH_CAUSES
from starry_gitops.core.causes_sync import SYNC_CAUSES
from starry_gitops.core.causes_workload import WORKLOAD_CAUSES
from starry_gitops.core.doctor import CHECKS

SYMPTOMS: Mapping[str, tuple[str, ...]] = {
    "The certificate is pending": (
        "certificate_pending",
        "certificate_invisible",
        "certificate_limit",
        "certificate_caa",
        "url_certificate",
    ),
    "404 after the sync": ("endpoints_warming", "url_not_found"),
    "502 or 503": ("url_failing", "ingress_refused"),
    "The name does not resolve": ("url_no_name",),
    "Image pull back-off": ("image_missing", "image_denied", "image_pull", "image_platform", "registry_slow"),
    "Forbidden; RBAC denied": ("rbac_forbidden", "webhook_denied", "pod_security"),
    "Quota exceeded": ("quota_exceeded", "limit_range"),
    "Pods are pending": ("unschedulable", "volume_pending", "secret_missing", "config_missing"),
    "Pods restart": ("crash_loop", "out_of_memory", "probe_failed"),
    "Secrets do not arrive": ("secret_denied", "secret_absent", "secret_store", "secret_sync"),
    "ComparisonError": ("chart_schema", "template_failed", "values_missing", "revision_unknown", "path_missing"),
    "Not permitted in the project": ("project_destination", "project_source", "project_kind", "project_missing"),
    "It does not go": ("being_deleted", "namespace_terminating"),
    "OutOfSync again and again": ("self_heal_loop", "shared_resource", "immutable_field"),
}
"""What people see first, and the causes that it may have, the likeliest first."""

_GROUPS: Mapping[str, Sequence[Cause]] = {
    "sync": SYNC_CAUSES,
    "workload": WORKLOAD_CAUSES,
    "reach": REACH_CAUSES,
    "states": tuple(cause for cause in CAUSES if cause not in {*SYNC_CAUSES, *WORKLOAD_CAUSES, *REACH_CAUSES}),
}


def _row(cause: Cause) -> tuple[str, ...]:
    patience = "no end" if cause.patience is None else f"{cause.patience} s"
    return f"`{cause.id}`", cause.looks, cause.cause, cause.next_step, patience


def _causes(group: Sequence[Cause]) -> Callable[[], str]:
    return lambda: table(("id", "how it shows", "cause", "next step", "patience"), map(_row, group))


def _symptoms() -> Iterator[tuple[str, ...]]:
    """One row a cause; the symptom stands beside the first."""
    for symptom, ids in SYMPTOMS.items():
        for number, cause in enumerate(map(named, ids)):
            yield "" if number else symptom, cause.cause, cause.next_step, f"`{cause.id}`"


def symptom_table() -> str:
    """What people see first, and what it may be."""
    return table(("you see", "because", "do", "id"), _symptoms())


def check_table() -> str:
    """What `starry doctor` checks."""
    rows = ((f"`{name}`", one.question, one.how, one.change) for name, one in CHECKS.items())
    return table(("check", "question", "how it is found out", "what to change"), rows)


PARTS: Mapping[str, Callable[[], str]] = {
    **{f"causes-{name}": _causes(group) for name, group in _GROUPS.items()},
    "symptoms": symptom_table,
    "checks": check_table,
}
