"""What is rendered: valid, fitting together, restricted, and for the collector complete."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from starry_gitops.cli import main
from starry_gitops.clusters.finding import TOKENS
from starry_gitops.forges.finding import TOKEN as FORGE_TOKEN
from starry_gitops.gitrepo.environment import TOKEN, USERNAME
from starry_gitops.registry import TOKEN as REGISTRY_TOKEN
from starry_gitops.web.hook_check import SECRETS
from starry_gitops.web.signin.issuer import CLIENT_SECRET
from starry_gitops.web.signin.sealing import SESSION_KEY
from tests.charts.render import Object, Values, containers, kinds, merged, nested, one, pod_templates
from tests.charts.schemas import CRDS, VERSIONS, is_crd, problems
from tests.charts.test_chart_security import restricted
from tests.charts.test_chart_valid import DNS, LABEL

from .render import CASES, CHART, EVERYTHING, ON, SSH, by_file, gc_job, notes, render

# Kinds of GKE without a schema at hand: test_starry_chart_web asserts each field.
ARGOCD_TOKEN = TOKENS[0]
UNKNOWN = {"BackendConfig", "PodMonitoring"}


def names(values: Values) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for o in render(values):
        found.setdefault(o["kind"], []).append(o["metadata"]["name"])
    return {kind: sorted(those) for kind, those in found.items()}


def sync_option(found: Object) -> str | None:
    return found["metadata"]["annotations"].get("argocd.argoproj.io/sync-options")


# Valid


@pytest.mark.parametrize("version", [VERSIONS[0], VERSIONS[-1]])
def test_oldest_and_latest_kubernetes(objects: list[Object], version: str) -> None:
    known = (o for o in objects if not is_crd(o) and o["kind"] not in UNKNOWN)
    assert [problem for o in known for problem in problems(o, version)] == []


@pytest.mark.skipif(not CRDS.is_dir(), reason="the operators' CRDs are not at hand (../shared/crds)")
def test_operators_crds(objects: list[Object]) -> None:
    assert [problem for o in objects if is_crd(o) for problem in problems(o, VERSIONS[-1])] == []


def test_names_and_labels_are_legal_and_once(objects: list[Object]) -> None:
    keys = [(o["kind"], o["metadata"]["name"]) for o in objects]
    assert len(keys) == len(set(keys))
    for found in objects:
        assert DNS.match(found["metadata"]["name"])
        assert all(LABEL.match(value) for value in found["metadata"]["labels"].values())
        assert int(found["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"]) in range(-2, 3)


@pytest.mark.parametrize("name", ["s", "s" * 36, "s" * 37, "s" * 53, "a" * 26 + "-" * 2 + "b" * 20])
def test_names_up_to_helms_limit(name: str) -> None:
    for found in render(EVERYTHING, name):
        assert len(found["metadata"]["name"]) <= (52 if found["kind"] in {"CronJob", "StatefulSet"} else 63)
        assert found["kind"] in UNKNOWN or is_crd(found) or problems(found, VERSIONS[-1]) == ()


def test_long_names_differ() -> None:
    assert len({render({}, "a" * 52 + end)[0]["metadata"]["name"] for end in "bc"}) == 2


def test_every_template_renders_something_in_some_case() -> None:
    rendered = {file for values in CASES.values() for file, _ in by_file(values)}
    assert {path.name for path in (CHART / "templates").glob("*.yaml")} - rendered == set()


# Which objects, when


def test_defaults_are_the_collector_alone() -> None:
    assert names({}) == {
        "ConfigMap": ["starry"],
        "CronJob": ["starry-gc"],
        "ExternalSecret": ["starry-git"],
        "NetworkPolicy": ["starry-default-deny", "starry-gc-flows"],
        "ServiceAccount": ["starry-gc"],
    }


def test_everything_off_is_nothing() -> None:
    assert names(CASES["everything off"]) == {}


def test_everything_is_the_articles_picture() -> None:
    found = names(EVERYTHING)
    assert found["Deployment"] == found["HorizontalPodAutoscaler"] == found["Ingress"] == ["starry"]
    assert found["ManagedCertificate"] == found["PodDisruptionBudget"] == ["starry"]
    assert found["Service"] == ["starry", "starry-redis-headless", "starry-redis-master"]
    assert found["BackendConfig"] == found["PodMonitoring"] == ["starry"]
    assert found["StatefulSet"] == ["starry-redis-master"]
    assert found["ServiceAccount"] == ["starry-gc", "starry-redis", "starry-web"]
    assert found["CronJob"] == ["starry-gc"]
    assert found["ExternalSecret"] == ["starry-forge", "starry-git", "starry-redis", "starry-web"]
    assert {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"} <= set(found)


def test_argo_cds_hints_are_the_articles() -> None:
    objects = render(EVERYTHING)
    assert sync_option(one(objects, "CronJob", "starry-gc")) == "ServerSideApply=true"
    assert sync_option(one(objects, "HorizontalPodAutoscaler", "starry")) == "PruneLast=true"
    assert sync_option(one(objects, "StatefulSet", "starry-redis-master")) == "Replace=true"


def test_the_autoscaler_goes_from_two_to_ten() -> None:
    spec = one(render(ON), "HorizontalPodAutoscaler", "starry")["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 10)
    assert spec["scaleTargetRef"]["name"] in kinds(render(ON), "Deployment")


def test_replicas_are_left_to_the_autoscaler(objects: list[Object]) -> None:
    for deployment in kinds(objects, "Deployment").values():
        assert ("replicas" in deployment["spec"]) is not bool(kinds(objects, "HorizontalPodAutoscaler"))


def test_the_edge_is_gkes() -> None:
    objects = render(ON)
    ingress = one(objects, "Ingress", "starry")["metadata"]["annotations"]
    assert ingress["kubernetes.io/ingress.class"] == "gce"
    assert ingress["kubernetes.io/ingress.allow-http"] == "false"
    assert ingress["networking.gke.io/managed-certificates"] in kinds(objects, "ManagedCertificate")
    service = one(objects, "Service", "starry")
    assert service["metadata"]["annotations"]["cloud.google.com/neg"] == '{"ingress": true}'
    assert service["spec"]["type"] == "ClusterIP"
    assert one(objects, "ManagedCertificate", "starry")["spec"]["domains"] == ["starry.mycompany.com"]


def test_redis_keeps_nothing() -> None:
    spec = one(render(EVERYTHING), "StatefulSet", "starry-redis-master")["spec"]
    assert spec["replicas"] == 1
    assert "volumeClaimTemplates" not in spec
    assert all("emptyDir" in volume for volume in spec["template"]["spec"]["volumes"])


# The collector


def test_the_collector_runs_gc() -> None:
    spec = one(render({}), "CronJob", "starry-gc")["spec"]
    pod = gc_job({})["template"]["spec"]
    assert pod["containers"][0]["args"] == ["gc", "-o", "json"]
    assert "command" not in pod["containers"][0]
    assert pod["restartPolicy"] == "Never"
    assert spec["concurrencyPolicy"] == "Forbid"
    assert {"startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"} <= set(spec)
    assert gc_job({})["activeDeadlineSeconds"] < 600


def test_what_a_person_must_see_fails_the_job_at_once() -> None:
    rules = gc_job({})["podFailurePolicy"]["rules"]
    fatal = next(rule["onExitCodes"] for rule in rules if rule["action"] == "FailJob")
    assert fatal["operator"] == "In"
    assert fatal["containerName"] == gc_job({})["template"]["spec"]["containers"][0]["name"]
    assert {9, 10} <= set(fatal["values"])
    assert not {0, 1, 4, 8, 130} & set(fatal["values"])  # these may pass by themselves, and count as failures if not
    assert all("onExitCodes" not in rule for rule in rules if rule["action"] == "Ignore")


def test_the_collectors_options() -> None:
    assert gc_job(EVERYTHING)["template"]["spec"]["containers"][0]["args"] == [
        "gc", "-o", "json", "--dry-run", "--include-overlay=dev-b",
    ]  # fmt: skip
    data = one(render(EVERYTHING), "ConfigMap", "starry")["data"]
    assert data["STARRY_BRANCH"] == "main"
    assert data["STARRY_OVERLAY"] == "dev"
    assert data["STARRY_GIT_USERNAME"] == "oauth2"
    author = {e["name"]: e.get("value") for e in gc_job(EVERYTHING)["template"]["spec"]["containers"][0]["env"]}
    assert author["STARRY_AUTHOR"] == data["STARRY_COMMITTER"] == "Starry <starry@example.com>"
    assert set(one(render({}), "ConfigMap", "starry")["data"]) == {"STARRY_REPO", "STARRY_TIMEOUT"}


@pytest.mark.parametrize("values", [{}, EVERYTHING], ids=["defaults", "everything"])
def test_starry_understands_what_the_collector_is_given(
    values: Values, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Arguments and environment as rendered, but for a repository that is not there: exit 8, and not 2 for usage."""
    for name, text in one(render(values), "ConfigMap", "starry")["data"].items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("STARRY_REPO", str(tmp_path / "none.git"))
    assert main(gc_job(values)["template"]["spec"]["containers"][0]["args"]) == 8
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "remote_unreachable"


