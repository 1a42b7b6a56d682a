"""What the generated pages say beside what the code says: meanings, remedies, defaults that depend on other keys."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class ExitNote:
    """One exit code: its meaning in a few words, and what to do about it."""

    meaning: str
    remedy: str


EXIT_CODES: Mapping[int, ExitNote] = {
    0: ExitNote(meaning="Done, or there was nothing to do", remedy="Nothing."),
    1: ExitNote(
        meaning="Unexpected failure",
        remedy="Read the line: Git missing, disk full, a key that cannot sign. Else report what `-vv` prints.",
    ),
    2: ExitNote(
        meaning="The command line, or a value on it, makes no sense",
        remedy="Read the hint, or `starry COMMAND --help`. Retrying does not help.",
    ),
    3: ExitNote(
        meaning="The preview, overlay, branch or revision does not exist",
        remedy="`starry list` shows what there is. `create` makes a preview; `delete` accepts an absent one.",
    ),
    4: ExitNote(
        meaning="Other writers won the branch until `--timeout` was used up",
        remedy="Run it again: nothing was written. Raise `--timeout` where many pipelines push at once.",
    ),
    5: ExitNote(
        meaning="A rule says no",
        remedy="Look at the code below. Change the request, or the policy in `starry.yaml` by pull request.",
    ),
    6: ExitNote(
        meaning="The remote refused: authentication, permission, a hook, a protected branch",
        remedy="Check `STARRY_GIT_TOKEN` or the SSH key, and that it may push to this branch. Retrying does not help.",
    ),
    7: ExitNote(
        meaning="`starry.yaml` or a manifest is broken, or would be by the change that `review` looked at",
        remedy="Mend the file and line named, by pull request. `starry validate` lists all of it.",
    ),
    8: ExitNote(
        meaning="The remote does not exist or did not answer",
        remedy="Check `--repo` and the network, then run it again.",
    ),
    9: ExitNote(
        meaning="`gc`, `sync`, `upgrade`, `comment --all` or `apply --prune` finished, but skipped some previews",
        remedy="Mend or delete the ones named under `skipped`. All others were handled.",
    ),
    10: ExitNote(
        meaning="`gc`, `sync` or `apply --prune` refused: too many deletions at once",
        remedy="Check the clock, the list and the last commits. If it is right: `--max-deletes N` or `--force`.",
    ),
    11: ExitNote(
        meaning="`upgrade --check` found previews that are out of date",
        remedy="Run it without `--check`. Nothing was changed.",
    ),
    12: ExitNote(
        meaning="`wait`: not ready in time",
        remedy="The last reason is printed. Wait longer with `--wait-timeout`, or do what it says.",
    ),
    13: ExitNote(
        meaning="`wait`: it will not become ready by itself",
        remedy="Do the next step that is printed; [why it does not run](why-not-running.md) lists all of them.",
    ),
    14: ExitNote(
        meaning="`stuck` or `doctor` found something",
        remedy="Each finding names the command, or the change, that resolves it.",
    ),
    130: ExitNote(
        meaning="Interrupted by Ctrl-C or SIGTERM",
        remedy="Run it again: a command lands whole or not at all.",
    ),
}

ERROR_CODES: Mapping[str, str] = {
    "unexpected": "Something failed that should not, or the machine lacks something.",
    "usage": "Wrong option, name, tag, duration or URL.",
    "not_found": "No such preview, overlay, branch or revision.",
    "contention": "The push lost every race until the time was up.",
    "policy": "Refused by a rule without a code of its own; none is at present.",
    "schema": "The chart's values.schema.json refuses a value.",
    "ttl": "The TTL or expiry lies outside `policy.ttl`.",
    "quota": "One more preview would exceed `policy.quota`.",
    "image": "The image's repository is not one of `policy.images`.",
    "secret": "A value looks like a secret. It is not repeated in the message.",
    "name_taken": "Another pull request, branch or overlay has this name; or `--only-new` and the preview exists.",
    "name_reserved": "The name belongs to Argo CD, Kubernetes, an operator or the apps repository itself.",
    "superseded": "A pipeline with a higher `--sequence` wrote the preview. Treat it as success of the newer one.",
    "proposal_edited": "The proposal holds changes by people outside of previews. Starry does not overwrite them.",
    "previews_off": "The overlay has `previews: false`.",
    "not_managed": "The Application lacks the label `app.kubernetes.io/managed-by: starry`.",
    "access_denied": "The remote said no. Its own words are in the message.",
    "repository_invalid": "Settings or manifests are broken; the message names file and line.",
    "remote_unreachable": "No such repository, no network, or no answer in time.",
    "forge_refused": "The forge understood what was asked and says no: a conflict, or a rule of its own.",
    "doubtful_answer": "An answer was cut off or not what was asked for. Nothing was concluded from it.",
    "rate_limited": "The server asks to wait longer than `--timeout`.",
    "too_many_deletions": "More previews have expired than the caps allow.",
    "interrupted": "Ctrl-C or SIGTERM.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleNote:
    """One rule: why it is there, and how to mend a finding."""

    reason: str
    remedy: str


RULES: Mapping[str, RuleNote] = {
    "settings": RuleNote(
        reason="Everything else is judged by the settings.",
        remedy="Mend the key on the line named; the message offers the nearest valid key.",
    ),
    "layout": RuleNote(
        reason="Argo CD picks up every `*/application.yaml` below `previews/`; a stray file is never looked at again.",
        remedy="Move other files elsewhere. Restore a missing one from Git, or delete the preview.",
    ),
    "yaml": RuleNote(
        reason="A duplicate key, an anchor or a second document reads one way to a reviewer and another to Argo CD.",
        remedy="Write plain YAML: one document, each key once, no `&`, `*` or `!tag`.",
    ),
    "identity": RuleNote(
        reason="One name stands for folder, Application, release and namespace. Two previews must never share one.",
        remedy="Give all of them the folder's name, or create the preview anew with `starry create`.",
    ),
    "project": RuleNote(
        reason="The AppProject limits where a preview may deploy. Choosing it is an administrator's right.",
        remedy="Set `spec.project` to `project` of `starry.yaml`.",
    ),
    "destination": RuleNote(
        reason="A preview lives in its own namespace, on its overlay's cluster.",
        remedy="Set `spec.destination` to the overlay's `destination` and the preview's name.",
    ),
    "sources": RuleNote(
        reason="Another source would deploy something that nobody reviewed.",
        remedy="Leave the sources as Starry wrote them. What may differ is `targetRevision`, and all of `values.yaml`.",
    ),
    "finalizer": RuleNote(
        reason="Without it Argo CD forgets the Application and leaves the environment running.",
        remedy="Add `resources-finalizer.argocd.argoproj.io` to `metadata.finalizers`.",
    ),
    "annotations": RuleNote(
        reason="An unreadable expiry must never mean *for ever* or *now*; a wrong path list re-renders everything.",
        remedy="Write the annotation as Starry does: a quoted string, UTC time with `Z`, whole minutes.",
    ),
    "sync-policy": RuleNote(
        reason="Without it a merged change would not be deployed, or not be cleaned up.",
        remedy="Restore `automated: {prune: true, selfHeal: true}` and `CreateNamespace=true`.",
    ),
    "expiry": RuleNote(
        reason="The chart and Git must agree on how long a preview lives, within the policy.",
        remedy="Use `starry extend NAME --ttl 1h`: it changes both files.",
    ),
    "facts": RuleNote(
        reason="The chart shows them on the namespace and the pods; its watchdog reads the expiry. `gc` does not.",
        remedy="Use `starry extend`: it changes both files. Or write in `values.yaml` what `application.yaml` says.",
    ),
    "hosts": RuleNote(
        reason="Two previews on one host take turns getting the traffic.",
        remedy="Remove the host from one of them, or correct its domain.",
    ),
    "images": RuleNote(
        reason="An image from elsewhere is code from elsewhere.",
        remedy="Use an allowed repository, or add it to `policy.images`.",
    ),
    "schema": RuleNote(
        reason="Argo CD runs the same schema and would show a ComparisonError.",
        remedy="Change the value to what the chart's `values.schema.json` accepts.",
    ),
    "secrets": RuleNote(
        reason="Git keeps everything for ever.",
        remedy="Revoke the secret. Put it in a secret manager and let an ExternalSecret bring it.",
    ),
    "quota": RuleNote(
        reason="Previews cost money.",
        remedy="Delete or expire some, or raise `policy.quota`, or the overlay's `quota`.",
    ),
    "names": RuleNote(
        reason="Two previews of one name would fight over one namespace; a reserved one over Argo CD's.",
        remedy="Delete one of them, or create it anew under another name.",
    ),
    "symlinks": RuleNote(
        reason="Argo CD refuses the *whole* repository for one symlink that leaves it.",
        remedy="Delete the symlink.",
    ),
}

DEFAULTS: Mapping[str, str] = {
    "chart.path": "`.` with `repoURL`, else `charts/environment`",
    "components": "`backend`, `frontend1`, `frontend2`: [see below](#components)",
    "components.NAME.env": "`VITE_API_BASE_URL: https://{host.FIRST}` for an optional component; `FIRST` is the first "
    "required one",
    "overlays": "`dev` with previews, `prod` without",
    "overlays.NAME.path": "`overlays/NAME`",
    "overlays.NAME.applicationNamespace": "its `argocdNamespace`",
    "overlays.NAME.quota.total": "`policy.quota.total`",
    "overlays.NAME.quota.perOwner": "`policy.quota.perOwner`",
    "overlays.NAME.destination": "the cluster that Argo CD runs in",
    "overlays.NAME.destination.server": "`https://kubernetes.default.svc`, unless `name` is given",
    "overlays.NAME.domain": "the top-level `domain`",
    "defaultOverlay": "`dev`, or the first overlay where there is no `dev`",
    "policy.ttl.default": "`30m`, moved into `min` and `max` where it lies outside",
    "policy.quota.total": "no limit",
    "policy.quota.perOwner": "no limit",
    "policy.quota.overAll.total": "no limit",
    "policy.quota.overAll.perOwner": "no limit",
    "policy.images": "any repository",
    "repoURL": "the URL of `--repo`, without its user name",
    "forge.kind": "what the URL's host tells",
    "forge.apiURL": "what the kind and the URL's host tell",
    "sync.images": "none; each required component needs one, from here or from the repository",
    "sync.repositories": "none",
    "sync.repositories.NAME.overlay": "`defaultOverlay`",
    "sync.repositories.NAME.ttl": "`policy.ttl.default`",
    "sync.repositories.NAME.labels": "none is needed",
    "sync.repositories.NAME.branches": "any",
    "sync.repositories.NAME.baseBranches": "any",
    "sync.repositories.NAME.paths": "any",
    "sync.repositories.NAME.authors": "anybody's",
    "sync.repositories.NAME.excludeAuthors": "nobody's",
    "sync.repositories.NAME.forkLabel": "forks never get one",
    "web.admins": "nobody",
    "web.developers": "nobody",
    "web.viewers": "nobody",
    "web.owners": "the e-mail address alone",
}
"""Defaults that the settings' table cannot state as one value."""

