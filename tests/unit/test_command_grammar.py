"""The commands in comments: which lines count, and what they mean."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from starry_gitops.core.command import HELP, Command, Mistake, find_command
from tests.support.markdown import pieces


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("/preview", Command(verb="preview", text="/preview")),
        ("/preview  \t", Command(verb="preview", text="/preview")),
        ("/Preview EXTEND 2H", Command(verb="extend", text="/preview extend 2h", minutes=120)),
        ("/preview extend pt90m", Command(verb="extend", text="/preview extend 1h30m", minutes=90)),
        ("/preview\textend\t45m", Command(verb="extend", text="/preview extend 45m", minutes=45)),
        ("/preview delete", Command(verb="delete", text="/preview delete")),
        ("/preview pin", Command(verb="pin", text="/preview pin")),
        ("/preview unpin", Command(verb="unpin", text="/preview unpin")),
        ("/preview help", Command(verb="help", text="/preview help")),
        ("Thanks!\n/preview pin\nBye", Command(verb="pin", text="/preview pin")),
        ("Thanks!\r\n\r\n/preview pin\r\n", Command(verb="pin", text="/preview pin")),
        ("> /preview delete\n\n/preview pin", Command(verb="pin", text="/preview pin")),
        ("```\n/preview delete\n```\n/preview pin", Command(verb="pin", text="/preview pin")),
        ("~~~ sh\n```\n/preview delete\n~~~~ \n/preview pin", Command(verb="pin", text="/preview pin")),
        ("<b>now</b>\n\n/preview pin", Command(verb="pin", text="/preview pin")),
        ("<!-- note -->\n\n/preview pin", Command(verb="pin", text="/preview pin")),
    ],
)
def test_commands(body: str, command: Command):
    assert find_command(body) == command


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Please /preview this",
        " /preview",
        "\t/preview",
        "    /preview",
        "/previews",
        "/preview-delete",
        "\\/preview",
        "`/preview`",
        "> /preview delete",
        "> said\n/preview delete",
        "```\n/preview delete\n```",
        "```\n/preview delete",
        "````\n```\n/preview delete\n````",
        "~~~\n```\n/preview delete\n```\n~~~",
        "- a\n  ```\n  b\n\n```\n/preview delete\n```",
        "`a\n/preview delete\nb`",
        "<!--\n/preview delete\n-->",
        "<!-- a\n--> <!--\n\n/preview delete\n-->",
        "<pre>\n\n/preview delete\n</pre>",
        "<div>\n```\n\n```\n\n/preview delete\n",
        ">>>\n\n/preview delete\n\n>>>",
        "[a]:\n/preview",
        "$$\n/preview delete\n$$",
        "a\u2028/preview delete",
        "a\x0b/preview delete",
        "/preview\u00a0delete",
    ],
)
def test_no_command(body: str):
    assert find_command(body) is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("/preview now", "there is no such command: /preview help lists them"),
        ("/preview delete preview-7", "nothing may follow /preview delete"),
        ("/preview pin; rm -rf /", "there is no such command: /preview help lists them"),
        ("/preview extend", "say for how long, e.g. /preview extend 2h"),
        ("/preview extend 2h 3h", "say for how long, e.g. /preview extend 2h"),
        ("/preview extend 2", "that is no duration in whole minutes: write 45m, 2h or 1h30m"),
        ("/preview extend -2h", "that is no duration in whole minutes: write 45m, 2h or 1h30m"),
        ("/preview extend 90s", "that is no duration in whole minutes: write 45m, 2h or 1h30m"),
        ("/preview extend $(id)", "that is no duration in whole minutes: write 45m, 2h or 1h30m"),
        ("/preview\n\n/preview pin", "one command per comment, please: there are 2"),
        (f"/preview {'x' * 300}", "that is longer than any command"),
    ],
)
def test_mistakes(body: str, reason: str):
    found = find_command(body)
    assert isinstance(found, Mistake)
    assert found.reason == reason
    assert found.text.isprintable()
    assert len(found.text) <= 201


def test_help_lists_commands():
    assert all(isinstance(find_command(line), Command) for line, _ in HELP)


_LINES = st.sampled_from([
    "/preview pin", "/preview pin", "", "", "a", "> a", ">", ">>>", "- a", "  b", "1. > a", "```", "```sh", "  ```",
    "- ```", "~~~", "````", "`", "`a", "<div>", "</div>", "<pre>", "</pre>", "<!--", "-->", "a <!-- b", "--> <!--",
    "<?", "?>", "<!A", "<a", "[a]:", "[a", "b]:", "| a |", "|--|", "===", "---", "    a", "\ta", "a  ", "a\\",
    "<![CDATA[", "]]>", "<script>", "<a href='",
])  # fmt: skip


@given(st.lists(_LINES, max_size=9))
@example(["- a", "  ```", "  b", "", "```", "/preview pin", "```"])
def test_a_command_is_seen_as_text(lines: list[str]):
    """Whatever counts as a command, a reader of the comment sees as a line of text outside quotes and code."""
    body = "\n".join(lines)
    if not isinstance(find_command(body), Command):
        return
    seen = pieces(body)
    place = next(
        place
        for place, piece in enumerate(seen)
        if piece.kind == "text" and piece.text.startswith("/preview pin") and "blockquote" not in piece.within
    )
    before = "".join(piece.text for piece in seen[:place] if piece.kind == "html_block")
    assert before.count("<!--") <= before.count("-->")


@given(st.text(max_size=400))
def test_any_text(body: str):
    found = find_command(body)
    assert found is None or found.text.isprintable()
