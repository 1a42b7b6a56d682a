"""Whatever the forges answer and people write: who may go is what the forge itself calls over, and nobody else."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from starry_gitops.core.forge import ForgePullRequest
from starry_gitops.core.model import PullRequest, Source
from starry_gitops.errors import AccessDenied, DoubtfulAnswer, NotFound, RemoteUnreachable, StarryError
from tests.unit.sync_world import BACKEND, FRONTEND, SYNC, Forges, ToyForge, commit, pull, sync, told
from tests.unit.world import NOW, PREVIEWS, SETTINGS, Tree, create, empty, problems

# No caps: they would hide what must not be asked for in the first place.
WORLD = empty(SETTINGS + SYNC + "policy: {gc: {maxDeletes: 1000, maxDeleteShare: 1}}\n")
NUMBERS = st.integers(1, 5)
ERRORS = st.sampled_from([AccessDenied("401"), NotFound("404"), RemoteUnreachable("502"), DoubtfulAnswer("cut off")])


@st.composite
def pulls(draw: st.DrawFn, url: str) -> ForgePullRequest:
    number = draw(NUMBERS)
    return pull(
        number,
        url,
        state=draw(st.sampled_from(["open", "open", "closed", "merged"])),
        draft=draw(st.booleans()) and draw(st.booleans()),
        labels=draw(st.sampled_from([(), ("preview",), ("preview", "preview-ok")])),
        head_repository=draw(st.sampled_from([None, "x/y", *[url.partition(".com/")[2]] * 4])),
        head_commit=commit(draw(st.integers(1, 3))),
    )


@st.composite
def toy_forges(draw: st.DrawFn, url: str) -> ToyForge:
    forge = ToyForge().put(*draw(st.lists(pulls(url), max_size=5)))
    forge.failing = draw(
        st.dictionaries(st.sampled_from(["pull_requests", "pull_request", 1, 2, 3]), ERRORS, max_size=1)
    )
    forge.unlisted = draw(st.sets(NUMBERS, max_size=2))
    return forge


forges_of_both = st.builds(Forges, be=toy_forges(BACKEND), fe=toy_forges(FRONTEND))
previews = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["preview-1", "preview-2", "fe-1", "fe-2", "demo", "x"]),
            "url": st.sampled_from([BACKEND, FRONTEND, "https://github.com/other/repo", ""]),
            "number": NUMBERS,
            "pin": st.booleans(),
            "managed": st.sampled_from([True, True, False]),
            "age": st.integers(0, 60),
        }
    ),
    max_size=6,
    unique_by=lambda one: one["name"],
)


def built(wanted: list[dict[str, object]]) -> Tree:
    tree = WORLD
    for one in wanted:
        name, number = str(one["name"]), one["number"]
        url = PullRequest(number=number, url=f"{one['url']}/pull/{number}") if one["url"] else None
        born = NOW - timedelta(minutes=one["age"])
        tree = create(tree, name, born, source=Source(name=name, pull_request=url), pin=one["pin"])
        if not one["managed"]:
            path = f"{PREVIEWS}/{name}/application.yaml"
            text = tree.files[path].decode().replace("managed-by: starry", "managed-by: people")
            tree = tree.put({path: text})
    return tree


def is_over(one: dict[str, object], forges: Forges) -> bool:
    """Whether the forge itself, were it asked for this pull request, would say that it gets no preview."""
    forge = {BACKEND: forges.be, FRONTEND: forges.fe}.get(str(one["url"]))
    if forge is None or one["number"] not in forge.pulls:
        return False
    found = forge.pulls[one["number"]]
    outsider = found.is_fork and (forge is forges.fe or "preview-ok" not in found.labels)
    unlabelled = forge is forges.fe and "preview" not in found.labels
    return found.state != "open" or found.draft or outsider or unlabelled


@given(previews, forges_of_both)
@settings(max_examples=400)
def test_only_what_is_over_ours_and_unpinned_goes(wanted: list[dict[str, object]], forges: Forges) -> None:
    plan, after = sync(built(wanted), forges)
    by_name = {str(one["name"]): one for one in wanted}
    failed = {one.url for one in plan.answer.repositories if one.error}
    for name in plan.answer.names("removed"):
        one = by_name[name]
        assert is_over(one, forges)
        assert one["managed"]
        assert not one["pin"]
        assert one["url"] not in failed
    gone = by_name.keys() - {path.split("/")[3] for path in after.files if path.startswith(f"{PREVIEWS}/")}
    assert gone == set(plan.answer.names("removed"))


@given(previews, forges_of_both)
@settings(max_examples=200)
def test_a_second_sync_changes_nothing_but_what_waits_for_a_name(
    wanted: list[dict[str, object]], forges: Forges
) -> None:
    first, tree = sync(built(wanted), forges)
    waiting = {one.name for one in first.answer.skipped if "the next one makes it" in one.reason}
    second, tree = sync(tree, forges)
    assert told(second).keys() <= waiting
    assert sync(tree, forges)[0].changes == ()
    unmanaged = {str(one["name"]) for one in wanted if not one["managed"]}
    assert [one for one in problems(tree) if not any(f"/{name}/" in one for name in unmanaged)] == []


@given(previews, forges_of_both, st.data())
@settings(max_examples=200)
def test_failures_make_no_preview_go_that_stays_without_them(
    wanted: list[dict[str, object]], forges: Forges, data: st.DataObject
) -> None:
    forges.be.failing.clear()
    forges.fe.failing.clear()
    tree = built(wanted)
    whole = sync(tree, forges)[0]
    keys = st.sampled_from(["pull_requests", "pull_request", "changed_files", 1, 2, 3, 4, 5])
    failing: st.SearchStrategy[dict[str | int, StarryError]] = st.dictionaries(keys, ERRORS, min_size=1)
    forges.be.failing, forges.fe.failing = data.draw(failing), data.draw(failing)
    partial = sync(tree, forges)[0]
    assert set(partial.answer.names("removed")) <= set(whole.answer.names("removed"))
    for forge, names in ((forges.be, BACKEND), (forges.fe, FRONTEND)):
        if "pull_requests" in forge.failing:
            mine = {str(one["name"]) for one in wanted if one["url"] == names}
            assert not mine & told(partial).keys()
