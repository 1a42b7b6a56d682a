"""Every change of one preview, decided on a repository whose files may say anything."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from starry_gitops.core.apply import plan_apply
from starry_gitops.core.collect import Collect, plan_collect
from starry_gitops.core.context import Context
from starry_gitops.core.extend import Extend, plan_extend
from starry_gitops.core.findings import POLICY_RULES
from starry_gitops.core.manifest import parse_preview
from starry_gitops.core.model import Delete, Plan, Result, Source, ValueEdit, Write
from starry_gitops.core.remove import Remove, plan_remove
from starry_gitops.core.validate import validate
from starry_gitops.errors import InvalidRepository, PolicyRefusal, StarryError
from tests.fuzz.agreement import Path, changed_paths, comments, lost_comments, read, written
from tests.unit.world import NOW, PREVIEWS, Tree, context, image, intent

Decide = Callable[[Context], Plan[Result]]
LATER = NOW + timedelta(days=400)
"""When everything that is not pinned has expired."""

_NOTE = ("note", "x")
_ANNOTATIONS = ("metadata", "annotations")


def _apply(name: str, **kwargs: object) -> Decide:
    wanted = intent(name, **kwargs)
    return lambda here: plan_apply(wanted, here)


def _extend(name: str, **kwargs: object) -> Decide:
    wanted = Extend(source=Source(name=name), **kwargs)
    return lambda here: plan_extend(wanted, here)


def decisions(name: str) -> dict[str, Decide]:
    """By what each may change: `image`, `facts`, `expiry`, `values`."""
    return {
        "image": _apply(name, images=(image(tag="9.9.9"), image("frontend2", "1e3"))),
        "facts": _apply(name, images=(), owner="eve", commit="f00", sequence=99, pin=True),
        "values": _apply(name, images=(), edits=(ValueEdit(path=_NOTE, value="a: #b"),)),
        "expiry": _extend(name, ttl=90),
        "pin": _extend(name, pinned=True),
        "unpin": _extend(name, pinned=False),
    }


def check_plans(tree: Tree, name: str, check_error: Callable[[StarryError], str]) -> str:
    """Each decision is refused in words, or changes only what it owns, for good, and leaves nothing broken."""
    outcomes = []
    for what, decide in decisions(name).items():
        try:
            plan = decide(context(tree))
        except StarryError as error:
            outcomes.append(check_error(error))
            continue
        outcomes.append(plan.answer.action)
        if plan.changes:
            check_change(tree, plan, decide, what)
    return outcomes[0]


def check_change(tree: Tree, plan: Plan[Result], decide: Decide, what: str) -> None:
    """The same decision again changes nothing; what stands beside it is as it was; validate has nothing new to say."""
    changed = tree.apply(plan.changes)
    for change in plan.changes:
        assert isinstance(change, Write), change
        old, new = tree.files[change.path].decode(), change.text
        foreign = [path for path in changed_paths(read(old), read(new)) if not _is_owned(path, what)]
        assert not foreign, (what, change.path, foreign)
        lost = lost_comments(old, new) - _beside_the_pin(old)
        assert not lost, (what, change.path, lost)
        before, after = ({p: t for p, t in written(text).items() if not _is_owned(p, what)} for text in (old, new))
        assert list(before.items()) == list(after.items()), (what, change.path, _other(before, after))
    again = decide(context(changed))
    assert not again.changes, (what, "not idempotent", again.changes)
    known = {(one.rule, one.message) for one in validate(context(tree)).findings}
    found = [one for one in validate(context(changed)).findings if (one.rule, one.message) not in known]
    found = [one for one in found if one.severity == "error" or one.rule not in {*POLICY_RULES, "facts"}]
    assert not found, (what, found)


def _beside_the_pin(text: str) -> Counter[str]:
    """The comments that may go: those on the line that `--unpin` removes."""
    return comments("\n".join(line for line in text.splitlines() if "starry.env/pinned" in line))


def _other(before: dict[Path, str], after: dict[Path, str]) -> list[object]:
    return [pair for pair in zip(before.items(), after.items(), strict=False) if pair[0] != pair[1]][:3]


_OWNED_FACTS = {f"starry.env/{key}" for key in ("owner", "commit", "sequence", "pinned", "expires-at", "ttl-minutes")}


def _is_owned(path: Path, what: str) -> bool:
    """Whether a decision may change what stands at a path."""
    if path[:2] == _ANNOTATIONS or path[:2] == ("global", "annotations"):
        return len(path) == 3 and path[2] in _OWNED_FACTS
    if path in {("metadata", "labels", "starry.env/owner"), ("global", "ttlMinutes"), ("global", "expiresAt")}:
        return True
    if what == "values":
        return path == _NOTE
    component = path[0] in {"backend", "frontend2"} and path[1:2] in {("image",), ("enabled",), ("env",)}
    return what == "image" and (component or path[:2] == ("ingress", "hosts"))


def check_collection(tree: Tree, name: str) -> None:
    """Collected is what the strict reading says is Starry's, unpinned and expired; the others go in any case."""
    plan = plan_collect(Collect(force=True), context(tree, LATER))
    gone = {change.path.rpartition("/")[2] for change in plan.changes if isinstance(change, Delete)}
    assert set(plan.answer.removed) == gone
    assert {"preview-0", "preview-2"} <= gone
    assert not plan_collect(Collect(force=True), context(tree)).changes or _expiry_is_other(tree, name)
    if name in gone:
        file = f"{PREVIEWS}/{name}/application.yaml"
        _, preview = parse_preview(tree.files[file], name=name, overlay="dev", file=file)
        assert preview.managed
        assert not preview.pinned
        assert preview.expires_at <= LATER
    _check_removal(tree, name)


def _expiry_is_other(tree: Tree, name: str) -> bool:
    file = f"{PREVIEWS}/{name}/application.yaml"
    _, preview = parse_preview(tree.files[file], name=name, overlay="dev", file=file)
    return preview.expires_at <= NOW


def _check_removal(tree: Tree, name: str) -> None:
    """`delete` removes the broken one too, unless it is, or may be, somebody else's."""
    try:
        plan = plan_remove(Remove(sources=(Source(name=name),)), context(tree))
    except PolicyRefusal as error:
        assert error.code == "not_managed"  # noqa: PT017
        return
    except InvalidRepository:
        return
    assert [change.path for change in plan.changes if isinstance(change, Delete)] == [f"{PREVIEWS}/{name}"]
