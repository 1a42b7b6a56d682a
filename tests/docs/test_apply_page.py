"""The page on `starry apply` names every key of an entry."""

import re

from docs.markdown import ROOT
from starry_gitops.settings.previews import ALIASES, PREVIEW

PAGE = (ROOT / "docs" / "apply.md").read_text(encoding="utf-8")


def test_the_table_has_each_key_once_in_the_order_of_the_code() -> None:
    table = PAGE.partition("## The keys of an entry")[2].partition("An entry means")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(PREVIEW.keys)


def test_the_other_names_are_told() -> None:
    assert [name for name, key in ALIASES.items() if f"`{name}`" not in PAGE or f"`{key}`" not in PAGE] == []
