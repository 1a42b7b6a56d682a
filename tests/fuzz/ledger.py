"""One repository under test: runs a command, and holds the branch, the commit and the files against the model."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import yaml

from starry_gitops import __version__
from tests.fuzz.model import APPS, DOMAIN, Key, Known, Refused, Repository
from tests.support.basics import now, stamp
from tests.support.cli import Result
from tests.support.repos import Apps

EXIT = {
    "usage": 2, "not_found": 3, "ttl": 5, "quota": 5, "image": 5, "name_taken": 5, "superseded": 5, "previews_off": 5,
    "too_many_deletions": 10,
}  # fmt: skip
FILES = ("application.yaml", "values.yaml")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command gave, and the instants (UTC, whole seconds) that it may have taken for now."""

    result: Result
    instants: tuple[datetime, ...]


class Ledger:
    """The model and the bare repository, kept side by side."""

    def __init__(self, apps: Apps) -> None:
        self.apps = apps
        self.model = Repository()
        self.tip = apps.tip()
        self.steps = 0

    def run(self, *args: str) -> Answer:
        """One command; nothing it prints may be a traceback."""
        before = now()
        result = self.apps.run(*args)
        seconds = int((now() - before).total_seconds())
        assert "Traceback" not in result.err
        self.steps += 1
        return Answer(result=result, instants=tuple(before + timedelta(seconds=n) for n in range(seconds + 1)))

    def expect_refusal(self, answer: Answer, refusal: Refused) -> None:
        """The right code and exit code; no result and no commit."""
        assert answer.result.code != 0, (refusal, answer.result.out)
        error = answer.result.error()
        assert error["code"] in refusal.codes, (error, refusal)
        assert answer.result.code == EXIT[error["code"]], (error, answer.result.code)
        assert answer.result.out == ""
        self.expect_no_commit()

    def expect_no_commit(self) -> None:
        """The branch stands where it stood."""
        assert self.apps.tip() == self.tip

    def expect_commit(
        self, subject: str, trailers: list[tuple[str, str]], touched: dict[Key, str], commit: str | None
    ) -> None:
        """One commit on top of the last one, with this message; `touched` has the letter of each preview's files."""
        self.model.log(touched, subject)
        tip = self.apps.tip()
        assert self.apps.git("rev-list", f"{self.tip}..{tip}").split() == [tip], "not exactly one commit"
        assert self.apps.git("log", "-1", "--format=%P", tip) == self.tip
        assert commit == tip
        assert self.apps.git("log", "-1", "--format=%s", tip) == subject
        lines = self.apps.git("log", "-1", "--format=%(trailers:only,unfold)", tip).splitlines()
        found = [tuple(line.split(": ", 1)) for line in lines if line]
        set_by_hand = {text for key in touched for text in self._sets(key)}
        assert {pair[1] for pair in found if pair[0] == "Starry-Set"} <= set_by_hand, found
        assert [pair for pair in found if pair[0] != "Starry-Set"] == [*trailers, ("Starry-Version", __version__)], (
            found
        )
        allowed = {path_of(key, file): letter for key, letter in touched.items() for file in FILES}
        changed = self.apps.changed(tip)
        assert changed.items() <= allowed.items(), (changed, allowed)
        for key, letter in touched.items():
            mine = {path_of(key, file) for file in FILES} & changed.keys()
            assert len(mine) == 2 or (letter == "M" and mine), (key, changed)
        self.tip = tip

    def _sets(self, key: Key) -> list[str]:
        known = self.model.previews.get(key)
        return [f"{key[1]} {path}" for path in known.extra] if known else []

    def expect_valid(self) -> None:
        """Nothing is found."""
        report = self.run("validate").result.json()
        assert report["findings"] == []
        assert report["previews"] == len(self.model.previews)

    def expect_files(self, keys: Iterable[Key]) -> None:
        """The files of these previews say what the model says, and keep what people wrote."""
        for key in keys:
            check_files(self.apps, key, self.model.previews[key])

    def commit(self, files: dict[str, str], keys: Iterable[Key]) -> None:
        """A person's commit."""
        self.apps.commit(dict(files), "by hand")
        self.model.log(keys, "by hand")
        self.tip = self.apps.tip()


