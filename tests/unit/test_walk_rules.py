"""Every rule of `starry validate` finds its breakage, in the right file and on the right line; and no rule lacks one."""

# ruff: noqa: E501 - a table reads best with one case a line

from dataclasses import dataclass

import pytest

from starry_gitops.core.check import PREVIEW_RULES
from starry_gitops.core.findings import POLICY_RULES, RULES, Finding
from starry_gitops.core.validate import validate
from starry_gitops.errors import InvalidRepository
from tests.unit.world import PREVIEWS, SETTINGS, URL, Tree, context, create, empty, image, text

FOLDER = f"{PREVIEWS}/p-1"
APPLICATION, VALUES = f"{FOLDER}/application.yaml", f"{FOLDER}/values.yaml"
SCHEMA = (
    '{"type": "object", "properties": {"backend": {"type": "object", "properties": {"replicas": {"type": "integer"}}}}}'
)
CHART = {"charts/environment/values.yaml": "backend: {replicas: 1}\n", "charts/environment/values.schema.json": SCHEMA}
WORLD = create(create(empty(), "p-1", images=(image(), image("frontend1", "2"))), "p-2").put(CHART)


@dataclass(frozen=True)
class Broken:
    """A repository with one fault, and what must be found: rule, file, and a text of the line (empty: no line)."""

    rule: str
    tree: Tree
    file: str
    line: str = ""


def edit(path: str, old: str, new: str) -> Tree:
    before = text(WORLD, path)
    assert before.count(old) >= 1, f"{old!r} is not in {path}"
    return WORLD.put({path: before.replace(old, new, 1)})


def app(rule: str, old: str, new: str, line: str | None = None) -> Broken:
    return Broken(rule, edit(APPLICATION, old, new), APPLICATION, new.strip().split("\n")[0] if line is None else line)


def values(rule: str, old: str, new: str, line: str | None = None) -> Broken:
    return Broken(rule, edit(VALUES, old, new), VALUES, new.strip().split("\n")[0] if line is None else line)


def with_settings(more: str) -> Tree:
    return WORLD.put({"starry.yaml": SETTINGS + more})


