"""What starry.yaml says of forges and `sync`: defaults, shapes, and contradictions on their lines."""

# ruff: noqa: E501 - a table reads best with one case a line

import pytest

from starry_gitops.core.sync_settings import ForgeSettings, SyncRepository, SyncSettings
from starry_gitops.settings import read_settings
from tests.unit.settings_file import FULL, line_with, refused, with_value

REPOSITORY = ("sync", "repositories", "sample-be")


def test_the_whole_file_is_read() -> None:
    found = read_settings(FULL)
    assert found.forge == ForgeSettings(kind="github", api_url="https://api.github.com")
    assert (found.sync.renew, found.sync.images) == ("whileOpen", {"backend": "main"})
    one = found.sync.repositories["sample-be"]
    assert (one.url, one.component, one.overlay, one.ttl) == (
        "https://github.com/myorg/sample-be",
        "backend",
        "dev",
        30,
    )
    assert (one.branches, one.base_branches, one.paths) == (("feat/*",), ("main",), ("src/**",))
    assert (one.labels, one.authors, one.exclude_authors, one.fork_label) == (
        ("preview",),
        ("alice",),
        ("renovate",),
        "preview-ok",
    )


def test_what_is_not_said_is_the_default() -> None:
    found = read_settings("domain: a.example\n")
    assert (found.forge, found.sync) == (ForgeSettings(), SyncSettings())
    one = read_settings(
        "domain: a.example\nsync: {repositories: {be: {url: 'https://g.example/o/r.git/', component: backend}}}\n"
    )
    assert one.sync.repositories["be"] == SyncRepository(name="be", url="https://g.example/o/r", component="backend")


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        (("forge", "kind"), ["github", "gitlab", "gitea"], ["forgejo", "GitHub", "bitbucket"]),
        (("forge", "apiURL"), ["https://g.example/api/v3", "http://127.0.0.1:3000/api/v1"],
         ["https://u:p@g.example", "https://g.example/?token=x", "https://g.example/#x", "ftp://x", "g.example", "https://"]),
        (("sync", "renew"), ["whileOpen", "onPush"], ["whileopen", "never"]),
        (("sync", "images"), [{"backend": "1.0"}, {"backend": "a/b:main"}, {"backend": "a/b@sha256:" + "0" * 64}],
         [{"backend": "a/b"}, {"nobody": "1"}, {"backend": "pr-{number}"}, {"backend": 1}, {"backend": "-x"}]),
        ((*REPOSITORY, "url"), ["https://gitlab.com/a/b/c", "http://127.0.0.1:3000/o/r", "https://g.example/o/r.git"],
         ["https://g.example", "https://g.example/o", "git@g.example:o/r", "https://u@g.example/o/r", "https://g.example/o/r?x", "https://g.example/o//r"]),
        ((*REPOSITORY, "tag"), ["x", "{sha}", "v1_{branch}-{number}.{commit}"],
         ["{Number}", "{author}", "{}", "-{number}", ".x", "a b", "a/b", "{number", "a" * 129]),
        ((*REPOSITORY, "name"), ["{number}", "be-{number}", "a-{number}-b"],
         ["preview", "{number}-", "-{number}", "{number}{number}", "P-{number}", "{branch}", "a.{number}", "a" * 32 + "{number}"]),
        ((*REPOSITORY, "ttl"), ["5m", "4h"], ["4m", "5h", "0m"]),
        ((*REPOSITORY, "overlay"), ["dev"], ["prod", "Dev"]),
        ((*REPOSITORY, "component"), ["backend"], ["frontend", "a b"]),
        ((*REPOSITORY, "branches"), [["**", "feat/*"]], [[""], [1], "feat/*", ["a\nb"], ["a" * 201]]),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_bounds_and_shapes(path: tuple[str, ...], good: list[object], bad: list[object]) -> None:
    for value in good:
        read_settings(with_value(path, value))
    for value in bad:
        text = with_value(path, value)
        error = refused(text)
        assert error.line in line_with(text, path), (value, error.message)


TWIN = """
    twin:
      url: {url}
      component: backend
      name: "{name}"
"""


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("  images: {backend: main}\n", "  images: {nobody: main}\n", "nobody"),
        ("component: backend", "component: other", "component: other"),
        ("overlays:\n", "  other: {app: o, image: a/b, required: true}\noverlays:\n", "component: backend"),
        ("", TWIN.format(url="https://github.com/MyOrg/sample-be.git", name="x-{number}"), "MyOrg"),
        ("", TWIN.format(url="https://github.com/myorg/other", name="preview-{number}"), 'name: "preview-{number}"'),
        ("ttl: 30m", "ttl: 5h", "ttl: 5h"),
    ],
    ids=["no such component", "an unknown component", "a required one without an image", "one repository twice", "one name twice", "a TTL beyond the policy"],
)  # fmt: skip
def test_a_contradiction_is_named_on_its_line(old: str, new: str, named: str) -> None:
    assert old in FULL
    text = FULL.replace(old, new, 1) if old else FULL.rstrip("\n") + new
    error = refused(text)
    assert named in text.splitlines()[error.line - 1], error.message


def test_two_repositories_with_their_own_names_are_fine() -> None:
    text = FULL.rstrip("\n") + TWIN.format(url="https://github.com/myorg/other", name="other-{number}")
    assert list(read_settings(text).sync.repositories) == ["sample-be", "twin"]