@pytest.mark.parametrize("name", one(render(EVERYTHING), "ConfigMap", "starry")["data"])
def test_starry_knows_each_variable(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gc", "--help"]) == 0
    assert name in capsys.readouterr().out or name in {TOKEN, USERNAME}


def test_the_only_place_to_write_is_small(objects: list[Object]) -> None:
    for _, template in pod_templates(objects):
        for container in containers(template):
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
        volumes = {v["name"]: v["emptyDir"] for v in template["spec"]["volumes"] if "emptyDir" in v}
        assert volumes
        assert all(volume["sizeLimit"] for volume in volumes.values())


def test_temporary_files_go_there() -> None:
    container = gc_job({})["template"]["spec"]["containers"][0]
    plain = {e["name"]: e.get("value") for e in container["env"]}
    assert plain["TMPDIR"] == "/tmp"
    assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]


def test_the_token_comes_from_the_store_by_name() -> None:
    fetched = one(render(EVERYTHING), "ExternalSecret", "starry-git")
    assert fetched["apiVersion"] == "external-secrets.io/v1"
    assert fetched["spec"]["secretStoreRef"] == {"name": "gsm-platform", "kind": "ClusterSecretStore"}
    (entry,) = fetched["spec"]["data"]
    assert entry["secretKey"] == TOKEN
    assert {"key": "starry-git-write-token", "version": "3"}.items() <= entry["remoteRef"].items()


