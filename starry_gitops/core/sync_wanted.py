"""What a pull request's preview shall be: as `create` and `update` would be asked for it."""

import re
from collections.abc import Iterator

from starry_gitops.core.forge import ForgePullRequest
from starry_gitops.core.images import is_version, parse_image
from starry_gitops.core.intent import Apply
from starry_gitops.core.model import ImageRequest, Preview, PullRequest, Source, ValueEdit
from starry_gitops.core.naming import check_text, slug
from starry_gitops.core.settings import Settings
from starry_gitops.core.sync_facts import number_in
from starry_gitops.core.sync_settings import SyncRepository
from starry_gitops.errors import UsageFault

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)
_PLACEHOLDER = re.compile(r"\{(\w+)\}", re.ASCII)
_SHORT = 7
_LONGEST_BRANCH = 63

WITHOUT_SECRETS: tuple[ValueEdit, ...] = (
    ValueEdit(path=("secrets", "externalSecret", "enabled"), value=False),
    ValueEdit(path=("secrets", "generated", "enabled"), value=True),
    ValueEdit(path=("secrets", "existingSecret"), value=""),
    ValueEdit(path=("serviceAccount", "gcpServiceAccount"), value=""),
    ValueEdit(path=("serviceAccount", "automountToken"), value=False),
)
"""What the chart is told of a fork's preview: nothing from a store, no identity in the cloud or the cluster.

Its databases get passwords that are made for this preview alone.
"""


def preview_name(pull_request: ForgePullRequest, repository: SyncRepository) -> str:
    """The name that the repository's template gives."""
    return repository.preview.replace("{number}", str(pull_request.number))


def new_preview(pull_request: ForgePullRequest, repository: SyncRepository, settings: Settings) -> Apply:
    """What creates it.

    Raises:
        UsageFault, PolicyRefusal: the forge's texts do not fit a manifest.
    """
    return Apply(
        source=Source(
            name=preview_name(pull_request, repository),
            pull_request=PullRequest(number=pull_request.number, url=pull_request.url),
            branch=check_text("the branch", pull_request.head_branch),
        ),
        overlay=repository.overlay,
        images=(*_others(repository, settings), _own_image(pull_request, repository)),
        commit=_commit(pull_request),
        owner=check_text("the author", pull_request.author),
        ttl=repository.ttl,
        edits=_edits(pull_request),
    )


def changed_preview(pull_request: ForgePullRequest, repository: SyncRepository, preview: Preview) -> Apply:
    """What brings one that is there up to date. Images change with the commit alone: people may have set them.

    Raises:
        UsageFault, PolicyRefusal: the forge's texts do not fit a manifest.
    """
    commit = _commit(pull_request)
    stored, url = preview.pull_request, PullRequest(number=pull_request.number, url=pull_request.url)
    is_own = number_in(stored, repository) == pull_request.number
    is_other = preview.branch not in {None, pull_request.head_branch}
    return Apply(
        source=Source(
            name=preview.name,
            # A URL that means this pull request stays as it was written; who has the number alone gets the URL.
            pull_request=PullRequest(number=url.number, url=stored if is_own else url.url),
            branch=None if is_other else check_text("the branch", pull_request.head_branch),
        ),
        overlay=repository.overlay,
        images=() if commit == preview.commit else (_own_image(pull_request, repository),),
        commit=commit,
        owner=None if preview.owner else check_text("the author", pull_request.author),
        edits=_edits(pull_request),
        must_exist=True,
    )


def is_current(pull_request: ForgePullRequest, repository: SyncRepository, preview: Preview) -> bool:
    """True when `changed_preview` surely changes nothing."""
    is_own = number_in(preview.pull_request, repository) == pull_request.number
    is_known = is_own and preview.owner is not None and preview.branch is not None
    return is_known and preview.commit == pull_request.head_commit and not pull_request.is_fork


def _edits(pull_request: ForgePullRequest) -> tuple[ValueEdit, ...]:
    return WITHOUT_SECRETS if pull_request.is_fork else ()


def _commit(pull_request: ForgePullRequest) -> str:
    if not _COMMIT.fullmatch(pull_request.head_commit):
        raise UsageFault(f"its head commit is no commit's id: {pull_request.head_commit[:80]!r}")
    return pull_request.head_commit


def _own_image(pull_request: ForgePullRequest, repository: SyncRepository) -> ImageRequest:
    commit = _commit(pull_request)
    values = {
        "number": str(pull_request.number),
        "commit": commit[:_SHORT],
        "sha": commit,
        "branch": slug(pull_request.head_branch, limit=_LONGEST_BRANCH),
    }
    tag = _PLACEHOLDER.sub(lambda found: values[found[1]], repository.tag)
    if not is_version(tag):
        raise UsageFault(f"{tag!r} is no valid tag", hint=f"see tag of sync.repositories.{repository.name}")
    return ImageRequest(component=repository.component, repository=None, tag=tag)


def _others(repository: SyncRepository, settings: Settings) -> Iterator[ImageRequest]:
    for name, text in settings.sync.images.items():
        if name != repository.component:
            yield parse_image(f"{name}={text}")