ENVIRONMENT: Mapping[str, str] = {
    "STARRY_GIT_TOKEN": "Token for HTTPS remotes. Never sent over plain `http://`, except to this machine.",
    "STARRY_GIT_USERNAME": "User name that goes with the token, when the URL has none. Default: `x-access-token`.",
    "STARRY_SESSION_KEY": "`serve`: signs cookies; newest first, older ones after it. See [sign-in](sign-in.md).",
    "STARRY_OIDC_CLIENT_SECRET": "`serve`: the issuer's secret for this page. It is sent to the issuer alone.",
    "STARRY_WEBHOOK_SECRET": "`serve`: by which webhooks are known, one a line. See [webhooks](webhooks.md).",
    "STARRY_REGISTRY_TOKEN": "`serve`: a token or `USER:PASSWORD` for [`--registry`](web.md#tags-of-a-registry).",
    "GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL": "The commit's author, unless `--author` is given.",
    "GIT_COMMITTER_NAME, GIT_COMMITTER_EMAIL": "The commit's committer, unless `--committer` is given.",
    "GIT_CONFIG_GLOBAL, GIT_CONFIG_SYSTEM, GIT_CONFIG_NOSYSTEM": "Which of Git's own configuration files are read.",
    "GIT_ASKPASS": "A program that gives Git a password.",
    "GIT_SSH, GIT_SSH_COMMAND, GIT_SSH_VARIANT": "How Git starts SSH.",
    "GIT_SSL_CAINFO, GIT_SSL_CAPATH, GIT_SSL_CERT, GIT_SSL_KEY": "Certificates for HTTPS.",
    "TMPDIR": "Where the throw-away clone goes. It is gone when the command ends.",
    "NO_COLOR": "No colour, also on a terminal.",
}
"""Variables that are not an option's. Every other `GIT_*` is dropped: see security.md."""
