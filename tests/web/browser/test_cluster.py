"""What runs of a preview, and the tags of a registry, as a browser shows them: later, and without moving anything."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from starry_gitops.clusters.finding import argo_cd
from starry_gitops.registry import find_registries
from tests.clusters.conftest import Made, made
from tests.clusters.objects import waiting_pod
from tests.clusters.server import TOKEN, ClusterServer, stalls
from tests.support.registry_server import real_registry
from tests.support.repos import Apps
from tests.web.browser.driving import PHONE, Looks, Window, guarded, window
from tests.web.browser.test_axe import BAD, axe_module
from tests.web.browser.test_comfort import SHIFT
from tests.web.test_tags import NAME, from_registry

__all__ = ["made"]

PAGE = "/previews/dev/preview-1"
ILL = "does not meet the specifications, since " + "it is as it is " * 8


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARRY_ARGOCD_TOKEN", TOKEN)


@pytest.mark.parametrize("looks", [Looks(), Looks(theme="dark"), Looks(size=PHONE)], ids=str)
def test_it_comes_later_and_moves_nothing(made: Made, browser: Browser, looks: Looks) -> None:
    with ClusterServer() as cluster, guarded(made.apps, cluster=argo_cd(cluster.url, seconds=5)) as site:
        cluster.add(made.application(health="Degraded"))
        cluster.add(waiting_pod("backend-1", "preview-1", "ImagePullBackOff", ILL))
        cluster.faults["/api/v1/applications"] = _slowly(cluster)
        with window(browser, site.url, looks) as seen:
            seen.go(PAGE)
            card = seen.page.get_by_role("region", name="In the cluster")
            expect(card).to_contain_text("Ask Argo CD")
            expect(card).to_contain_text("Synced, Degraded")
            expect(card).to_contain_text("Next: ")
            assert seen.page.evaluate(SHIFT) < 0.01
            assert not seen.is_too_wide
            assert _faults(seen) == []
            assert seen.complaints == []


def test_it_is_asked_again_until_it_runs(made: Made, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starry_gitops.web.cluster._FRESH", 0.0)
    with (
        ClusterServer() as cluster,
        guarded(made.apps, cluster=argo_cd(cluster.url, seconds=5)) as site,
        window(browser, site.url, Looks()) as seen,
    ):
        cluster.add(made.application(sync="OutOfSync", health="Missing"))
        seen.page.clock.install()
        seen.go(PAGE)
        card = seen.page.get_by_role("region", name="In the cluster")
        expect(card).to_contain_text("OutOfSync, Missing")
        cluster.replace(made.application())
        seen.page.clock.run_for(11_000)
        expect(card).to_contain_text("It runs what Git holds.")
        count = len(seen.sent)
        seen.page.clock.run_for(120_000)
        assert [line for line in seen.sent[count:] if "/cluster" in line] == []


def test_without_scripts_it_is_a_page(made: Made, browser: Browser) -> None:
    with ClusterServer() as cluster, guarded(made.apps, cluster=argo_cd(cluster.url, seconds=5)) as site:
        cluster.add(made.application())
        with window(browser, site.url, Looks(scripts=False, size=PHONE)) as seen:
            seen.go(PAGE)
            seen.follow("Ask Argo CD")
            assert "It runs what Git holds." in seen.text
            assert "UTC" in seen.text
            seen.follow("Ask again")
            assert not seen.is_too_wide


def test_argo_cd_that_is_away_is_one_line(made: Made, browser: Browser) -> None:
    with (
        guarded(made.apps, cluster=argo_cd("http://127.0.0.1:9", seconds=1)) as site,
        window(browser, site.url, Looks()) as seen,
    ):
        seen.go(PAGE)
        card = seen.page.get_by_role("region", name="In the cluster")
        expect(card).to_contain_text("Argo CD could not be asked", timeout=10_000)
        assert seen.go(f"{PAGE}/cluster") == 503
        assert _faults(seen) == []
        assert seen.go(PAGE) == 200
        seen.page.get_by_label("Keep it for").first.fill("2h")
        seen.press("Extend")
        assert "preview-1 is kept for longer." in seen.text


def test_tags_of_the_registry_are_offered(apps: Apps, browser: Browser, tmp_path: Path) -> None:
    with real_registry(tmp_path) as real:
        real.push(NAME, "v1", "pr-7-abc")
        from_registry(apps, real.host)
        apps.create("mine", "--pr", "7", tag="running-1")
        with (
            guarded(apps, registries=find_registries([real.host], "")) as site,
            window(browser, site.url, Looks()) as seen,
        ):
            seen.go("/new")
            first = seen.page.locator("datalist option").first
            expect(first).to_have_attribute("value", "v1")
            seen.page.get_by_label("Pull request").fill("7")
            seen.page.get_by_label("Branch").focus()
            expect(first).to_have_attribute("value", "pr-7-abc")
            seen.go("/previews/dev/mine/images")
            expect(first).to_have_attribute("value", "pr-7-abc")
            assert seen.complaints == []


def _slowly(cluster: ClusterServer) -> Callable[..., None]:
    """The first answer comes when the page has long been there."""
    pause = stalls(0.5)

    def answer(handler) -> None:
        cluster.faults.clear()
        pause(handler)
        handler.do_GET()

    return answer


def _faults(seen: Window) -> list[str]:
    found = axe_module.Axe().run(seen.page).response["violations"]
    return [f"{one['id']}: {node['html']}" for one in found if one["impact"] in BAD for node in one["nodes"]]
