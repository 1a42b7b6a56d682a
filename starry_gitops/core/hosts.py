"""Host names of a preview's components, from the settings' `hostTemplate`.

Limits: a label has at most 63 octets, a name at most 253 (RFC 1035, section 2.3.4, less the length octets).
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from starry_gitops.core.settings import Component, Overlay, Settings

MAX_LABEL = 63
MAX_HOST = 253
MAX_NAME = 53
_NAME_PATTERN = r"(?P<name>[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)"


def host_of(settings: Settings, overlay: Overlay, component: Component, name: str) -> str:
    """The host of one component of the preview `name`."""
    return _fill(settings.host_template, app=component.app, name=name, domain=overlay.domain)


def hosts_of(settings: Settings, overlay: Overlay, name: str) -> dict[str, str]:
    """The hosts of all components, by component name."""
    return {part.name: host_of(settings, overlay, part, name) for part in settings.components}


def urls_of(settings: Settings, overlay: Overlay, name: str, components: Iterable[str]) -> dict[str, str]:
    """The URLs of the named components, in the settings' order."""
    wanted = set(components)
    hosts = hosts_of(settings, overlay, name)
    return {component: f"https://{host}" for component, host in hosts.items() if component in wanted}


def env_of(component: Component, hosts: Mapping[str, str]) -> dict[str, str]:
    """The component's environment values that derive from host names."""
    env = {}
    for key, value in component.env.items():
        for name, host in hosts.items():
            value = value.replace("{host." + name + "}", host)  # noqa: PLW2901 - each host may occur
        env[key] = value
    return env


def name_limit(settings: Settings, overlay: Overlay) -> int:
    """The most characters that a preview's name may have, so that it fits a release and every host label."""
    longest = max(settings.components, key=lambda component: len(component.app))
    fitting = (n for n in range(MAX_NAME, 0, -1) if is_host(host_of(settings, overlay, longest, "x" * n)))
    return next(fitting, 0)


def is_host(host: str) -> bool:
    """True when every label has 1 to 63 characters of `[a-z0-9-]`, none at its edges is `-`, and the whole fits 253."""
    label = re.compile(rf"(?!-)[a-z0-9-]{{1,{MAX_LABEL}}}(?<!-)", re.ASCII)
    return len(host) <= MAX_HOST and all(label.fullmatch(part) for part in host.split("."))


def twins(settings: Settings, overlay: Overlay, name: str) -> Iterator[str]:
    """Other preview names that would get one of this preview's hosts, as `{app}-{name}` templates allow."""
    for host in hosts_of(settings, overlay, name).values():
        for component in settings.components:
            match = re.fullmatch(_pattern(settings.host_template, component.app, overlay.domain), host)
            if match and match["name"] != name:
                yield match["name"]


def _pattern(template: str, app: str, domain: str) -> str:
    return "".join(
        _NAME_PATTERN if part == "{name}" else re.escape(_fill(part, app=app, name="", domain=domain))
        for part in re.split(r"(\{name\})", template, maxsplit=1)
    )


def _fill(template: str, *, app: str, name: str, domain: str) -> str:
    return template.replace("{app}", app).replace("{domain}", domain).replace("{name}", name)
