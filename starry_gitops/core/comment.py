"""The one comment below a pull request that tells of its preview, as Markdown.

It begins with a hidden marker, by which it is found again. Every text that is not Starry's own stands in a code span.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starry_gitops.core.command import HELP
from starry_gitops.core.hosts import is_host
from starry_gitops.core.markdown import cell, code, fitted, table
from starry_gitops.core.notice import Notice
from starry_gitops.core.ttl import format_duration

_SCHEME = "https://"
_MOST_ROWS = 40
_SHORT_COMMIT = 12
# Foreign texts hold no control character: none of them can be taken for it.
_PLACE = "\0"
_RELATIVE = re.compile(r" \([a-z0-9 ]{1,40}, as of \d{4}-\d\d-\d\d \d\d:\d\d UTC\)", re.ASCII)
_LONGEST_RELATIVE = 90
_ANSWER = "\n\n<!-- starry:answer -->"
_MOST_ANSWERED = 100
_ANSWERED = re.compile(
    rf"<!-- starry:preview v1 \S+ -->\n<!-- starry:answered((?: \d{{1,19}}){{1,{_MOST_ANSWERED}}}) -->\n",
    re.ASCII,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What became of a command: its comment's id, who wrote it, the command, and one sentence.

    `outcome` is Starry's own words, unless it was refused. `wants_help`: all commands are listed.
    """

    comment: int
    author: str
    command: str
    outcome: str
    is_refused: bool = False
    wants_help: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Sticky:
    """A rendered comment: its marker, and its text."""

    marker: str
    text: str
    pattern: re.Pattern[str]
    has_answer: bool

    def is_shown_by(self, body: str) -> bool:
        """True when a comment says the same already: how long it is until expiry was right when it was written.

        The answer to the last command stays until there is something else to say.
        """
        found = _plain(body)
        return self.pattern.fullmatch(found if self.has_answer else found.partition(_ANSWER)[0].rstrip()) is not None


def marker_of(overlay: str, name: str) -> str:
    """The hidden first line."""
    return f"<!-- starry:preview v1 {overlay}/{name} -->"


def is_sticky(body: str) -> bool:
    """True for a comment that begins as Starry's do, whoever wrote it."""
    return _plain(body).startswith("<!-- starry:")


def answered(body: str) -> tuple[int, ...]:
    """The ids of the comments whose commands were answered, the last one first. Old ones are forgotten."""
    found = _ANSWERED.match(_plain(body))
    return tuple(map(int, found[1].split())) if found else ()


def render(
    notice: Notice, now: datetime, *, limit: int, answer: Answer | None = None, before: Sequence[int] = ()
) -> Sticky:
    """At most `limit` characters, the most important first. `now` is UTC; `before` was answered before."""
    marker = marker_of(notice.overlay, notice.name)
    said = "\n\n".join(_answer(answer)) if answer else ""
    room = limit - _LONGEST_RELATIVE - len(said) - 2
    top = "\n".join((marker, *_remembered(answer, before)))
    main = fitted(_parts(notice, top), room).rstrip()
    whole = f"{main}\n\n{said}".rstrip()
    relative = _relative(notice, now)
    return Sticky(
        marker=marker,
        text=whole.replace(_PLACE, relative) + "\n",
        pattern=re.compile(_RELATIVE.pattern.join(re.escape(part) for part in whole.split(_PLACE))),
        has_answer=answer is not None,
    )


def _plain(body: str) -> str:
    return body.replace("\r\n", "\n").strip()


def _remembered(answer: Answer | None, before: Sequence[int]) -> Iterator[str]:
    """The hidden line by which the same event is known again."""
    ids = list(dict.fromkeys([*([answer.comment] if answer else []), *before]))[:_MOST_ANSWERED]
    if ids:
        yield f"<!-- starry:answered {' '.join(map(str, ids))} -->"


def _parts(notice: Notice, top: str) -> Iterator[str]:
    yield f"{top}\n### Preview {code(notice.name)}\n\n{_headline(notice)}"
    if notice.urls:
        rows = [
            (cell(component), _link(url), cell(notice.images[component].reference))
            for component, url in notice.urls.items()
        ]
        more = f"\n\n… and {len(rows) - _MOST_ROWS} more." if len(rows) > _MOST_ROWS else ""
        yield table(("component", "URL", "image"), rows[:_MOST_ROWS]) + more
    facts = list(_facts(notice))
    if facts:
        yield table(("", ""), facts)
    yield from _ways(notice)


def _headline(notice: Notice) -> str:
    match notice.state:
        case "ready":
            return "✅ **Ready to be deployed.** Argo CD takes it from the apps repository."
        case "expiring":
            return "⚠️ **Expires soon.** It goes then, unless it is extended."
        case "expired":
            return "⌛ **Expired.** The next collection removes it, unless it is extended."
        case "broken":
            return f"❌ **Broken.** {code(notice.reason)}"
        case "gone":
            when = f" Removed {_minute(notice.removed_at)}." if notice.removed_at else ""
            return f"🗑️ **Gone.** {notice.reason}{when}"
        case "none":
            return "There is no preview."


def _facts(notice: Notice) -> Iterator[tuple[str, str]]:
    if notice.pinned:
        yield "expires", "never: it is pinned"
    elif notice.expires_at:
        yield "expires", f"{_minute(notice.expires_at)}{_PLACE}"
    if notice.owner:
        yield "owner", cell(notice.owner)
    if notice.commit:
        yield "commit", cell(notice.commit[:_SHORT_COMMIT])
    if notice.urls:
        yield "overlay", cell(notice.overlay)


def _ways(notice: Notice) -> Iterator[str]:
    """How to have it longer, or at all."""
    if not notice.is_open:
        if notice.pinned:
            yield "It stays, because it is pinned. To remove it: comment `/preview delete`."
    elif notice.state in {"gone", "none"}:
        yield "To have one: comment `/preview`. All commands: `/preview help`."
    elif notice.pinned:
        yield "To let it expire again: comment `/preview unpin`. All commands: `/preview help`."
    elif notice.state != "broken":
        longest = format_duration(notice.longest_ttl)
        yield f"To keep it longer: comment `/preview extend 2h` (at most {longest}). All commands: `/preview help`."


def _answer(answer: Answer) -> Iterator[str]:
    sign = "❌" if answer.is_refused else "☑️"
    outcome = code(answer.outcome) if answer.is_refused else answer.outcome
    yield f"{_ANSWER.strip()}\n{sign} {code(answer.command)} of {code(answer.author)}: {outcome}"
    if answer.wants_help:
        yield table(("comment", "what it does"), [(f"`{command}`", meaning) for command, meaning in HELP])


def _link(url: str) -> str:
    """A link that is surely one of ours."""
    host = url.removeprefix(_SCHEME)
    return f"<{url}>" if url.startswith(_SCHEME) and is_host(host) else cell(url)


def _relative(notice: Notice, now: datetime) -> str:
    if notice.expires_at is None:
        return ""
    left = notice.expires_at - now
    words = _length(abs(left))
    return f" ({f'in {words}' if left >= timedelta(0) else f'{words} ago'}, as of {_minute(now)})"


def _length(span: timedelta) -> str:
    """The two largest units of it."""
    minutes = span // timedelta(minutes=1)
    if not minutes:
        return "less than 1 min"
    units = ((minutes // 1_440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join([f"{count} {unit}" for count, unit in units if count][:2])


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
