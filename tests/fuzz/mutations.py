"""Mutations of valid bytes: flips, splices, cuts, repetitions, and tokens that mean something to YAML or to Starry."""

from collections.abc import Callable, Sequence
from random import Random

LONGEST = 3 << 20

TOKENS = tuple(
    text.encode("utf-8", "surrogatepass")
    for text in (
        "&a ", "*a", "!!str ", "!!python/object/apply:os.system ", "! ", "<<: ", "--- ", "\n---\n", "\n...\n",
        "%YAML 1.2\n", "? ", ": ", "- ", "# ", " #", "'", '"', "|\n", ">-\n", "|2\n", "{", "}", "[", "]", ",", "~",
        "null", "true", "False", "yes", "NO", "1e3", "0x1F", "010", "1_000", "12:30:00", ".inf", ".nan", "-0",
        "9" * 400, "1e999", "\t", "\r", "\r\n", "\n", "\n\n", "  ", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028",
        "\ufeff", "\u202e", "\u200b", "\u00a0", "\ud800", "é", "e\u0301", "\U0001f680", "\\", "\\u0000", "\\x41",
        "{{ name }}", "{% for x in y %}", "{%- raw %}", "$(X)", "${X}", "starry.env/pinned: ",
        'starry.env/pinned: "false"\n    ', "starry.env/expires-at: ", "starry.env/owner: ", "starry.env/sequence: ",
        '"9999-12-31T23:59:59Z"', '"2026-02-29T00:00:00Z"', '"2016-12-31T23:59:60Z"', '"2026-01-01T00:00:00+14:00"',
        '"0000-01-01T00:00:00Z"', '"2026-01-01t00:00:00z"', '"-1"', '"0"', '"1.5"', '"1e3"', "30m", "PT90M", "99999d",
        "metadata: ", "annotations: ", "labels: ", "global: ", "ingress: ", "hosts: ", "image: ", "backend: ",
        "domain: ", "overlays: ", "../", "/etc/passwd", ".git/", "file:///etc/passwd", "ghp_0123456789abcdefghij",
        "postgres://u:secret@db/x", "password: hunter2\n",
    )
)  # fmt: skip

Way = Callable[[bytes, Sequence[bytes], Random], bytes]


def mutate(data: bytes, donors: Sequence[bytes], random: Random) -> bytes:
    """One to nine mutations, one after the other; few are the most likely. Half of all inputs are what people write."""
    ways = GENTLE if random.random() < 0.5 else GENTLE + ROUGH
    for _ in range(random.choice((1, 1, 1, 1, 2, 2, 3, 5, 9))):
        data = random.choice(ways)(data, donors, random)[:LONGEST]
    return data


def _span(data: bytes, random: Random) -> tuple[int, int]:
    start = random.randint(0, len(data))
    longest = random.choice((1, 4, 16, 64, len(data)))
    return start, min(len(data), start + random.randint(0, longest))


def flip(data: bytes, _donors: Sequence[bytes], random: Random) -> bytes:
    """One bit of one byte."""
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]


def put(data: bytes, _donors: Sequence[bytes], random: Random) -> bytes:
    """A token put in, or put in the place of something."""
    start, end = _span(data, random)
    return data[:start] + random.choice(TOKENS) + data[random.choice((start, end)) :]


def put_value(data: bytes, _donors: Sequence[bytes], random: Random) -> bytes:
    """A token in the place of a line's value."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    key, colon, _ = lines[at].partition(b": ")
    lines[at] = key + colon + random.choice(TOKENS)
    return b"\n".join(lines)


def cut(data: bytes, _donors: Sequence[bytes], random: Random) -> bytes:
    """Some bytes, or the end, gone."""
    start, end = _span(data, random)
    return data[:start] + (data[end:] if random.random() < 0.8 else b"")


def repeat(data: bytes, _donors: Sequence[bytes], random: Random) -> bytes:
    """Some bytes several times; now and then a great many times."""
    start, end = _span(data, random)
    times = random.choice((1, 1, 2, 3, 50, 5_000)) if end - start < 100 else 1
    return data[:end] + data[start:end] * times + data[end:]


def splice(data: bytes, donors: Sequence[bytes], random: Random) -> bytes:
    """The beginning of one and the end, or the middle, of another."""
    other = random.choice(donors)
    start, end = _span(other, random)
    at = random.randint(0, len(data))
    return data[:at] + (other[start:] if random.random() < 0.5 else other[start:end] + data[at:])


def move_lines(data: bytes, donors: Sequence[bytes], random: Random) -> bytes:
    """A line gone, doubled, moved, further in or out, or somebody else's."""
    lines = data.split(b"\n")
    line = lines.pop(random.randrange(len(lines)))
    if random.random() < 0.2:
        line = random.choice(random.choice(donors).split(b"\n"))
    for _ in range(random.choice((0, 1, 1, 2))):
        shifted = random.choice(
            (line, b" " + line, b"  " + line, line[1:], b"\t" + line, line + b"  # note", b"# " + line)
        )
        lines.insert(random.randint(0, len(lines)), shifted)
    return b"\n".join(lines)


