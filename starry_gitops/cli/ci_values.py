"""A result as names and texts, for the steps of a pipeline that come after."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

_CHANGED = ("created", "updated", "deleted")


def result_values(results: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Of one preview everything, of several what they have in common. A text is empty where nothing is known."""
    names = _json([result["name"] for result in results])
    if len(results) != 1:
        changed = next((result for result in results if result["action"] in _CHANGED), results[0])
        return {"action": changed["action"], "commit": changed["commit"] or "", "names": names, **_proposal(changed)}
    (result,) = results
    urls: Mapping[str, str] = result["urls"]
    return {
        "action": result["action"],
        "name": result["name"],
        "namespace": result["namespace"],
        "commit": result["commit"] or "",
        "expires-at": result["expiresAt"] or "",
        "names": names,
        **_proposal(result),
        "urls": _json(dict(urls)),
        "url": next(iter(urls.values()), ""),
        **{f"url-{component}": url for component, url in urls.items()},
    }


def collection_values(collection: Mapping[str, Any]) -> dict[str, str]:
    """What was removed, how many stay, what could not be judged."""
    return {
        "action": "deleted" if collection["removed"] else "unchanged",
        "commit": collection["commit"] or "",
        "kept": str(collection["kept"]),
        "names": _json(collection["removed"]),
        **_proposal(collection),
        "skipped": _json([item["name"] for item in collection["skipped"]]),
    }


def _proposal(data: Mapping[str, Any]) -> dict[str, str]:
    """Where the change waits to be merged; nothing where it was pushed."""
    proposal = data.get("proposal")
    return {"proposal": proposal["url"], "proposal-state": proposal["state"]} if proposal else {}


def _json(value: Any) -> str:
    """Without a space: GitLab takes none in a variable."""
    return json.dumps(value, separators=(",", ":"))
