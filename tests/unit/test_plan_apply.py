"""What create and update decide, whatever they are asked: the invariants that hold over all intents."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from starry_gitops.core.apply import Apply, plan_apply
from starry_gitops.core.model import ImageRequest, PullRequest, Source, ValueEdit, Write
from starry_gitops.core.remove import Remove, plan_remove
from starry_gitops.errors import InvalidRepository, NotFound, PolicyRefusal, StarryError, UsageFault
from tests.unit.strategies import names, printable, tags, ttls
from tests.unit.world import (
    NOW,
    PREVIEWS,
    SETTINGS,
    Tree,
    context,
    create,
    decide,
    empty,
    image,
    intent,
    problems,
    text,
)

OTHERS = create(create(empty(), "other-1", owner="ada"), "other-2", ttl=60, pin=True)
KEYS = [("backend", "env", "LOG_LEVEL"), ("backend", "replicas"), ("frontend1", "env", "A-B"), ("redis", "enabled")]
edits = st.lists(
    st.builds(
        ValueEdit,
        path=st.sampled_from(KEYS),
        value=st.one_of(
            st.booleans(), st.integers(0, 9), st.none(), printable, st.sampled_from(["1e3", "yes", "a: b", "#"])
        ),
    ),
    max_size=3,
    unique_by=lambda edit: edit.path,
)
images = st.lists(
    st.builds(ImageRequest, component=st.sampled_from(["frontend1", "frontend2"]), repository=st.just(None), tag=tags),
    max_size=2,
    unique_by=lambda one: one.component,
)


@st.composite
def intents(draw: st.DrawFn, name: str | None = None) -> Apply:
    """Any create or update of a preview."""
    number = draw(st.one_of(st.none(), st.integers(1, 10**9)))
    return Apply(
        source=Source(
            name=name or draw(names),
            pull_request=PullRequest(number=number) if number else None,
            branch=draw(st.one_of(st.none(), printable)),
        ),
        images=(image(tag=draw(tags)), *draw(images)),
        commit=draw(st.one_of(st.none(), st.from_regex(r"[0-9a-f]{40}", fullmatch=True))),
        owner=draw(st.one_of(st.none(), printable)),
        ttl=draw(st.one_of(st.none(), ttls)),
        pin=draw(st.booleans()),
        edits=tuple(draw(edits)),
        sequence=draw(st.one_of(st.none(), st.integers(0, 10**12))),
    )


def tried(wanted: Apply, tree: Tree, now: datetime = NOW) -> Tree | None:
    """The tree after the intent; None when policy refuses (a generated text may look like a secret)."""
    try:
        return decide(wanted, tree, now)[1]
    except PolicyRefusal as refusal:
        assert refusal.code in {"secret", "name_taken", "superseded", "name_reserved"}  # noqa: PT017
        return None


def touched(before: Tree, after: Tree) -> set[str]:
    return {path for path in {*before.files, *after.files} if before.files.get(path) != after.files.get(path)}


@given(intents())
def test_what_a_create_writes_is_two_files_without_a_finding(wanted: Apply) -> None:
    tree = tried(wanted, OTHERS)
    if tree is None:
        return
    folder = f"{PREVIEWS}/{wanted.source.name}"
    assert touched(OTHERS, tree) == {f"{folder}/application.yaml", f"{folder}/values.yaml"}
    assert problems(tree) == []


@given(intents(), st.integers(0, 3600))
def test_deciding_twice_changes_nothing(wanted: Apply, later: int) -> None:
    tree = tried(wanted, OTHERS)
    if tree is None:
        return
    plan, again = decide(wanted, tree, NOW + timedelta(seconds=later))
    assert plan.changes == ()
    assert plan.answer.action == "unchanged"
    assert (plan.message, again) == ("", tree)


@given(intents())
def test_create_then_delete_gives_back_the_same_tree(wanted: Apply) -> None:
    tree = tried(wanted, OTHERS)
    if tree is None:
        return
    plan = plan_remove(Remove(sources=(Source(name=wanted.source.name),)), context(tree))
    assert tree.apply(plan.changes).files == OTHERS.files


@given(intents(name="p-1"), intents(name="p-1"))
@hypothesis_settings(max_examples=100)
def test_an_update_touches_that_preview_alone_and_leaves_no_finding(first: Apply, second: Apply) -> None:
    before = tried(first, OTHERS)
    after = tried(second, before, NOW + timedelta(minutes=3)) if before else None
    if before is None or after is None:
        return
    assert touched(before, after) <= {f"{PREVIEWS}/p-1/application.yaml", f"{PREVIEWS}/p-1/values.yaml"}
    assert problems(after, NOW + timedelta(minutes=3)) == []
    assert decide(second, after, NOW + timedelta(minutes=3))[0].changes == ()


@given(intents(name="p-1"), st.integers(-120, 10**4))
def test_an_image_renews_the_ttl_whatever_the_clock_says(wanted: Apply, minutes: int) -> None:
    """Another machine's clock may be up to an hour ahead of ours; a creation that lies later is refused."""
    before = tried(wanted, OTHERS)
    if before is None:
        return
    now = NOW + timedelta(minutes=minutes)
    changed = Apply(source=Source(name="p-1"), images=(image(tag="another-tag"),))
    try:
        plan, tree = decide(changed, before, now)
    except InvalidRepository as error:
        assert minutes < -60, error.message  # noqa: PT017
        assert "future" in error.message  # noqa: PT017
        return
    assert plan.answer.expires_at is not None
    assert plan.answer.expires_at >= min(NOW, now) + timedelta(minutes=plan.answer.ttl_minutes or 0)
    assert minutes >= -60
    # The clock that is ahead made the preview; one that is behind would see its expiry too far away.
    assert problems(tree, max(NOW, now)) == []