def restyle(data: bytes, _donors: Sequence[bytes], random: Random) -> bytes:
    """Quotes, line ends or indentation as others write them."""
    old, new = random.choice((
        (b"\n", b"\r\n"), (b'"', b"'"), (b'"', b""), (b"\n  ", b"\n    "), (b"\n    ", b"\n  "), (b"\n", b"\n\n"),
        (b": ", b":  "), (b"\n", b" # why\n"), (b"\n- ", b"\n-   "), (b"  - ", b"- "), (b"\r\n", b"\n"), (b"\n", b"\r"),
    ))  # fmt: skip
    return data.replace(old, new, random.choice((1, 3, -1)))


def annotate(data: bytes, _donors: Sequence[bytes], random: Random) -> bytes:
    """What a reviewer writes: comments on lines of their own or at a line's end, and empty lines."""
    lines = data.split(b"\n")
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(lines))
        if random.random() < 0.4 and lines[at].strip():
            lines[at] += random.choice((b" # why", b"  # a: b", b"\t# tab", b" #"))
        else:
            lines.insert(at, random.choice((b"", b"# note", b"    # note", b"      # - x", b"  ", b"#")))
    return b"\n".join(lines)


def rewrite_value(data: bytes, _donors: Sequence[bytes], random: Random) -> bytes:
    """The same value in another style: single quotes, plain, a block, on the next line, with an escape."""
    lines = data.split(b"\n")
    keyed = [number for number, line in enumerate(lines) if b": " in line]
    if not keyed:
        return data
    at = random.choice(keyed)
    key, _, value = lines[at].partition(b": ")
    bare, indent = value.strip(b"\"'"), b" " * (len(key) - len(key.lstrip()) + 2)
    lines[at] = random.choice((
        key + b": '" + bare + b"'", key + b": " + bare, key + b":   " + value, key + b": |\n" + indent + bare,
        key + b": >-\n" + indent + bare, key + b":\n" + indent + value,
        key + b' : "\\x' + bare[:1].hex().encode() + bare[1:] + b'"',
        indent[2:] + b'"' + key.strip() + b'": ' + value, key + b': "' + bare[:3] + b"\\\n" + indent + bare[3:] + b'"',
    ))  # fmt: skip
    return b"\n".join(lines)


def add_key(data: bytes, _donors: Sequence[bytes], random: Random) -> bytes:
    """A further key, of somebody else's, beside one that is there."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    name = random.choice((b"team", b"x.y/z", b'"q r"', b"'s'", b"1", b"yes", b"replicas", b"env", b"note", b"owner"))
    value = random.choice((
        b"1", b"a", b'"b"', b"[c, d]", b"{e: f}", b"", b"|\n" + indent + b"   # text\n" + indent + b"   g: h",
        b"\n" + indent + b"  - i\n" + indent + b"  - j", b"\n" + indent + b"- k", b"\n" + indent + b"  l: m", b"~",
    ))  # fmt: skip
    lines.insert(at + random.randint(0, 1), indent + name + b": " + value)
    return b"\n".join(lines)


def flow(data: bytes, _donors: Sequence[bytes], random: Random) -> bytes:
    """A block of simple keys as a flow map."""
    lines = data.split(b"\n")
    heads = [number for number, line in enumerate(lines[:-1]) if line.rstrip().endswith(b":")]
    if not heads:
        return data
    at = random.choice(heads)
    indent = len(lines[at]) - len(lines[at].lstrip())
    end = at + 1
    while end < len(lines) and len(lines[end]) - len(lines[end].lstrip()) > indent and lines[end].strip():
        end += 1
    body = [line.strip() for line in lines[at + 1 : end]]
    if body and all(b": " in line and not line.startswith((b"-", b"#")) for line in body):
        glue = random.choice((b", ", b",\n" + b" " * (indent + 4), b" , "))
        lines[at:end] = [lines[at].rstrip() + b" {" + glue.join(body) + random.choice((b"}", b" }", b",}"))]
    elif body and all(line.startswith(b"- ") and b": " not in line for line in body):
        lines[at:end] = [lines[at].rstrip() + b" [" + b", ".join(line[2:] for line in body) + b"]"]
    return b"\n".join(lines)


GENTLE: tuple[Way, ...] = (annotate, annotate, rewrite_value, rewrite_value, add_key, flow, restyle)
ROUGH: tuple[Way, ...] = (flip, put, put_value, put_value, cut, repeat, splice, move_lines, move_lines, restyle)
