"""What a new commit, a new expiry or a new owner changes in a cluster, and what it must leave as it is."""

import json

import pytest

from .cases import CASES
from .render import EXPIRES, Object, Values, article, kinds, merged, nested, one, pod_templates, render

COMMIT, OWNER, PULL_REQUEST = "starry.env/commit", "starry.env/owner", "starry.env/pull-request"
FACTS = {COMMIT: "abcd123", OWNER: "me", PULL_REQUEST: "123"}
AFFECTED = ["annotated", "jobs", "other components", "everything", "workingHours/enabled: True"]
Key = tuple[str, str]


def annotated(**facts: str) -> Values:
    """`global.annotations` with some facts replaced."""
    names = {"commit": COMMIT, "owner": OWNER, "pull_request": PULL_REQUEST}
    return nested("global/annotations", FACTS | {names[name]: fact for name, fact in facts.items()})


def templates(objects: list[Object]) -> dict[Key, str]:
    """(kind, name) -> pod template, byte by byte."""
    return {(o["kind"], o["metadata"]["name"]): json.dumps(template) for o, template in pod_templates(objects)}


def whole(objects: list[Object]) -> dict[Key, str]:
    """(kind, name) -> object, byte by byte."""
    return {(o["kind"], o["metadata"]["name"]): json.dumps(o) for o in objects}


def changed(before: dict[Key, str], after: dict[Key, str]) -> set[Key]:
    """What is not the same in both."""
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_stands_where_a_new_pod_does_no_harm(fact: str) -> None:
    objects = render(merged(CASES["jobs"], annotated()))
    pods = {o["metadata"]["name"]: t["metadata"].get("annotations", {}).get(fact) for o, t in pod_templates(objects)}
    seed = next(name for name in pods if name.startswith("seed-"))
    without = {"starry-redis-master", "db1", "db2", seed}
    assert pods == {name: None if name in without else FACTS[fact] for name in pods}
    for name in without - {seed}:
        assert one(objects, "StatefulSet", name)["metadata"]["annotations"][fact] == FACTS[fact]


def test_all_facts_stand_on_the_namespace() -> None:
    objects = render(merged(CASES["jobs"], annotated()))
    assert FACTS.items() <= one(objects, "Namespace", "preview-123")["metadata"]["annotations"].items()


@pytest.mark.parametrize("fact", ["commit", "owner", "pull_request"])
@pytest.mark.parametrize("case", AFFECTED)
def test_a_new_fact_restarts_components_and_no_store(case: str, fact: str) -> None:
    before, after = (render(merged(CASES[case], annotated(**{fact: text}))) for text in ("abcd123", "ef45678"))
    deployments = {("Deployment", name) for name in kinds(before, "Deployment")}
    stores = {("StatefulSet", name) for name in kinds(before, "StatefulSet")}
    again = {("Job", "e2e"), ("CronJob", "cleanup")} & templates(before).keys()
    assert changed(templates(before), templates(after)) == deployments | again
    assert changed(whole(before), whole(after)) == deployments | again | stores | {("Namespace", "preview-123")}


@pytest.mark.parametrize("case", AFFECTED)
@pytest.mark.parametrize("cleanup", [True, False])
def test_a_new_expiry_changes_no_pod_but_the_watchdogs(case: str, cleanup: bool) -> None:
    layers = (CASES[case], annotated(), nested("cleanup/enabled", cleanup))
    before, after = (
        render(merged(*layers, nested("global/expiresAt", instant))) for instant in (EXPIRES, "2026-01-31T19:00:00Z")
    )
    watchdog = {("CronJob", "cleanup")} if cleanup else set()
    assert changed(whole(before), whole(after)) == {("Namespace", "preview-123")} | watchdog


def test_pinning_takes_the_watchdog_away_and_nothing_else() -> None:
    before, after = (
        render(merged(CASES["jobs"], nested("global/expiresAt", instant))) for instant in (EXPIRES, "never")
    )
    assert changed(whole(before), whole(after)) == {("Namespace", "preview-123"), ("CronJob", "cleanup")}
    assert ("CronJob", "cleanup") not in whole(after)


def test_a_seed_whose_pod_changes_is_another_seed() -> None:
    """A Job's pod template is immutable: the same name with another pod would be an error in each sync."""

    def seed(*layers: Values) -> tuple[str, str]:
        jobs = kinds(render(merged(CASES["jobs"], annotated(), *layers)), "Job")
        name = next(name for name in jobs if name.startswith("seed-"))
        return name, json.dumps(jobs[name]["spec"])

    base = seed()
    others = [
        seed(nested("scheduling/priorityClassName", "low")),
        seed(nested("databases/db2/enabled", False)),
        seed(nested("redis/auth", False)),
        seed(nested("global/labels/team", "blue")),
        seed(nested("seed/env/SIZE", "large")),
    ]
    assert len({name for name, _ in (base, *others)}) == len({spec for _, spec in (base, *others)}) == 6
    assert seed(annotated(commit="ef45678", owner="you")) == seed(nested("global/expiresAt", "never")) == base


def test_annotations_of_a_component_win() -> None:
    values = article(annotated(), nested("backend/annotations", {COMMIT: "mine", "note": "x"}))
    pod = one(render(values), "Deployment", "backend")["spec"]["template"]["metadata"]["annotations"]
    assert {key: text for key, text in pod.items() if key != "checksum/config"} == FACTS | {COMMIT: "mine", "note": "x"}
