"""The checks of a whole set-up: what is asked, how it is found out, and what to change; and the judgements."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from starry_gitops.core.texts import shown

State = Literal["ok", "warn", "fail", "skipped"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One check: the question, how the answer is found, and what to change where it is no."""

    question: str
    how: str
    change: str


CHECKS: Mapping[str, Check] = {
    "git-read": Check(
        question="Can the apps repository be read?",
        how="clones the branch's tip",
        change="Check --repo, STARRY_GIT_TOKEN or the SSH key.",
    ),
    "git-push": Check(
        question="May Starry push to the branch?",
        how="git push --dry-run of the tip itself: nothing moves; branch protection is not seen",
        change="Give the token the right to write contents.",
    ),
    "settings": Check(
        question="Is starry.yaml valid?",
        how="reads it as every command does",
        change="Mend the line that is named; starry init writes a first one.",
    ),
    "invariants": Check(
        question="Does the repository hold to every rule?",
        how="starry validate",
        change="Run starry validate: it names file and line.",
    ),
    "scaffold": Check(
        question="Are the root Application, the App of Apps and keep.yaml there?",
        how="looks for root/NAME.yaml, OVERLAY/previews.yaml and OVERLAY/previews/keep.yaml of each overlay",
        change="Write them with starry init in an empty folder, and take over what is missing.",
    ),
    "forge": Check(
        question="Does the forge accept the token?",
        how="asks the forge who the token in STARRY_FORGE_TOKEN belongs to",
        change="Make a new token with the rights that docs/comments.md lists.",
    ),
    "argocd-version": Check(
        question="Is Argo CD new enough?",
        how="its version, from the API or its pods' image; 3.3 for names in AppProjects, 3.4 for a chart elsewhere",
        change="Upgrade Argo CD to 3.4 or later.",
    ),
    "tracking": Check(
        question="Does Argo CD track objects by annotation?",
        how="application.resourceTrackingMethod of argocd-cm; Argo CD 3 tracks by annotation where it is not set",
        change="Set it to annotation or annotation+label: by label, namespaces of previews are never deleted.",
    ),
    "application-health": Check(
        question="Does Argo CD judge the health of Applications?",
        how="resource.customizations.health.argoproj.io_Application of argocd-cm",
        change="Apply bootstrap/argocd-cm.yaml: without it, sync waves do not wait for the operators.",
    ),
    "reconciliation": Check(
        question="Does Argo CD look at the repository often enough?",
        how="timeout.reconciliation of argocd-cm",
        change="Set it to 60s to 180s, or let the forge send Argo CD a webhook for each push.",
    ),
    "generate-paths": Check(
        question="Does a commit for one preview leave the others alone?",
        how="the version: manifest-generate-paths works for one source since 2.11, for value files elsewhere since 3.4",
        change="Upgrade Argo CD to 3.4, or keep the chart in the apps repository.",
    ),
    "projects": Check(
        question="Do the AppProjects exist, and allow what previews need?",
        how="the AppProjects of starry.yaml and starry-apps: destinations, sourceRepos, sourceNamespaces",
        change="Sync the root Application; compare base/appprojects.yaml with starry.yaml.",
    ),
    "application-namespaces": Check(
        question="Does Argo CD look at the namespace of the previews' Applications?",
        how="application.namespaces of argocd-cmd-params-cm",
        change="Apply bootstrap/argocd-cmd-params-cm.yaml, and restart Argo CD's server and controller.",
    ),
    "app-of-apps": Check(
        question="Does the App of Apps bring previews into the cluster?",
        how="the Application previews-OVERLAY: its sync status and conditions",
        change="Sync the root Application; mend what the condition names.",
    ),
    "external-secrets": Check(
        question="Is the External Secrets Operator there?",
        how="asks for the API external-secrets.io/v1",
        change="Sync base/external-secrets.yaml.",
    ),
    "cert-manager": Check(
        question="Is cert-manager there?",
        how="asks for the API cert-manager.io/v1",
        change="Sync base/cert-manager.yaml, or take it out of base/kustomization.yaml.",
    ),
}
"""Every check by its id, in the order in which they are made."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a check came to: `detail` says what was seen, or why it was skipped."""

    check: str
    state: State
    detail: str

    def __post_init__(self) -> None:
        """What a cluster says may be of any length."""
        object.__setattr__(self, "detail", shown(self.detail))

    @property
    def change(self) -> str:
        """What to change; "" where nothing is to be."""
        return CHECKS[self.check].change if self.state in {"warn", "fail"} else ""