def test_ssh_uses_a_key_and_known_hosts_and_no_token() -> None:
    objects = render(SSH)
    pod = gc_job(SSH)["template"]["spec"]
    env = {e["name"]: e.get("value", "") for e in pod["containers"][0]["env"]}
    assert TOKEN not in env
    assert "StrictHostKeyChecking=yes" in env["GIT_SSH_COMMAND"]
    assert "\n" not in env["GIT_SSH_COMMAND"]
    mounts = {m["mountPath"]: m["name"] for m in pod["containers"][0]["volumeMounts"]}
    assert set(mounts) == {"/tmp", "/etc/starry/key", "/etc/starry/hosts"}
    assert one(objects, "ExternalSecret", "starry-git")["spec"]["data"][0]["secretKey"] == "ssh-privatekey"
    assert one(objects, "ConfigMap", "starry-known-hosts")["data"]["known_hosts"].endswith("AAAA\n")


@pytest.mark.parametrize(
    ("repo", "port"),
    [
        ("https://git.example.com/a/b.git", 443),
        ("https://me@git.example.com:8443/a/b.git", 8443),
        ("ssh://git@git.example.com/a/b.git", 22),
        ("ssh://git@git.example.com:2222/a/b.git", 2222),
        ("git@git.example.com:a/b.git", 22),
    ],
)
def test_only_the_git_servers_port_is_open(repo: str, port: int) -> None:
    values = merged(nested("config/repo", repo), nested("git/knownHosts", "x"))
    egress = one(render(values), "NetworkPolicy", "starry-gc-flows")["spec"]["egress"]
    assert {p["port"] for rule in egress for p in rule["ports"]} == {53, port}


# Security


def test_pod_security_restricted(objects: list[Object]) -> None:
    assert [(o["metadata"]["name"], found) for o, t in pod_templates(objects) if (found := restricted(t))] == []


def test_tokens_and_rights_are_the_web_services_alone(objects: list[Object], values: Values) -> None:
    rbac = values.get("web", {}).get("rbac", {}).get("enabled", False)
    for account in kinds(objects, "ServiceAccount").values():
        assert account["automountServiceAccountToken"] is False
        assert ("iam.gke.io/gcp-service-account" in account["metadata"]["annotations"]) is (
            account["metadata"]["name"] == "starry-web" and "serviceAccount" in values
        )
    for owner, template in pod_templates(objects):
        assert template["spec"]["automountServiceAccountToken"] is (rbac and owner["kind"] == "Deployment")
        assert template["spec"]["serviceAccountName"] in kinds(objects, "ServiceAccount")
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in kinds(objects, kind).values():
            assert [s["name"] for s in binding["subjects"]] == ["starry-web"]
            assert binding["roleRef"]["name"] in kinds(objects, binding["roleRef"]["kind"])


