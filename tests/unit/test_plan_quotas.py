"""Quotas: of each overlay, of an overlay's own, and over all overlays."""

import pytest

from starry_gitops.core.apply import plan_apply
from starry_gitops.core.validate import validate
from starry_gitops.errors import PolicyRefusal
from tests.unit.world import SETTINGS, Tree, context, create, empty, image, intent

TWO = """\
overlays:
  dev: {previews: true}
  far:
    previews: true
    argocdNamespace: far
    domain: far.mycompany.com
    destination: {name: far}
"""


def world(policy: str, overlays: str = TWO) -> Tree:
    return empty(f"{SETTINGS}{overlays}policy: {{quota: {policy}}}\n")


def refused(tree: Tree, name: str, **kwargs: object) -> str:
    with pytest.raises(PolicyRefusal) as caught:
        plan_apply(intent(name, images=(image(),), **kwargs), context(tree))
    assert caught.value.code == "quota"
    return caught.value.message


def test_a_quota_counts_in_each_overlay_by_itself() -> None:
    tree = create(create(world("{total: 1}"), "a"), "b", overlay="far")
    assert "in overlay dev; the quota is 1" in refused(tree, "c")
    assert "in overlay far; the quota is 1" in refused(tree, "c", overlay="far")


def test_an_overlays_own_quota_comes_before_the_policys() -> None:
    own = TWO.replace("dev: {previews: true}", "dev: {previews: true, quota: {total: 2}}")
    tree = create(create(world("{total: 1, perOwner: 1}", own), "a"), "b")
    assert "in overlay dev; the quota is 2" in refused(tree, "c")
    assert "the quota is 1" in refused(create(world("{perOwner: 1}", own), "a", owner="ada"), "b", owner="ada")


def test_over_all_counts_every_overlay() -> None:
    tree = create(create(world("{overAll: {total: 2}}"), "a"), "b", overlay="far")
    for overlay in ("dev", "far"):
        assert refused(tree, "c", overlay=overlay) == "there are 2 previews in all overlays; the quota is 2"


def test_an_owner_has_one_quota_over_all() -> None:
    tree = create(create(world("{overAll: {perOwner: 2}}"), "a", owner="ada"), "b", overlay="far", owner="ada")
    assert refused(tree, "c", owner="ada") == "ada has 2 previews in all overlays; the quota is 2"
    create(tree, "c", owner="bob")


def test_updating_is_never_blocked() -> None:
    tree = create(world("{total: 1, overAll: {total: 1}}"), "a", owner="ada")
    plan = plan_apply(intent("a", images=(image(tag="2"),), owner="ada"), context(tree))
    assert plan.answer.action == "updated"


@pytest.mark.parametrize(
    ("quota", "line"),
    [("{total: 1}", "policy:"), ("{overAll: {total: 1}}", "policy:"), ("{overAll: {perOwner: 1}}", "policy:")],
)
def test_validate_finds_the_same(quota: str, line: str) -> None:
    tree = create(create(world("{}"), "a", owner="ada"), "b", owner="ada")
    settings = tree.files["starry.yaml"].decode().replace("quota: {}", f"quota: {quota}")
    found = validate(context(tree.put({"starry.yaml": settings}))).findings
    assert [one.rule for one in found] == ["quota"]
    assert settings.splitlines()[found[0].line - 1].startswith(line)


def test_validate_names_the_overlays_own_quota() -> None:
    own = TWO.replace("dev: {previews: true}", "dev: {previews: true, quota: {total: 1}}")
    tree = create(create(world("{total: 5}", TWO), "a"), "b")
    settings = tree.files["starry.yaml"].decode().replace(TWO, own)
    (found,) = validate(context(tree.put({"starry.yaml": settings}))).findings
    assert found.rule == "quota"
    assert "quota: {total: 1}" in settings.splitlines()[found.line - 1]


def test_changing_hands_counts_for_the_new_owner() -> None:
    tree = create(create(world("{perOwner: 1}"), "a", owner="ada"), "b", owner="bob")
    assert refused(tree, "b", owner="ada") == "ada has 1 previews in overlay dev; the quota is 1"
    plan_apply(intent("b", images=(image(tag="2"),), owner="cy"), context(tree))


def test_changing_hands_is_none_more_in_all() -> None:
    tree = create(world("{total: 1, overAll: {total: 1, perOwner: 1}}"), "a", owner="ada")
    assert plan_apply(intent("a", images=(image(),), owner="bob"), context(tree)).answer.action == "updated"
