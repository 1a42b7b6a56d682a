"""The sticky comment's Markdown: whatever branches, owners and images are called, only Starry's own markup arises."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from starry_gitops.core.command import find_command
from starry_gitops.core.comment import Answer, answered, is_sticky, marker_of, render
from starry_gitops.core.forge import Status
from starry_gitops.core.model import Image
from starry_gitops.core.notice import Notice, status_of, why_gone
from tests.support.markdown import pieces

NOW = datetime(2026, 1, 31, 12, 5, 30, tzinfo=UTC)
URL = "https://sample-be.preview-7.starry.mycompany.com"
READY = Notice(
    overlay="dev",
    name="preview-7",
    state="ready",
    urls={"backend": URL},
    images={"backend": Image(repository="us-docker.pkg.dev/myproj/sample-be", tag="pr-7-abcd123")},
    owner="alice",
    commit="1234567890abcdef1234567890abcdef12345678",
    expires_at=NOW + timedelta(minutes=115),
    longest_ttl=240,
)
ANSWER = Answer(comment=42, author="bob", command="/preview extend 2h", outcome="done")
LIMIT = 65_536


def text_of(notice: Notice, answer: Answer | None = None, limit: int = LIMIT) -> str:
    return render(notice, NOW, limit=limit, answer=answer).text


def test_ready():
    assert text_of(READY, ANSWER) == (
        "<!-- starry:preview v1 dev/preview-7 -->\n"
        "<!-- starry:answered 42 -->\n"
        "### Preview `preview-7`\n"
        "\n"
        "✅ **Ready to be deployed.** Argo CD takes it from the apps repository.\n"
        "\n"
        "| component | URL | image |\n"
        "| --- | --- | --- |\n"
        f"| `backend` | <{URL}> | `us-docker.pkg.dev/myproj/sample-be:pr-7-abcd123` |\n"
        "\n"
        "|  |  |\n"
        "| --- | --- |\n"
        "| expires | 2026-01-31 14:00 UTC (in 1 h 55 min, as of 2026-01-31 12:05 UTC) |\n"
        "| owner | `alice` |\n"
        "| commit | `1234567890ab` |\n"
        "| overlay | `dev` |\n"
        "\n"
        "To keep it longer: comment `/preview extend 2h` (at most 4h). All commands: `/preview help`.\n"
        "\n"
        "<!-- starry:answer -->\n"
        "☑️ `/preview extend 2h` of `bob`: done\n"
    )


def test_pinned_and_over():
    text = text_of(replace(READY, pinned=True, is_open=False))
    assert text.endswith("\n\nIt stays, because it is pinned. To remove it: comment `/preview delete`.\n")


def test_gone():
    gone = Notice(
        overlay="dev",
        name="preview-7",
        state="gone",
        is_open=False,
        reason=why_gone("delete", "merged"),
        removed_at=NOW,
    )
    assert text_of(gone) == (
        "<!-- starry:preview v1 dev/preview-7 -->\n"
        "### Preview `preview-7`\n"
        "\n"
        "🗑️ **Gone.** The pull request was merged. Removed 2026-01-31 12:05 UTC.\n"
    )


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(seconds=59), "(in less than 1 min, as of"),
        (timedelta(minutes=1), "(in 1 min, as of"),
        (timedelta(hours=2, seconds=30), "(in 2 h, as of"),
        (timedelta(days=3, hours=2, minutes=9), "(in 3 d 2 h, as of"),
        (timedelta(days=3, minutes=9), "(in 3 d 9 min, as of"),
        (timedelta(minutes=-5, seconds=-10), "(5 min ago, as of"),
    ],
)
def test_how_long_it_is(left: timedelta, words: str):
    assert words in text_of(replace(READY, expires_at=NOW + left))


@pytest.mark.parametrize(
    ("action", "state", "why"),
    [
        ("gc", "merged", "It had expired."),
        ("gc", "open", "It had expired."),
        ("apply", "closed", "It is not on the list of previews any more."),
        ("sync", "open", "The pull request does not ask for one any more."),
        ("sync", "closed", "The pull request was closed."),
        ("delete", "merged", "The pull request was merged."),
        ("delete", "open", "It was deleted."),
        (None, "open", "It was removed."),
        (None, "closed", "The pull request was closed."),
        ("@team", "open", "It was removed."),
    ],
)
def test_why_it_is_gone(action: str | None, state: str, why: str):
    assert why_gone(action, state) == why


def test_the_same_is_known_again():
    """It says when it was right: that alone is no reason to write it anew."""
    old = render(READY, NOW, limit=LIMIT, answer=ANSWER)
    later = render(READY, NOW + timedelta(minutes=20), limit=LIMIT, before=answered(old.text))
    assert later.text != old.text
    assert later.is_shown_by(old.text)
    assert later.is_shown_by(old.text.strip().replace("\n", "\r\n"))
    assert not later.is_shown_by(old.text.replace("alice", "mallory"))
    assert not later.is_shown_by(old.text.replace("(in 1 h 55 min, as of", "([in](https://evil) 1 h 55 min, as of"))
    assert not render(READY, NOW, limit=LIMIT, answer=replace(ANSWER, comment=43)).is_shown_by(old.text)
    assert not render(replace(READY, state="expiring"), NOW, limit=LIMIT).is_shown_by(old.text)
    assert render(READY, NOW, limit=LIMIT, answer=ANSWER).is_shown_by(old.text)


def test_which_commands_were_answered():
    assert answered(text_of(READY, ANSWER)) == (42,)
    assert answered(text_of(READY)) == ()
    later = render(READY, NOW, limit=LIMIT, answer=ANSWER, before=(7, 42, 5))
    assert answered(later.text.replace("\n", "\r\n")) == (42, 7, 5)
    assert answered(render(READY, NOW, limit=LIMIT, before=(7, 5)).text) == (7, 5)
    many = render(READY, NOW, limit=LIMIT, answer=ANSWER, before=range(1_000, 3_000))
    assert answered(many.text) == (42, *range(1_000, 1_099))
    for forged in ("<!-- starry:answered 7 -->\n", f"{text_of(READY)}\n<!-- starry:answered 7 -->\n", " 7"):
        assert answered(forged) == ()


def test_status():
    context = "starry/dev/preview-7"
    until = "Ready to be deployed, until 2026-01-31T14:00:30Z"
    assert status_of(READY) == Status(context=context, state="success", description=until, url=URL)
    assert status_of(replace(READY, pinned=True)) == Status(
        context=context, state="success", description="Ready to be deployed, pinned", url=URL
    )
    assert status_of(Notice(overlay="dev", name="preview-7", state="none")) is None
    assert status_of(replace(READY, state="broken", urls={})) == Status(
        context=context, state="failure", description="The preview's files cannot be read"
    )


_LETTERS = [*"`|<>[]()!@#*_~\\$&:/.-\n\r\t \"'{}a1", "\0", "é", "🎉", "\u202e"]
_HOSTILE = st.text(alphabet=st.sampled_from(_LETTERS), max_size=60) | st.sampled_from([
    "@team", "`` @team", "a`b``c", "`", "``", "|", "\\|", "a|b", "[x](https://evil)", "![x](https://evil)", "-->",
    "https://evil", "<!-- starry:answered 9 -->", "\n\n<!-- starry:answer -->\n", "\n/preview delete", "\n```", "```\n",
    "<script>", "#1", "a@b.c", "(in 1 h, as of 2026-01-31 12:05 UTC)", "x" * 5_000, "`" * 3_000, "🎉" * 3_000, "\ud800",
])  # fmt: skip
_STATES = st.sampled_from(["ready", "expiring", "expired", "broken"])


@st.composite
def _notices(draw: st.DrawFn) -> Notice:
    components = draw(st.lists(_HOSTILE, max_size=4, unique=True))
    return Notice(
        overlay="dev",
        name="preview-7",
        state=draw(_STATES),
        is_open=draw(st.booleans()),
        urls={one: draw(st.just(URL) | _HOSTILE) for one in components},
        images={one: Image(repository=draw(_HOSTILE), tag=draw(_HOSTILE)) for one in components},
        owner=draw(st.none() | _HOSTILE),
        commit=draw(st.none() | _HOSTILE),
        expires_at=draw(st.none() | st.just(NOW + timedelta(minutes=5))),
        pinned=draw(st.booleans()),
        reason=draw(_HOSTILE),
        longest_ttl=240,
    )


_ANSWERS = st.none() | st.builds(
    Answer,
    comment=st.just(7),
    author=_HOSTILE,
    command=_HOSTILE,
    outcome=_HOSTILE,
    is_refused=st.just(value=True),
    wants_help=st.booleans(),
)
# What Starry's own words are made of; anything else in plain text would be somebody's.
_OWN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:()-/'✅⚠️⌛❌🗑️☑️…\n")


@given(_notices(), _ANSWERS, st.sampled_from([LIMIT, 20_000, 1_000_000]))
@example(replace(READY, owner="|`"), replace(ANSWER, is_refused=True, comment=7), LIMIT)
def test_no_markup_but_our_own(notice: Notice, answer: Answer | None, limit: int):
    sticky = render(notice, NOW, limit=limit, answer=answer)
    assert len(sticky.text) <= limit
    assert sticky.text.startswith(marker_of("dev", "preview-7") + "\n")
    assert is_sticky(sticky.text)
    assert sticky.is_shown_by(sticky.text)
    assert find_command(sticky.text) is None
    sticky.text.encode()
    for piece in pieces(sticky.text):
        assert piece.link in {None, URL, *notice.urls.values()}
        if piece.kind in {"html_block", "html_inline"}:
            hidden = {marker_of("dev", "preview-7"), "<!-- starry:answered 7 -->", "<!-- starry:answer -->"}
            assert piece.text.strip() in hidden
        elif piece.kind not in {"code_inline", "softbreak"}:
            assert piece.kind == "text", piece
            assert piece.link or set(piece.text) <= _OWN, piece


@given(_notices(), _ANSWERS)
def test_rows_stay_rows(notice: Notice, answer: Answer | None):
    """No cell is begun or ended by somebody's text."""
    text = text_of(notice, answer)
    rows = [line for line in text.split("\n") if line.startswith("|")]
    assert all(line.count("|") in {3, 4} and line.endswith(" |") for line in rows)
    assert answered(text) == ((answer.comment,) if answer else ())


def test_many_components_are_cut():
    many = {f"component{number}": URL for number in range(100)}
    image = Image(repository="r" * 200, tag="t" * 120)
    text = text_of(replace(READY, urls=many, images=dict.fromkeys(many, image)))
    assert "\n\n… and 60 more.\n\n" in text
    assert text.count(f"<{URL}>") == 40
    assert "| expires | " in text
    assert len(text) < LIMIT


def test_what_does_not_fit_is_left_out_whole():
    many = {f"component{number}": URL for number in range(40)}
    image = Image(repository="r" * 200, tag="t" * 120)
    text = text_of(replace(READY, urls=many, images=dict.fromkeys(many, image)), ANSWER, limit=4_000)
    assert len(text) <= 4_000
    assert "| component |" not in text
    assert "*1 more parts did not fit in here.*" in text
    assert text.endswith("☑️ `/preview extend 2h` of `bob`: done\n")