def test_no_role_writes_anything(objects: list[Object]) -> None:
    """Starry writes to Git alone: nothing in the cluster may be changed, created or removed by it."""
    roles = [*kinds(objects, "Role").values(), *kinds(objects, "ClusterRole").values()]
    for role in roles:
        assert role["rules"]
        assert "aggregationRule" not in role
        for rule in role["rules"]:
            assert rule["verbs"] == ["get", "list", "watch"]
            assert "*" not in [*rule["apiGroups"], *rule["resources"]]
            assert not {"secrets", "configmaps", "serviceaccounts/token", "pods/exec"} & set(rule["resources"])
            assert not any("/" in resource for resource in rule["resources"])
    # A binding cannot bring in rights from elsewhere, such as the built-in edit or cluster-admin.
    own = {(role["kind"], role["metadata"]["name"]) for role in roles}
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in kinds(objects, kind).values():
            assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) in own


def test_the_roles_are_there_to_be_tested() -> None:
    rules = one(render(EVERYTHING), "Role", "starry-read")
    assert rules["metadata"]["namespace"] == "argocd"
    assert rules["rules"][0]["resources"] == ["applications"]
    assert kinds(render(EVERYTHING), "ClusterRole")
    assert not kinds(render(ON), "Role")


def test_no_kind_but_the_optional_roles_is_the_clusters(objects: list[Object]) -> None:
    for found in objects:
        if not found["kind"].startswith("ClusterRole"):
            elsewhere = "argocd" if found["kind"] in {"Role", "RoleBinding"} else "starry"
            assert found["metadata"]["namespace"] == elsewhere
        else:
            assert "namespace" not in found["metadata"]


def test_no_secret_is_rendered(objects: list[Object]) -> None:
    assert kinds(objects, "Secret") == {}
    for _, template in pod_templates(objects):
        for container in containers(template):
            literal = {e["name"] for e in container.get("env", []) if "value" in e}
            assert not {n for n in literal if n.endswith(("PASSWORD", "AUTH", "TOKEN"))}


