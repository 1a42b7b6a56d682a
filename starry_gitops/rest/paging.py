"""Where a list goes on."""

import re
from urllib.parse import parse_qsl, urlsplit

_HAS_NEXT = re.compile(r"rel=\"?next\"?(?=[\s;,]|$)", re.IGNORECASE)
_NEXT = re.compile(r"<([^<>]*)>\s*(?:;[^,<>]*?)?;\s*rel=\"?next\"?(?=[\s;,]|$)", re.IGNORECASE)


def next_query(link: str) -> dict[str, str] | None:
    """The query of the next page, by a Link header (RFC 8288, `rel="next"`); None where there is none.

    Only the query is taken: the place stays the caller's own.

    Raises:
        ValueError: there is a next page, and it cannot be told which.
    """
    if not _HAS_NEXT.search(link):
        return None
    found = _NEXT.search(link)
    query = parse_qsl(urlsplit(found.group(1)).query, strict_parsing=True) if found else []
    if not query:
        raise ValueError("no query")
    return dict(query)
