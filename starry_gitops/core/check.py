"""The invariants of one preview's two files. The same rules guard what Starry writes and what people write."""

from collections.abc import Callable, Iterator
from functools import partial

from starry_gitops.core import rules_application, rules_values
from starry_gitops.core.chart_schema import ChartSchema
from starry_gitops.core.context import Context, Existing
from starry_gitops.core.findings import POLICY_RULES, Finding
from starry_gitops.core.manifest import VALUES_FILE
from starry_gitops.core.secrets import SECRETS_HINT
from starry_gitops.core.settings import Overlay
from starry_gitops.core.subject import Subject, parse_subject, subject_of
from starry_gitops.errors import InvalidRepository, PolicyRefusal

_REFUSALS = {
    "expiry": partial(PolicyRefusal, code="ttl", hint="policy.ttl of starry.yaml has the bounds"),
    "images": partial(PolicyRefusal, code="image", hint="policy.images of starry.yaml has the allowed repositories"),
    "schema": partial(PolicyRefusal, code="schema", hint="the chart's values.schema.json says what it takes"),
    "secrets": partial(PolicyRefusal, code="secret", hint=SECRETS_HINT),
}
"""What each rule of the policy refuses with."""

PREVIEW_RULES: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    rules_application.identity,
    rules_application.project,
    rules_application.destination,
    rules_application.sources,
    rules_application.finalizer,
    rules_application.annotations,
    rules_application.sync_policy,
    rules_values.expiry,
    rules_values.facts,
    rules_values.hosts,
    rules_values.images,
    rules_values.secrets,
)


def check_subject(subject: Subject) -> Iterator[Finding]:
    """All findings of one preview."""
    for rule in PREVIEW_RULES:
        yield from rule(subject)


def refuse_findings(
    context: Context, overlay: Overlay, name: str, application: str, values: str, before: Existing | None = None
) -> None:
    """Nothing is written that breaks a rule. A policy finding that stood there before does not block a change.

    Raises:
        PolicyRefusal: the change would break a rule of the policy.
        InvalidRepository: the files break another rule.
    """
    schema = ChartSchema(context.snapshot, context.settings.chart)
    old = {(f.rule, f.message) for f in _check(subject_of(context, before), schema)} if before else set()
    for finding in _check(parse_subject(context, overlay, name, application, values, is_new=before is None), schema):
        if finding.severity == "warning":
            continue
        if finding.rule not in POLICY_RULES:
            hint = "mend the file, or starry upgrade it when the settings have changed, or delete the preview"
            raise InvalidRepository(finding.message, file=finding.file, line=finding.line, hint=hint)
        if (finding.rule, finding.message) not in old:
            raise _REFUSALS[finding.rule](f"{finding.file}:{finding.line}: {finding.message}")


def _check(subject: Subject, schema: ChartSchema) -> Iterator[Finding]:
    yield from check_subject(subject)
    yield from schema.check(subject.values, f"{subject.folder}/{VALUES_FILE}")
