"""What a namespace that is being deleted says of what holds it."""

import re
from datetime import datetime

from starry_gitops.core.health import Namespace

# Conditions in the order in which they tell most.
_TELLING = (
    "NamespaceFinalizersRemaining",
    "NamespaceDeletionContentFailure",
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceContentRemaining",
)
_DISCOVERY = re.compile(r"server APIs: ([a-z0-9.-]{1,250})/(v[a-z0-9]{1,20})(?=[:\s,]|$)", re.ASCII)


def what_holds(namespace: Namespace, now: datetime) -> str:
    """The words of its conditions, the most telling first; else its objects that finalizers hold."""
    found = {condition.type: condition.message for condition in namespace.conditions}
    words = [found[name] for name in _TELLING if found.get(name)]
    if namespace.held:
        held = namespace.held[0]
        minutes = int((now - held.since).total_seconds() // 60)
        words.insert(0, f"{held.resource} {held.name} is held by {', '.join(held.finalizers)} for {minutes} min")
    return "; ".join(words[:2]) or "nothing is said of what holds it"


def apiservice_of(namespace: Namespace) -> str | None:
    """The API service that does not answer, so that nobody knows what the namespace still holds."""
    for condition in namespace.conditions:
        match = _DISCOVERY.search(condition.message) if condition.type == "NamespaceDeletionDiscoveryFailure" else None
        if match:
            return f"{match[2]}.{match[1]}"
    return None
