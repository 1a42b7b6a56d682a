"""How often `starry apply` asks the server does not grow with the list, nor with what is pruned."""

from tests.support.gitserver import GitServer
from tests.support.lists import applied, entry
from tests.support.repos import Apps
from tests.support.transport import http


def requests(apps: Apps, server: GitServer, count: int) -> int:
    """How many requests it takes to create, update and prune so many previews each."""
    owner = f"owner-{count}"
    apps.create("seed", "--owner", owner)
    old = [f"old-{count}-{number:03}" for number in range(count)]
    over = [f"over-{count}-{number:03}" for number in range(count)]
    apps.multiply("seed", [*old, *over])
    apps.ok("delete", "seed")
    entries = [entry(name, "2.0.0") for name in old]
    entries += [entry(f"new-{count}-{number:03}", owner=f"one-{number}") for number in range(count)]
    server.requests.clear()
    result = applied(http(apps, server), entries, "--prune", "--selector", f"starry.env/owner={owner}", "--force")
    assert len(result) >= 3 * count
    return len(server.requests)


def test_requests_do_not_grow_with_the_number_of_previews(apps: Apps, server: GitServer) -> None:
    apps.git("config", "uploadpack.allowFilter", "true")
    apps.git("config", "uploadpack.allowAnySHA1InWant", "true")
    apps.settings(lambda settings: settings["policy"].update(quota={"total": 500, "perOwner": 5}))
    few, many = requests(apps, server, 3), requests(apps, server, 30)
    assert many == few