@given(st.lists(st.integers(0, 9), min_size=1, max_size=8))
def test_the_highest_sequence_wins_in_whatever_order_pipelines_end(order: list[int]) -> None:
    tree = empty()
    for number in order:
        wanted = intent("p-1", images=(image(tag=f"tag-{number}"),), sequence=number)
        try:
            tree = decide(wanted, tree)[1]
        except PolicyRefusal as refusal:
            assert refusal.code == "superseded"  # noqa: PT017
    assert f'tag: "tag-{max(order)}"' in text(tree, f"{PREVIEWS}/p-1/values.yaml")


@given(st.sets(names, min_size=1, max_size=6), st.randoms())
def test_creates_of_different_previews_commute(found: set[str], random: object) -> None:
    order = sorted(found)
    random.shuffle(order)
    one = two = empty(SETTINGS)
    for name in sorted(found):
        one = create(one, name)
    for name in order:
        two = create(two, name)
    assert one.files == two.files


REFUSED: dict[str, tuple[Apply, type[StarryError], str]] = {
    "a component that does not exist": (intent("p", images=(image("nobody"),)), UsageFault, "usage"),
    "a required component without an image": (intent("p", images=(image("frontend1"),)), UsageFault, "usage"),
    "a TTL below the policy": (intent("p", ttl=4), PolicyRefusal, "ttl"),
    "a TTL above the policy": (intent("p", ttl=241), PolicyRefusal, "ttl"),
    "an update of nothing": (intent("p", must_exist=True), NotFound, "not_found"),
    "an overlay without previews": (intent("p", overlay="prod"), PolicyRefusal, "previews_off"),
    "an overlay that does not exist": (intent("p", overlay="test"), NotFound, "not_found"),
    "a reserved name": (intent("kube-system"), PolicyRefusal, "name_reserved"),
    "a name that is there, only new": (
        intent("other-1", only_new=True, images=(image(tag="2"),)), PolicyRefusal, "name_taken",
    ),
    "a value that is Starry's": (
        intent("p", edits=(ValueEdit(path=("global", "ttlMinutes"), value=1),)), UsageFault, "usage",
    ),
    "a map over a value that is Starry's": (
        intent("p", edits=(ValueEdit(path=("global",), value=1),)), UsageFault, "usage",
    ),
    "a value below one that is Starry's": (
        intent("p", edits=(ValueEdit(path=("ingress", "hosts", "0"), value="x"),)), UsageFault, "usage",
    ),
    "a secret by its key": (
        intent("p", edits=(ValueEdit(path=("backend", "env", "DB_PASSWORD"), value="x"),)), PolicyRefusal, "secret",
    ),
    "a secret by its shape": (intent("p", owner="glpat" + "-abcdefghij0123456789"), PolicyRefusal, "secret"),
}  # fmt: skip


@pytest.mark.parametrize(("wanted", "kind", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_and_why(wanted: Apply, kind: type[StarryError], code: str) -> None:
    with pytest.raises(kind) as caught:
        plan_apply(wanted, context(OTHERS))
    assert caught.value.code == code


def test_quotas_never_block_an_update() -> None:
    tree = create(empty(SETTINGS + "policy: {quota: {total: 1, perOwner: 1}}\n"), "p-1", owner="ada")
    with pytest.raises(PolicyRefusal):
        plan_apply(intent("p-2", owner="bob"), context(tree))
    plan, _ = decide(intent("p-1", owner="ada", images=(image(tag="2"),)), tree)
    assert plan.answer.action == "updated"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Source(name="p", branch="a"), Source(name="p", branch="b")),
        (Source(name="p", pull_request=PullRequest(number=1)), Source(name="p", pull_request=PullRequest(number=2))),
        (Source(branch="preview-1"), Source(pull_request=PullRequest(number=1))),
        (Source(pull_request=PullRequest(number=1)), Source(branch="preview-1")),
    ],
)
def test_a_name_that_belongs_to_another_source_is_refused(first: Source, second: Source) -> None:
    tree = empty().apply(plan_apply(intent(source=first), context(empty())).changes)
    with pytest.raises(PolicyRefusal) as caught:
        plan_apply(intent(source=second, images=(image(tag="2"),)), context(tree))
    assert caught.value.code == "name_taken"


def test_hosts_are_those_of_the_enabled_components_in_the_settings_order() -> None:
    wanted = intent("p-1", images=(image("frontend2", "3"), image(), image("frontend1", "2")))
    values = text(create(empty(), "p-1", images=wanted.images), f"{PREVIEWS}/p-1/values.yaml")
    hosts = [
        line.strip(' -"')
        for line in values.splitlines()
        if line.endswith('.p-1.starry.mycompany.com"') and "- " in line
    ]
    assert hosts == [f"{app}.p-1.starry.mycompany.com" for app in ("sample-be", "sample-fe-1", "sample-fe-2")]


def test_every_change_is_a_file_of_the_previews_own() -> None:
    plan = plan_apply(intent("p-1"), context(OTHERS))
    assert all(isinstance(change, Write) for change in plan.changes)
    assert [change.path for change in plan.changes] == [
        f"{PREVIEWS}/p-1/application.yaml",
        f"{PREVIEWS}/p-1/values.yaml",
    ]
