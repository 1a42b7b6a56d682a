"""No domain or URL can change what a file means."""

import pytest
import yaml

from starry_gitops.scaffold import ScaffoldOptions, render_scaffold

from .scaffold_support import documents, example, is_manifest, own_files

HOSTILE = [
    'a"b.example.org',
    "a'b.example.org",
    "a\nproject: evil",
    "a\r\n---\nkind: ClusterRole",
    'a"\n  previews: true #',
    "a # comment",
    "a: b",
    "*anchor",
    "&anchor a",
    "!!python/object:x",
    "{{ 7 * 7 }}",
    "{% for a in b %}",
    "{{ ''.__class__ }}",
    "%TAG",
    "- a",
    "1e3",
    "no",
    "null",
    "",
    " a ",
    "back\\slash",
    "tab\there",
    "bücher.example",
    "🚀.example",
]


def shape(value):
    """The structure without the texts."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_options_stay_texts(text):
    options = ScaffoldOptions(
        domain=text,
        repo_url=f"https://{text}",
        chart_repo=f"https://chart/{text}",
        chart_revision=text,
        chart_path=text,
    )
    files = render_scaffold(options)
    assert set(files) == set(example())
    for path in (path for path in own_files(files) if path.endswith(".yaml")):
        assert [shape(item) for item in documents(files[path])] == [
            shape(item) for item in documents(example()[path])
        ], path
    settings = yaml.safe_load(files["starry.yaml"])
    assert settings["domain"] == text
    assert settings["repoURL"] == f"https://{text}"
    assert settings["chart"] == {
        "repoURL": f"https://chart/{text}",
        "targetRevision": text,
        "path": text,
        "valueFiles": ["values.yaml"],
    }


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_url_arrives_unchanged_in_every_source(text):
    files = render_scaffold(ScaffoldOptions(domain="example.org", repo_url=f"https://{text}", chart_repo="https://c/d"))
    for path in filter(is_manifest, files):
        for item in documents(files[path]):
            if item["kind"] == "Application" and "path" in item["spec"].get("source", {}):
                assert item["spec"]["source"]["repoURL"] == f"https://{text}"


def test_the_unknown_url_is_easy_to_find():
    files = render_scaffold(ScaffoldOptions(domain="example.org", chart_repo="https://c/d.git"))
    assert "repoURL" not in yaml.safe_load(files["starry.yaml"])
    assert "change-me" in files["root/dev.yaml"]
    assert "change-me" in files["README.md"]
