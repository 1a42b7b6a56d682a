"""The keys of starry.yaml about forges and `starry sync`."""

from starry_gitops.settings.kinds import Block, Duration, Flag, Items, Named, Text

_HTTP = r"https?://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?"
_COMPONENT = r"[A-Za-z](?:[A-Za-z0-9_-]{0,38}[A-Za-z0-9])?"
_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_PLAIN = r"[^\x00-\x1f\x7f]{1,200}"


def _texts(about: str, item: str) -> Items:
    return Items(about=about, item=Text(about=item, pattern=_PLAIN, shape="a text of at most 200 characters"))


FORGE = Block(
    about="Which forge it is, where its URLs do not tell. It holds for this repository and for those of sync.",
    keys={
        "kind": Text(
            about="Its software. Forgejo is gitea.", pattern="github|gitlab|gitea", shape="github, gitlab or gitea"
        ),
        "apiURL": Text(
            about="Where its API is. STARRY_FORGE_TOKEN is sent there.",
            pattern=rf"{_HTTP}(?:/[A-Za-z0-9._~-]+)*/?",
            shape="an http(s) URL without user, query and fragment",
        ),
    },
)

REPOSITORY = Block(
    about="One component's repository.",
    keys={
        "url": Text(
            about="Its page on the forge.",
            pattern=rf"{_HTTP}(?:/[A-Za-z0-9._~-]+){{2,20}}/?",
            shape="the http(s) URL of a repository's page",
        ),
        "component": Text(about="The component that it builds.", pattern=_COMPONENT, shape="a component's name"),
        "tag": Text(
            about="The image's tag, of {number}, {commit} (7 characters), {sha} (all of it) and {branch} (as a name).",
            pattern=r"(?![.-])(?:[A-Za-z0-9._-]|\{number\}|\{commit\}|\{sha\}|\{branch\}){1,128}",
            shape="a tag of letters, digits, '.', '_', '-', {number}, {commit}, {sha} and {branch}",
            default="pr-{number}-{commit}",
        ),
        "name": Text(
            about="The preview's name, of {number}.",
            pattern=r"(?:[a-z0-9][a-z0-9-]{0,30})?\{number\}(?:[a-z0-9-]{0,10}[a-z0-9])?",
            shape="{number} once, among lower-case letters, digits and '-'",
            default="preview-{number}",
        ),
        "overlay": Text(about="Where its previews go.", pattern=_LABEL, shape="an overlay's name"),
        "ttl": Duration(about="How long its previews live.", minimum=1),
        "labels": _texts("Labels that a pull request must have, all of them.", "A label."),
        "drafts": Flag(about="Whether drafts get a preview.", default=False),
        "branches": _texts("Branches it may come from; * stops at a slash, ** does not.", "A pattern."),
        "baseBranches": _texts("Branches it may go to.", "A pattern."),
        "paths": _texts("Files of which it must change one.", "A pattern."),
        "authors": _texts("Whose pull requests get a preview.", "A user name."),
        "excludeAuthors": _texts("Whose pull requests get none.", "A user name."),
        "forkLabel": Text(
            about="The label by which a maintainer lets a fork's pull request have a preview, without secrets.",
            pattern=_PLAIN,
            shape="a text of at most 200 characters",
        ),
    },
    required=frozenset({"url", "component"}),
)

SYNC = Block(
    about="Which pull requests starry sync makes previews for.",
    keys={
        "renew": Text(
            about="whileOpen: as long as the pull request is open. onPush: only when it is pushed to.",
            pattern="whileOpen|onPush",
            shape="whileOpen or onPush",
            default="whileOpen",
        ),
        "images": Named(
            about="Images of the components that a pull request does not build, as --image takes them.",
            key=Text(about="A component.", pattern=_COMPONENT, shape="a component's name"),
            item=Text(
                about="An image.",
                pattern=r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,400}",
                shape="TAG, repo:TAG or repo@sha256:… (a tag that looks like a number needs quotes)",
            ),
        ),
        "repositories": Named(
            about="The components' repositories, each with a name that you choose.",
            key=Text(about="A name.", pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", shape="a name"),
            item=REPOSITORY,
        ),
    },
)
