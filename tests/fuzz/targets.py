"""What the bytes are thrown at. A target gives the name of what became of them, and raises on a fault."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from starry_gitops.core.chart_schema import ChartSchema
from starry_gitops.core.inventory import Listed, list_previews
from starry_gitops.core.manifest import is_preview_field
from starry_gitops.core.model import Skipped
from starry_gitops.core.render import render
from starry_gitops.core.settings import Chart
from starry_gitops.core.skim import Skimmer
from starry_gitops.core.values import is_image_field
from starry_gitops.core.yamltext import MAX_BYTES, leaves, parse_document
from starry_gitops.errors import InvalidRepository, StarryError
from starry_gitops.gitrepo.objects import format_tree, parse_tree
from starry_gitops.settings import read_settings
from tests.fuzz.agreement import check_error
from tests.fuzz.lists import check_list, list_seeds
from tests.fuzz.plans import check_collection, check_plans
from tests.fuzz.seeds import FOLDER, NAME, files_of, schema_seeds, seed_trees, settings_seeds, template_seeds
from tests.unit.world import Tree, context, create, problems

Check = Callable[[bytes, int], str]
"""Gets the bytes and the number of the seed that they came from."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One thing to fuzz: valid bytes to begin with, and the check."""

    seeds: Callable[[], Sequence[bytes]]
    check: Check


def check_settings(data: bytes, _number: int) -> str:
    """Refused with the line; or usable: what `create` then writes is valid."""
    try:
        settings = read_settings(data)
    except InvalidRepository as error:
        assert 0 <= error.line <= data.count(b"\n") + data.count(b"\r") + 2  # noqa: PT017
        return check_error(error)
    assert read_settings(data) == settings
    keep = f"{settings.overlay(None).folder}/keep.yaml"
    tree = Tree(files={"starry.yaml": data, keep: b"x: y\n"})
    try:
        after = create(tree, NAME)
    except StarryError as error:
        return f"usable, then {check_error(error)}"
    found = [one for one in problems(after) if f"/{NAME}/" in one and not one.startswith("names")]
    assert not found, found
    return "usable"


def check_manifest(data: bytes, number: int) -> str:
    """application.yaml of one preview of three."""
    return _check_preview(data, number, "application.yaml")


def check_values(data: bytes, number: int) -> str:
    """values.yaml of one preview of three."""
    return _check_preview(data, number, "values.yaml")


def _check_preview(data: bytes, number: int, file: str) -> str:
    tree = seed_trees()[number].put({f"{FOLDER}/{file}": data})
    check_listing(tree)
    check_collection(tree, NAME)
    return check_plans(tree, NAME, check_error)


def check_listing(tree: Tree) -> None:
    """The broken one stops no other."""
    here = context(tree)
    rows = list(list_previews(here, here.settings.overlay(None)))
    names = [row.preview.name if isinstance(row, Listed) else row.name for row in rows]
    assert names == ["preview-0", NAME, "preview-2"], names
    assert not any(isinstance(row, Skipped) for row in (rows[0], rows[2]))
    for row in rows:
        assert isinstance(row, Listed) or (row.reason and row.reason.isprintable()), row


def check_skim(data: bytes, number: int) -> str:
    """The first pass agrees with the strict reading, whatever it has learnt before."""
    outcome = "agreed"
    for file, wanted in (("application.yaml", is_preview_field), ("values.yaml", is_image_field)):
        skimmer = Skimmer(wanted)
        learnt = [*files_of(file), data, data.replace(b"a", b"b"), *(seed[::-1] for seed in files_of(file)[:1])]
        Random(number).shuffle(learnt)
        for document in [*learnt, data, *files_of(file)]:
            try:
                strict = {path: leaf.value for path, leaf in leaves(parse_document(document, file="x")) if wanted(path)}
            except InvalidRepository as error:
                strict = {("refused",): check_error(error)}
                outcome = "refused" if document == data else outcome
            try:
                skimmed = dict(skimmer.fields(document, file="x"))
            except InvalidRepository as error:
                skimmed = {("refused",): error.code}
            assert skimmed == strict, document
            assert [type(value) for value in skimmed.values()] == [type(value) for value in strict.values()]
    return outcome


def check_template(data: bytes, number: int) -> str:
    """Rendered within bounds, or refused; what `create` writes with it is valid."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode(errors="replace")
    file = ("application.yaml.j2", "values.yaml.j2", "values.yaml.j2")[number]
    tree = seed_trees()[0].put({f".starry/templates/preview/{file}": text})
    try:
        after = create(tree, "preview-9", owner="ada", ttl=60)
    except StarryError as error:
        return check_error(error)
    found = [one for one in problems(after) if "/preview-9/" in one and not one.startswith("facts")]
    assert not found, found
    return "used"


def check_render(data: bytes, _number: int) -> str:
    """A template with simple values: bounded text, or a refusal."""
    values = {"name": "x\n y: z", "hosts": ["a", "b"], "components": [], "ttl_minutes": 30, "owner": None}
    try:
        text = render(data.decode(errors="replace"), values, file="x.j2")
    except StarryError as error:
        return check_error(error)
    assert len(text) <= MAX_BYTES
    return "rendered"


def check_schema(data: bytes, number: int) -> str:
    """A chart's schema and defaults stop nothing but what they say."""
    name = "values.schema.json" if number < len(schema_seeds()) - 1 else "values.yaml"
    chart = {"values.schema.json": schema_seeds()[0], "values.yaml": schema_seeds()[-1], name: data}
    here = seed_trees()[1].put({f"charts/environment/{file}": content for file, content in chart.items()})
    schema = ChartSchema(here, Chart())
    values = parse_document(here.files[f"{FOLDER}/values.yaml"], file="x")
    found = [*schema.findings, *schema.check(values, "x")]
    assert all(one.message and len(one.message) < 1_000 for one in found), found
    return f"{len(found)} findings" if len(found) < 3 else "many findings"


def check_tree(data: bytes, _number: int) -> str:
    """A tree object: any bytes are read; what is written of them is read as the same."""
    tree = parse_tree(data)
    assert parse_tree(format_tree(tree)) == tree
    return f"{len(tree)} entries"


def tree_seeds() -> tuple[bytes, ...]:
    """Listings as Git stores them."""
    entries = [(b"100644", b"keep.yaml"), (b"40000", b"preview-1"), (b"120000", b"link"), (b"160000", b"module")]
    tree = {name: (mode, bytes(range(20))) for mode, name in entries}
    return format_tree(tree), format_tree({})


def both_files() -> tuple[bytes, ...]:
    """Manifests and values."""
    return files_of("application.yaml") + files_of("values.yaml")


TARGETS: dict[str, Target] = {
    "settings": Target(seeds=settings_seeds, check=check_settings),
    "manifest": Target(seeds=lambda: files_of("application.yaml"), check=check_manifest),
    "values": Target(seeds=lambda: files_of("values.yaml"), check=check_values),
    "skim": Target(seeds=both_files, check=check_skim),
    "template": Target(seeds=template_seeds, check=check_template),
    "render": Target(seeds=template_seeds, check=check_render),
    "schema": Target(seeds=schema_seeds, check=check_schema),
    "list": Target(seeds=list_seeds, check=check_list),
    "tree": Target(seeds=tree_seeds, check=check_tree),
}