GENERATE = "argocd.argoproj.io/manifest-generate-paths"
BROKEN = {
    "a file in previews/": Broken("layout", WORLD.put({f"{PREVIEWS}/notes.txt": "x"}), f"{PREVIEWS}/notes.txt"),
    "no keep.yaml": Broken("layout", WORLD.put({f"{PREVIEWS}/keep.yaml": None}), f"{PREVIEWS}/keep.yaml"),
    "keep.yaml of another kind": Broken(
        "layout", WORLD.put({f"{PREVIEWS}/keep.yaml": "apiVersion: v1\nkind: Secret\n"}), f"{PREVIEWS}/keep.yaml", "kind: Secret"
    ),
    "no values": Broken("layout", WORLD.put({VALUES: None}), VALUES),
    "no application": Broken("layout", WORLD.put({APPLICATION: None}), APPLICATION),
    "a third file": Broken("layout", WORLD.put({f"{FOLDER}/x.yaml": "a: 1\n"}), f"{FOLDER}/x.yaml"),
    "a folder in a preview": Broken("layout", WORLD.put({f"{FOLDER}/more/x.yaml": "a: 1\n"}), f"{FOLDER}/more"),
    "a symlink for a file": Broken("layout", WORLD.put({VALUES: None}).link(VALUES, "../p-2/values.yaml"), VALUES),
    "a duplicate key": app("yaml", "kind: Application\n", "kind: Application\nkind: Job\n", "kind: Job"),
    "an anchor": values("yaml", "ttlMinutes: 30", "ttlMinutes: &x 30"),
    "a second document": Broken("yaml", edit(APPLICATION, "apiVersion", "x: 1\n---\napiVersion"), APPLICATION, "---"),
    "not UTF-8": Broken("yaml", WORLD.put({VALUES: text(WORLD, VALUES).encode() + b"# \xff\n"}), VALUES, "# "),
    "another name": app("identity", 'name: "p-1"', 'name: "p-9"'),
    "another kind": app("identity", "kind: Application", "kind: AppProject"),
    "another API": app("identity", "argoproj.io/v1alpha1", "v1", "apiVersion"),
    "another Argo CD namespace": app("identity", 'namespace: "argocd"', 'namespace: "kube-system"'),
    "unmanaged": app("identity", "managed-by: starry", "managed-by: me"),
    "part of something else": app("identity", "part-of: starry", "part-of: me"),
    "another label": app("identity", 'starry.env: "p-1"', 'starry.env: "p-2"'),
    "another label in the values": values("identity", 'starry.env: "p-1"', 'starry.env: "p-2"'),
    "a key more": app("identity", "kind: Application\n", "kind: Application\noperation: {}\n", "operation"),
    "another project": app("project", 'project: "starry"', 'project: "default"'),
    "another cluster": app("destination", "https://kubernetes.default.svc", "https://evil.example", "server:"),
    "another namespace": app("destination", '    namespace: "p-1"', '    namespace: "argocd"'),
    "a cluster by name": app("destination", 'server: "https://kubernetes.default.svc"', 'name: "in-cluster"', "destination:"),
    "another repository": app("sources", URL, "https://github.com/evil/apps.git", "repoURL:"),
    "another path": app("sources", 'path: "charts/environment"', 'path: "charts/evil"'),
    "another release": app("sources", 'releaseName: "p-1"', 'releaseName: "p-2"'),
    "another preview's values": app("sources", "/p-1/values.yaml", "/p-2/values.yaml", "p-2/values.yaml"),
    "Helm parameters": app("sources", "    helm:\n", "    helm:\n      parameters: []\n", ""),
    "a second source": app("sources", "  destination:", "  sources: []\n  destination:", "sources: []"),
    "a plugin": app("sources", "    helm:\n", "    plugin: {name: evil}\n    helm:\n", ""),
    "no finalizer": app("finalizer", "resources-finalizer.argocd.argoproj.io", "other.example/x", ""),
    "an unreadable TTL": app("annotations", 'ttl-minutes: "30"', 'ttl-minutes: "soon"'),
    "an unquoted TTL": app("annotations", 'ttl-minutes: "30"', "ttl-minutes: 30"),
    "a TTL of nothing": app("annotations", 'ttl-minutes: "30"', 'ttl-minutes: "0"'),
    "no expiry": app("annotations", "starry.env/expires-at", "starry.env/expired-at", "annotations:"),
    "a strange pin": app("annotations", "  annotations:\n", '  annotations:\n    starry.env/pinned: "yes"\n', 'pinned: "yes"'),
    "a strange sequence": app("annotations", "  annotations:\n", '  annotations:\n    starry.env/sequence: "x"\n', "sequence:"),
    "paths of everything": app("annotations", "/overlays/dev/previews/p-1;", "/;", GENERATE),
    "no paths": app("annotations", GENERATE, "example.com/x", "annotations:"),
    "no prune": app("sync-policy", "prune: true", "prune: false", ""),
    "no selfHeal": app("sync-policy", "selfHeal: true", "selfHeal: false", ""),
    "switched off": app("sync-policy", "prune: true", "enabled: false\n      prune: true", ""),
    "no namespace made": app("sync-policy", "CreateNamespace=true", "CreateNamespace=false", ""),
    "TTLs that differ": values("expiry", "ttlMinutes: 30", "ttlMinutes: 31"),
    "a TTL as text": values("expiry", "ttlMinutes: 30", 'ttlMinutes: "30"'),
    "a TTL beyond the policy": Broken(
        "expiry",
        edit(APPLICATION, 'ttl-minutes: "30"', 'ttl-minutes: "999"').put({VALUES: text(WORLD, VALUES).replace("30", "999", 1)}),
        APPLICATION,
        'ttl-minutes: "999"',
    ),
    "an expiry far ahead": app("expiry", "2026-03-01T12:30:00Z", "2027-03-01T12:30:00Z", "expires-at"),
    "an expiry before the creation": app("expiry", "2026-03-01T12:30:00Z", "2026-03-01T11:30:00Z", "expires-at"),
    "a creation to come": app("expiry", "2026-03-01T12:00:00Z", "2026-03-01T14:00:00Z", ""),
    "an offset": app("expiry", "2026-03-01T12:30:00Z", "2026-03-01T13:30:00+01:00", "expires-at"),
    "an expiry that the chart is told otherwise": values("facts", "  labels:\n", '  expiresAt: "2026-03-01T13:30:00Z"\n  labels:\n'),
    "an owner that the manifest does not know": values("facts", "  labels:\n", '  annotations: {starry.env/owner: "eve"}\n  labels:\n'),
    "a host of another preview": values("hosts", "sample-be.p-1.", "sample-be.p-2.", "sample-be.p-2."),
    "a host elsewhere": values("hosts", "sample-be.p-1.starry.mycompany.com", "evil.example", "evil.example"),
    "no host": values("hosts", "sample-be.p-1.starry", "-x.starry", "-x.starry"),
    "hosts that are no list": values("hosts", "  hosts:\n", "  hosts: {}\n  others:\n", "hosts: {}"),
    "no tag": values("images", 'tag: "1.0.0"', 'tag: "a b"'),
    "no repository": values("images", 'repository: "us-docker.pkg.dev/myproj/sample-be"', 'repository: "A B"'),
    "a component without an image": values("images", 'tag: "2"', 'other: "2"', "image:"),
    "an image that is not allowed": Broken(
        "images", with_settings("policy: {images: [ghcr.io/*]}\n"), VALUES, 'repository: "us-docker.pkg.dev/myproj/sample-be"'
    ),
    "a value that the chart refuses": values("schema", "backend:\n", "backend:\n  replicas: many\n", "replicas: many"),
    "a schema that is none": Broken(
        "schema", WORLD.put({"charts/environment/values.schema.json": "{"}), "charts/environment/values.schema.json"
    ),
    "a values file that is missing": Broken(
        "schema", with_settings("chart: {path: charts/environment, valueFiles: [values.yaml, x.yaml]}\n"), "charts/environment/x.yaml"
    ),
    "a chart's values that are broken": Broken(
        "schema", WORLD.put({"charts/environment/values.yaml": "a: 1\na: 2\n"}), "charts/environment/values.yaml", "a: 2"
    ),
    "a secret by its key": values("secrets", "backend:\n", "backend:\n  password: x\n", "password: x"),
    "a secret by its shape": app("secrets", "  annotations:\n", "  annotations:\n    x: glpat" + "-abcdefghij0123456789\n", "x: gl"),
    "too many previews": Broken("quota", with_settings("policy: {quota: {total: 1}}\n"), "starry.yaml", "quota"),
    "too many of one owner": Broken(
        "quota",
        create(create(empty(SETTINGS + "policy: {quota: {perOwner: 2}}\n"), "a", owner="ada"), "b", owner="ada").put(
            {
                f"{PREVIEWS}/c/{file}.yaml": text(create(empty(), "c", owner="ada"), f"{PREVIEWS}/c/{file}.yaml")
                for file in ("application", "values")
            }
        ),
        "starry.yaml",
        "quota",
    ),
    "a name in two overlays": Broken(
        "names",
        WORLD.put({path.replace("/dev/", "/prod/"): data for path, data in WORLD.files.items() if path.startswith(FOLDER)}),
        "overlays/prod/previews/p-1/application.yaml",
        "apiVersion",
    ),
    "a reserved name": Broken("names", WORLD.put({f"{PREVIEWS}/kube-system/application.yaml": "a: 1\n"}), f"{PREVIEWS}/kube-system/application.yaml", "a: 1"),
    "no name": Broken("names", WORLD.put({f"{PREVIEWS}/No_Name/application.yaml": "a: 1\n"}), f"{PREVIEWS}/No_Name/application.yaml", "a: 1"),
    "a symlink to the outside": Broken("symlinks", WORLD.link("docs/x", "../../etc/passwd"), "docs/x"),
    "an absolute symlink": Broken("symlinks", WORLD.link("x", "/etc/passwd"), "x"),
}  # fmt: skip