def test_default_deny_is_over_all_pods(objects: list[Object]) -> None:
    policies = kinds(objects, "NetworkPolicy")
    if not policies:
        return
    deny = policies["starry-default-deny"]["spec"]
    assert deny["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & set(deny)
    flows = [p["spec"] for name, p in policies.items() if name.endswith("-flows")]
    for _, template in pod_templates(objects):
        labels = template["metadata"]["labels"].items()
        assert deny["podSelector"]["matchLabels"].items() <= labels
        assert sum(flow["podSelector"]["matchLabels"].items() <= labels for flow in flows) == 1


def test_the_collector_reaches_dns_and_git_and_is_reached_by_nobody() -> None:
    spec = one(render(EVERYTHING), "NetworkPolicy", "starry-gc-flows")["spec"]
    assert "ingress" not in spec
    dns, git = spec["egress"]
    assert {p["port"] for p in dns["ports"]} == {53}
    assert [to["ipBlock"]["cidr"] for to in git["to"]] == ["0.0.0.0/0"]
    assert {"10.0.0.0/8", "169.254.0.0/16"} <= set(git["to"][0]["ipBlock"]["except"])


def test_a_git_server_of_ones_own_may_be_private() -> None:
    spec = one(render(nested("networkPolicy/gitCIDRs", ["10.9.0.0/24"])), "NetworkPolicy", "starry-gc-flows")["spec"]
    assert spec["egress"][1]["to"] == [{"ipBlock": {"cidr": "10.9.0.0/24"}}]


# Together


def test_selectors_choose_the_pods_of_one_owner(objects: list[Object]) -> None:
    pods = [(o["metadata"]["name"], t["metadata"]["labels"]) for o, t in pod_templates(objects)]
    for kind in ("Deployment", "StatefulSet", "Service", "PodDisruptionBudget"):
        for name, found in kinds(objects, kind).items():
            wanted = found["spec"]["selector"]
            wanted = wanted.get("matchLabels", wanted).items()
            chosen = [owner for owner, labels in pods if wanted <= labels.items()]
            assert chosen == [name.replace("-headless", "-master").removesuffix("-hooks")]


def test_ports_agree(objects: list[Object]) -> None:
    owners = kinds(objects, "Deployment") | kinds(objects, "StatefulSet")
    policies = {"starry": "starry-web-flows", "starry-redis-master": "starry-redis-flows"}
    for name, service in kinds(objects, "Service").items():
        owner = name.replace("-headless", "-master").removesuffix("-hooks")
        container = owners[owner]["spec"]["template"]["spec"]["containers"][0]
        named = {port["name"]: port["containerPort"] for port in container["ports"]}
        (port,) = service["spec"]["ports"]
        assert named[port["targetPort"]] == port["port"]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert "exec" in container[probe] or container[probe]["httpGet"]["port"] in named
        for rule in kinds(objects, "NetworkPolicy").get(policies[owner], {"spec": {}})["spec"].get("ingress", []):
            assert [p["port"] for p in rule["ports"]] == [port["port"]]
    for ingress in kinds(objects, "Ingress").values():
        for path in ingress["spec"]["rules"][0]["http"]["paths"]:
            backend = path["backend"]["service"]
            ports = kinds(objects, "Service")[backend["name"]]["spec"]["ports"]
            assert backend["port"]["name"] in {p["name"] for p in ports}
    for store in kinds(objects, "StatefulSet").values():
        assert store["spec"]["serviceName"] in kinds(objects, "Service")


def references(objects: list[Object]) -> Iterator[tuple[str, str, str | None]]:
    for _, template in pod_templates(objects):
        for volume in template["spec"].get("volumes", []):
            if "configMap" in volume:
                yield "ConfigMap", volume["configMap"]["name"], None
            if "secret" in volume:
                yield "Secret", volume["secret"]["secretName"], volume["secret"]["items"][0]["key"]
        for container in containers(template):
            for source in container.get("envFrom", []):
                yield "ConfigMap", source["configMapRef"]["name"], None
            for variable in container.get("env", []):
                if "valueFrom" in variable:
                    reference = variable["valueFrom"]["secretKeyRef"]
                    yield "Secret", reference["name"], reference["key"]


def test_references_resolve(objects: list[Object]) -> None:
    made = {
        e["spec"]["target"]["name"]: {d["secretKey"] for d in e["spec"]["data"]}
        for e in kinds(objects, "ExternalSecret").values()
    }
    made |= {"git-token": {TOKEN}, "redis-password": {"REDIS_PASSWORD"}, "forge-token": {FORGE_TOKEN}}
    made |= {"web-secrets": {SESSION_KEY, CLIENT_SECRET, SECRETS, ARGOCD_TOKEN, REGISTRY_TOKEN}}
    for kind, name, key in references(objects):
        assert name in (kinds(objects, "ConfigMap") if kind == "ConfigMap" else made)
        assert key is None or key in made[name]
    for _, template in pod_templates(objects):
        volumes = {volume["name"] for volume in template["spec"]["volumes"]}
        assert {mount["name"] for c in containers(template) for mount in c["volumeMounts"]} == volumes


def test_someone_elses_secrets_are_not_fetched() -> None:
    assert kinds(render(CASES["secrets of someone else"]), "ExternalSecret") == {}


def test_a_change_of_settings_restarts_the_web_service() -> None:
    def checksum(values: Values) -> str:
        return one(render(values), "Deployment", "starry")["spec"]["template"]["metadata"]["annotations"][
            "checksum/config"
        ]

    assert checksum(ON) != checksum(merged(ON, nested("config/branch", "next")))
    assert checksum(ON) == checksum(merged(ON, nested("gc/dryRun", True)))


def test_labels_of_the_values_never_break_a_selector() -> None:
    evil = {"app.kubernetes.io/component": "evil", "helm.sh/chart": "evil", "team": "blue"}
    objects = render(merged(EVERYTHING, {"labels": evil}))
    test_selectors_choose_the_pods_of_one_owner(objects)
    assert {o["metadata"]["labels"]["team"] for o in objects} == {"blue"}


@pytest.mark.parametrize(
    ("tag", "image"),
    [("", "r/x:0.1.0"), ("1.2.3", "r/x:1.2.3"), ("sha256:" + "a" * 64, "r/x@sha256:" + "a" * 64)],
)
def test_images(tag: str, image: str) -> None:
    values = {"image": {"repository": "r/x", "tag": tag}}
    assert gc_job(values)["template"]["spec"]["containers"][0]["image"] == image


def test_notes() -> None:
    assert "https://starry.mycompany.com" in notes(ON)
    assert "cronjob/starry-gc" in notes({})
    assert "cronjob" not in notes(CASES["everything off"])
