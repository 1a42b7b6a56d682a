"""A starry.yaml that uses every key, and ways to change one."""

from typing import Any

import pytest
import yaml

from starry_gitops.errors import InvalidRepository
from starry_gitops.settings import read_settings
from starry_gitops.settings.kinds import Block, Kind, Named
from starry_gitops.settings.table import SETTINGS
from tests.support.cli import ROOT

EXAMPLE = (ROOT / "argocd-apps" / "starry.yaml").read_text(encoding="utf-8")

FULL = """\
version: 1
project: starry
domain: starry.mycompany.com
hostTemplate: "{app}.{name}.{domain}"
repoURL: https://github.com/myorg/argocd-apps.git
targetRevision: HEAD
chart:
  repoURL: https://github.com/myorg/environment-helm.git
  targetRevision: main
  path: .
  valueFiles: [values.yaml]
  describe: false
components:
  backend:
    app: sample-be
    image: us-docker.pkg.dev/myproj/sample-be
    required: true
    env: {SELF: "https://{host.backend}/x"}
overlays:
  dev:
    path: overlays/dev
    argocdNamespace: argocd
    applicationNamespace: argocd
    destination:
      server: https://kubernetes.default.svc
    previews: true
    quota:
      total: 50
      perOwner: 5
    domain: dev.mycompany.com
defaultOverlay: dev
policy:
  ttl:
    default: 30m
    min: 5m
    max: 4h
  quota:
    total: 50
    perOwner: 5
    overAll:
      total: 80
      perOwner: 8
  images: ["us-docker.pkg.dev/myproj/*"]
  gc:
    grace: 0m
    maxDeletes: 50
    maxDeleteShare: 0.5
templates: .starry/templates
mode: propose
autoMerge: true
web:
  admins: ["group:platform"]
  developers: ["*@mycompany.com"]
  viewers: ["*@*.mycompany.com"]
  others: none
  owners: {alice: alice@mycompany.com}
forge:
  kind: github
  apiURL: https://api.github.com
sync:
  renew: whileOpen
  images: {backend: main}
  repositories:
    sample-be:
      url: https://github.com/myorg/sample-be
      component: backend
      tag: "pr-{number}-{commit}"
      name: "preview-{number}"
      overlay: dev
      ttl: 30m
      labels: [preview]
      drafts: false
      branches: ["feat/*"]
      baseBranches: [main]
      paths: ["src/**"]
      authors: [alice]
      excludeAuthors: [renovate]
      forkLabel: preview-ok
"""


def full() -> Any:
    """FULL as data of one's own."""
    return yaml.load(FULL, Loader=yaml.CSafeLoader)


def dump(data: object) -> str:
    return yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)


def keys_of(kind: Kind, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every key of the table that has a place in FULL."""
    names = {("components",): "backend", ("overlays",): "dev", ("sync", "repositories"): "sample-be"}
    if isinstance(kind, Named) and path in names:
        return keys_of(kind.item, (*path, names[path]))
    if not isinstance(kind, Block):
        return []
    return [found for key, inner in kind.keys.items() for found in [(*path, key), *keys_of(inner, (*path, key))]]


PATHS = [
    path for path in keys_of(SETTINGS) if path not in {("chart", "chart"), ("overlays", "dev", "destination", "name")}
]
IDS = [".".join(path) for path in PATHS]


def with_value(path: tuple[str, ...], value: object) -> str:
    data = full()
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    assert path[-1] in inner, path
    inner[path[-1]] = value
    return dump(data)


def line_with(text: str, path: tuple[str, ...]) -> range:
    """The lines of a path's key and of what stands below it."""
    lines, number = text.splitlines(), -1
    for depth, key in enumerate(path):
        number = next(n for n in range(number + 1, len(lines)) if lines[n].startswith("  " * depth + key + ":"))
    indent = len(lines[number]) - len(lines[number].lstrip())
    end = number + 1
    while end < len(lines) and len(lines[end]) - len(lines[end].lstrip()) > indent - (lines[end].lstrip()[:1] == "-"):
        end += 1
    return range(number + 1, end + 1)


def refused(text: str) -> InvalidRepository:
    with pytest.raises(InvalidRepository) as caught:
        read_settings(text)
    error = caught.value
    assert error.file == "starry.yaml"
    assert error.message.startswith("starry.yaml")
    assert error.message.isprintable()
    return error
