"""What the world may send: names, texts, YAML documents."""

from hypothesis import strategies as st

from starry_gitops.core.hosts import MAX_NAME

SCALARS = ["1e3", "yes", "No", "null", "~", "0x1F", "010", "1_000", "12:30", "2026-01-01", ".inf", "-", "=", "<<", ""]
HOSTILE = [
    *SCALARS, "a: b", "- a", "#x", "a #b", "*a", "&a", "!!int 3", "%x", "@x", "`x`", "{a: b}", "[a]", "|", ">", "'",
    '"',
    "'a'", '"a"', "a\nb", "a\r\nb", "a\tb", "\x00", "\x07", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u2029", "\ufeff",
    "\ufffe", "\ud800", "{{ name }}", "{% raw %}", "${x}", "\\", "\\n", "é", "日本", "🚀", "---", "...", " a", "a ",
    "\\u0000", "\udfff\ud800", "</script>", "?", "? a", "a:", ":a", "\u00a0", "\u200b", "\u202e",
]  # fmt: skip

texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20), st.text(max_size=300))
printable = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp", "Zs"]), min_size=1, max_size=40
)
labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
names = st.from_regex(rf"p[a-z0-9]([a-z0-9-]{{0,{MAX_NAME - 4}}}[a-z0-9])?", fullmatch=True)
tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,40}", fullmatch=True)
ttls = st.integers(min_value=5, max_value=240)

plain_text = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20) | st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"], exclude_characters="\ufeff\u2028\u2029"), max_size=12
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    plain_text,
    st.sampled_from(SCALARS),
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(plain_text, inner, max_size=4),
    max_leaves=12,
)
"""Data as JSON has it."""
