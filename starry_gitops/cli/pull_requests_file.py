"""Reads the list of pull requests of `starry apply --prune`: which are open, which are closed."""

from collections.abc import Iterator

from starry_gitops.cli.input_file import as_usage, file_name, parse_input, read_input
from starry_gitops.core.model import PullRequest
from starry_gitops.core.naming import parse_pull_request
from starry_gitops.core.pull_requests import PullRequestStates, State
from starry_gitops.core.yamltext import Mapping, Node, Scalar, Sequence
from starry_gitops.errors import StarryError, UsageFault

_KEYS = ("html_url", "web_url", "url", "number", "iid")
_STATES: dict[str, State] = {
    "open": "open", "opened": "open", "locked": "open", "closed": "closed", "merged": "closed",
}  # fmt: skip


def read_pull_requests(path: str) -> PullRequestStates:
    """What a forge says of its pull requests.

    A JSON (or YAML) list of maps with `state` (open, opened, locked; closed, merged) and one of `html_url`, `web_url`,
    `url`, `number` and `iid`, as `gh pr list --state all --json number,url,state` and the forges' APIs give it.

    Raises:
        UsageFault: it is no such list, or an empty one.
    """
    file = file_name(path)
    node = parse_input(read_input(path), file)
    if not isinstance(node, Sequence) or not node.items:
        raise UsageFault(f"{file}: not a list of pull requests with at least one", hint="nothing is pruned")
    return PullRequestStates(_states(node, file))


def _states(node: Sequence, file: str) -> Iterator[tuple[PullRequest, State]]:
    for entry in node.items:
        fields = _texts(entry)
        state = _STATES.get(fields.get("state", "").lower())
        name = next((fields[key] for key in _KEYS if fields.get(key)), None)
        if state is None or name is None:
            hint = "each needs state (open, closed, merged) and url or number"
            raise UsageFault(f"{file}:{entry.line}: not a pull request with its state", hint=hint)
        try:
            yield parse_pull_request(name), state
        except StarryError as error:
            raise as_usage(error, f"{file}:{entry.line}") from None


def _texts(entry: Node) -> dict[str, str]:
    fields = entry.items if isinstance(entry, Mapping) else {}
    return {key: str(node.value) for key, node in fields.items() if isinstance(node, Scalar) and node.value is not None}
