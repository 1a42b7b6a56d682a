"""What a check finds, and the rules that find it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from starry_gitops.core.texts import shown

Severity = Literal["error", "warning"]

RULES: Mapping[str, str] = {
    "settings": "starry.yaml is valid",
    "layout": "an overlay's previews/ holds keep.yaml and one folder per preview with exactly its two regular files",
    "yaml": "each file is UTF-8, one strict YAML document, no duplicate keys, anchors or tags",
    "identity": "Application name = folder = namespace = release = label starry.env, labelled as managed by Starry",
    "project": "the Application names the settings' AppProject",
    "destination": "the Application deploys to the overlay's cluster and the preview's own namespace",
    "sources": "the Application's sources are the settings' chart and the preview's own values file, nothing else",
    "finalizer": "the Application carries resources-finalizer.argocd.argoproj.io",
    "annotations": "Starry's annotations can be read, and manifest-generate-paths names just the preview and the chart",
    "sync-policy": "sync is automated with prune and selfHeal, and CreateNamespace=true is set",
    "expiry": "TTL and expiry agree in both files and lie within the policy",
    "facts": "global.expiresAt and global.annotations, where they are set, say what the manifest says (a warning)",
    "hosts": "each host is valid, lies under the domain and belongs to one preview",
    "images": "each enabled component has an image with a valid tag from an allowed repository",
    "schema": "the values match the chart's values.schema.json",
    "secrets": "no value looks like a secret",
    "quota": "the numbers of previews lie within the quotas",
    "names": "a name is used once over all overlays that share an Argo CD namespace or a cluster, and is not reserved",
    "symlinks": "no symlink leaves the repository: Argo CD refuses the whole repository for one",
}
"""Every rule's id and what it holds to. `starry validate` names the id with each finding."""

POLICY_RULES = frozenset({"expiry", "images", "schema", "secrets", "quota"})
"""Rules of the settings' policy and of the chart: what was allowed yesterday may not be today."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One broken rule: where (1-based line, 0 when none can be named) and what, on one line of bounded length."""

    rule: str
    file: str
    line: int
    message: str
    severity: Severity = "error"

    def __post_init__(self) -> None:
        """A message may repeat what stands in the repository: anything, of any length."""
        object.__setattr__(self, "message", shown(self.message))

    @property
    def place(self) -> str:
        """`file:line`, as editors and terminals link it."""
        return f"{self.file}:{self.line}" if self.line else self.file
