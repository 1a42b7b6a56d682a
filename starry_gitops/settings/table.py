"""Every key of starry.yaml: what it means, what it may be, and its default. The one model of the settings."""

from starry_gitops.settings.kinds import Block, Duration, Flag, Items, Named, Number, Text
from starry_gitops.settings.sync_table import FORGE, SYNC
from starry_gitops.settings.web_table import WEB

_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
# Blocks of the environment chart's values that are no components.
_BLOCKS = (
    "cleanup|componentDefaults|components|databaseDefaults|databases|e2e|global|ingress|limitRange|metrics|namespace"
    "|networkPolicy|quota|rbac|redis|scheduling|secrets|seed|serviceAccount|tls|waitForStores|workingHours"
)
_KEY = rf"(?!(?:{_BLOCKS})$)[A-Za-z](?:[A-Za-z0-9_-]{{0,38}}[A-Za-z0-9])?"
_PATH = r"(?!(?:.*/)?(?:\.\.?|\.[Gg][Ii][Tt])(?:/|$))(?:[A-Za-z0-9._-]+/)*[A-Za-z0-9._-]+"
_URL = r"[A-Za-z0-9+._~:/@%,=-]+"
_REPOSITORY = r"[a-z0-9][A-Za-z0-9._:/-]{1,254}"

_DOMAIN = Text(
    about="The domain under which the previews' hosts lie.",
    pattern=rf"(?=.{{1,200}}$){_LABEL}(?:\.{_LABEL})*",
    shape="a lower-case domain name",
)
_NAME = Text(about="A name.", pattern=_LABEL, shape="a DNS-1123 label (lower-case letters, digits, '-')")
_NAMESPACE = Text(about="The namespace of the overlay's Argo CD.", pattern=_LABEL, shape=_NAME.shape, default="argocd")
_GIT_URL = Text(about="A URL.", pattern=_URL, shape="a URL or path that Git and Argo CD understand")


def _quota(about: str, where: str, **more: Block) -> Block:
    largest = 1_000_000
    return Block(
        about=about,
        keys={
            "total": Number(about=f"In {where}.", minimum=1, maximum=largest),
            "perOwner": Number(about=f"Of one owner in {where}.", minimum=1, maximum=largest),
            **more,
        },
    )


CHART = Block(
    about="Where the environment chart is. Without repoURL it is in this repository, at path.",
    keys={
        "repoURL": Text(about="The chart's Git, Helm or OCI repository.", pattern=_URL, shape=_GIT_URL.shape),
        "chart": Text(
            about="The chart's name, in a Helm or OCI repository.",
            pattern=r"[A-Za-z0-9][A-Za-z0-9._/-]*",
            shape="a chart's name",
        ),
        "targetRevision": Text(
            about="Branch, tag, commit, or the chart's version.",
            pattern=r"[A-Za-z0-9*^~<>=][A-Za-z0-9 ._/+*^~<>=|,-]*",
            shape="a revision",
            default="main",
        ),
        "path": Text(
            about="The chart's folder. Without it: the root of repoURL, or charts/environment of this repository.",
            pattern=rf"\.|{_PATH}",
            shape="a relative path",
        ),
        "valueFiles": Items(
            about="The chart's own values files, before the preview's.",
            item=Text(about="A values file.", pattern=_PATH, shape="a relative path"),
            default=("values.yaml",),
        ),
        "describe": Flag(
            about="Tell the chart of each preview's expiry (global.expiresAt), owner, pull request and commit "
            "(global.annotations).",
            default=False,
        ),
    },
)

COMPONENT = Block(
    about="One app of the environment that has an image.",
    keys={
        "app": Text(about="The app's part of its host name.", pattern=_LABEL, shape=_NAME.shape),
        "image": Text(about="The default image repository.", pattern=_REPOSITORY, shape="an image repository"),
        "required": Flag(about="Whether every preview must have it.", default=False),
        "env": Named(
            about="Environment values that derive from hosts; {host.COMPONENT} stands for a component's host.",
            key=Text(about="A variable.", pattern=r"[A-Za-z_][A-Za-z0-9_]*", shape="an environment variable's name"),
            item=Text(about="A value.", shape="a text"),
            may_be_empty=True,
        ),
    },
    required=frozenset({"app", "image"}),
)