def found_in(tree: Tree) -> list[Finding]:
    return list(validate(context(tree)).findings)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_breakage_is_found_by_its_rule_in_its_file_on_its_line(broken: Broken) -> None:
    found = [one for one in found_in(broken.tree) if (one.rule, one.file) == (broken.rule, broken.file)]
    assert found, [f"{one.rule} {one.file}:{one.line} {one.message}" for one in found_in(broken.tree)]
    if not broken.line:
        return
    lines = broken.tree.files[broken.file].decode(errors="replace").split("\n")
    named = [lines[one.line - 1] for one in found if one.line]
    assert any(broken.line in line for line in named), named


def test_the_world_is_whole() -> None:
    assert found_in(WORLD) == []


def test_no_rule_is_without_a_breakage() -> None:
    """`settings` is found before a rule can run, by the reader of starry.yaml."""
    assert {broken.rule for broken in BROKEN.values()} | {"settings"} == set(RULES)
    with pytest.raises(InvalidRepository):
        context(WORLD.put({"starry.yaml": "domain: [\n"}))


def test_every_finding_names_a_known_rule_and_a_file_of_the_repository() -> None:
    for broken in BROKEN.values():
        for one in validate(context(broken.tree)).findings:
            assert one.rule in RULES
            assert one.message
            assert one.message.isprintable()
            assert one.line >= 0
            assert not one.file.startswith("/")


def test_the_tables_agree() -> None:
    assert set(RULES) >= POLICY_RULES
    names = {rule.__name__.replace("_", "-") for rule in PREVIEW_RULES}
    assert names <= set(RULES)
    assert all(about.strip() for about in RULES.values())


@pytest.mark.parametrize("target", ["../charts", "a/b", ".", "../overlays/dev/../../x", "./../x"])
def test_a_symlink_inside_the_repository_is_no_finding(target: str) -> None:
    assert found_in(WORLD.link("docs/x", target)) == []


def test_chart_in_another_repository_is_checked_without_a_schema() -> None:
    tree = create(empty(SETTINGS + "chart: {repoURL: https://github.com/myorg/chart.git}\n"), "p-1")
    assert found_in(tree) == []