def path_of(key: Key, file: str) -> str:
    return f"overlays/{key[0]}/previews/{key[1]}/{file}"


def urls_of(name: str, parts: Iterable[str]) -> dict[str, str]:
    return {part: f"https://{APPS[part]}.{name}.{DOMAIN}" for part in parts}


def preview_trailers(action: str, key: Key, known: Known) -> list[tuple[str, str]]:
    """The trailers of a commit for one preview, but for the version."""
    texts = {
        "Starry-Action": action,
        "Starry-Preview": key[1],
        "Starry-Overlay": key[0],
        "Starry-Owner": known.owner,
        "Starry-Pull-Request": known.pull_request,
    }
    return [(name, text) for name, text in texts.items() if text]


def annotations_of(known: Known) -> dict[str, str]:
    """Starry's annotations as the manifest must have them."""
    texts = {
        "created-at": stamp(known.created),
        "expires-at": stamp(known.expires),
        "ttl-minutes": str(known.ttl),
        "owner": known.owner,
        "pull-request": known.pull_request,
        "branch": known.branch,
        "commit": known.commit,
        "sequence": None if known.sequence is None else str(known.sequence),
        "pinned": "true" if known.pinned else None,
    }
    return {f"starry.env/{name}": text for name, text in texts.items() if text is not None}


def check_files(apps: Apps, key: Key, known: Known) -> None:
    """Both files of one preview."""
    texts = {file: apps.read(path_of(key, file)) for file in FILES}
    metadata = yaml.safe_load(texts["application.yaml"])["metadata"]
    mine = {name: text for name, text in metadata["annotations"].items() if name.startswith("starry.env/")}
    assert mine == annotations_of(known), (key, mine)
    assert metadata["labels"].get("starry.env/owner") == known.owner
    check_values(yaml.safe_load(texts["values.yaml"]), key, known)
    for note in known.notes:
        file, text = note.split(" ", 1)
        assert text in texts[file], f"lost in {key} {file}: {text!r}"
    for file, text in texts.items():
        if f"{file} \r\n" in known.notes:
            assert text.count("\n") == text.count("\r\n"), f"{key} {file}: mixed line ends"


def check_values(values: Any, key: Key, known: Known) -> None:
    """What the chart is told."""
    world = values["global"]
    assert (world["ttlMinutes"], world["labels"]) == (known.ttl, {"starry.env": key[1]})
    assert world["expiresAt"] == ("never" if known.pinned else stamp(known.expires))
    told = {"owner": known.owner, "pull-request": known.pull_request, "commit": known.commit}
    wanted = {f"starry.env/{name}": text for name, text in told.items() if text}
    assert world.get("annotations", {}) == wanted
    running = {part: values[part]["image"] for part in APPS if part == "backend" or values[part]["enabled"]}
    assert {part: (image["repository"], image["tag"]) for part, image in running.items()} == dict(known.images)
    hosts = {url.removeprefix("https://") for url in urls_of(key[1], known.images).values()}
    assert set(values["ingress"]["hosts"]) == hosts
    assert len(values["ingress"]["hosts"]) == len(hosts)
    for path, value in known.extra.items():
        *above, last = path.split(".")
        place = values
        for part in above:
            place = place[part]
        assert str(place[last]) == value, (path, place)


def first_match(answer: Answer, decide: Callable[[datetime], Any], fits: Callable[[Any], bool]) -> Any:
    """What the model decides at one of the instants that the command may have taken for now, and that fits."""
    outcomes = [decide(instant) for instant in answer.instants]
    found = next((outcome for outcome in outcomes if fits(outcome)), None)
    assert found is not None, (outcomes[0], answer.result)
    return found