OVERLAY = Block(
    about="One environment's Kustomize overlay.",
    keys={
        "path": Text(about="Its folder.", pattern=_PATH, shape="a relative path"),
        "argocdNamespace": _NAMESPACE,
        "destination": Block(
            about="The cluster: server or name.",
            keys={
                "server": Text(about="Its API server's URL.", pattern=r"https?://[A-Za-z0-9._:/-]+", shape="a URL"),
                "name": Text(about="Its name in Argo CD.", pattern=r"[A-Za-z0-9][A-Za-z0-9._:/-]*", shape="a name"),
            },
        ),
        "applicationNamespace": Text(
            about="The namespace of the previews' Applications, where it is not Argo CD's.",
            pattern=_LABEL,
            shape=_NAME.shape,
        ),
        "previews": Flag(about="Whether previews may be created in it.", default=False),
        "quota": _quota("Its own quota, where it differs from the policy's.", "this overlay"),
        "domain": Text(
            about="Its own domain, where it differs from the top-level one.",
            pattern=_DOMAIN.pattern,
            shape=_DOMAIN.shape,
        ),
    },
)

POLICY = Block(
    about="What Starry may do.",
    keys={
        "ttl": Block(
            about="Bounds of the time-to-live.",
            keys={
                "default": Duration(about="Where none is asked for.", minimum=1, default="30m"),
                "min": Duration(about="The shortest.", minimum=1, default="5m"),
                "max": Duration(about="The longest, from now.", minimum=1, default="4h"),
            },
        ),
        "quota": _quota(
            "How many previews there may be. Updating one is never blocked.",
            "an overlay",
            overAll=_quota("The same, counted over all overlays.", "all overlays together"),
        ),
        "images": Items(
            about="Allowed image repositories; * stands for any characters.",
            item=Text(about="A pattern.", pattern=r"[A-Za-z0-9._:/*?-]+", shape="a repository pattern"),
        ),
        "gc": Block(
            about="What one collection may remove.",
            keys={
                "grace": Duration(about="How long after expiry a preview stays.", default="0m"),
                "maxDeletes": Number(about="At most so many.", minimum=1, maximum=1_000_000, default=50),
                "maxDeleteShare": Number(
                    about="At most this share of all, from ten previews on.",
                    minimum=0,
                    maximum=1,
                    whole=False,
                    default=0.5,
                ),
            },
        ),
    },
)

SETTINGS = Block(
    about="Settings of Starry for this apps repository.",
    keys={
        "version": Number(about="The version of this file's format.", minimum=1, maximum=1, default=1),
        "project": Text(about="The previews' AppProject.", pattern=_LABEL, shape=_NAME.shape, default="starry"),
        "domain": _DOMAIN,
        "hostTemplate": Text(
            about="How a component's host is made of {app}, {name} and {domain}.",
            pattern=r"(?:[a-z0-9.-]|\{app\}|\{name\}|\{domain\})+",
            shape="a template of {app}, {name}, {domain}, lower-case letters, digits, '-' and '.'",
            default="{app}.{name}.{domain}",
        ),
        "repoURL": Text(
            about="How Argo CD reaches this repository. Without it: the URL that Starry itself was given.",
            pattern=_URL,
            shape=_GIT_URL.shape,
        ),
        "targetRevision": Text(
            about="The revision of this repository that Argo CD follows.",
            pattern=r"[A-Za-z0-9][A-Za-z0-9._/-]*",
            shape="a branch, a tag or HEAD",
            default="HEAD",
        ),
        "chart": CHART,
        "components": Named(
            about="The apps of an environment that have an image.",
            key=Text(about="A component.", pattern=_KEY, shape="a component's name (a block of the chart's values)"),
            item=COMPONENT,
        ),
        "overlays": Named(about="The environments.", key=_NAME, item=OVERLAY),
        "defaultOverlay": Text(about="The overlay meant when none is named.", pattern=_LABEL, shape=_NAME.shape),
        "policy": POLICY,
        "templates": Text(
            about="Folder of templates that override the built-in ones.",
            pattern=_PATH,
            shape="a relative path",
            default=".starry/templates",
        ),
        "mode": Text(
            about="What commands do with a change: push it to the branch, or propose it as a pull request.",
            pattern="push|propose",
            shape="push or propose",
            default="push",
        ),
        "autoMerge": Flag(about="Ask the forge to merge proposals as soon as their checks allow it.", default=False),
        "forge": FORGE,
        "sync": SYNC,
        "web": WEB,
    },
    required=frozenset({"domain"}),
)
