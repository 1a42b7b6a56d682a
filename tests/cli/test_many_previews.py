"""What only shows once there are several previews: a partial clone has none of their files."""

from tests.support.gitserver import GitServer
from tests.support.repos import Apps
from tests.support.transport import http


def test_a_quota_per_owner_counts_previews_that_were_not_fetched(apps: Apps) -> None:
    for number in range(1, 7):
        apps.create(f"other-{number}")
    for number in range(1, 6):
        apps.create(f"own-{number}", "--owner", "bob")
    apps.fails(5, "create", "own-6", "--image", "backend=1.0.0", "--owner", "bob")
    apps.create("theirs", "--owner", "carol")


def test_the_quota_counts_over_http_too(apps: Apps, server: GitServer) -> None:
    for number in range(1, 7):
        apps.create(f"other-{number}", "--owner", "alice" if number < 6 else "bob")
    remote = http(apps, server)
    remote.fails(5, "create", "one-more", "--image", "backend=1.0.0", "--owner", "alice")
    remote.create("bobs", "--owner", "bob")
