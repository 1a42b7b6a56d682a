"""The tags that a form suggests: what registries say, asked in the background, beside what runs already."""

import logging
from collections.abc import Iterable

from starry_gitops.core.registry import Tag, place_of
from starry_gitops.core.settings import Component
from starry_gitops.errors import StarryError
from starry_gitops.registry import Registry
from starry_gitops.web.asking import Asking

log = logging.getLogger("starry")

_FRESH = 60.0
_SECONDS = 5.0
_AT_ONCE = 4

Found = tuple[Tag, ...]


class Tags:
    """Asks for the tags of the components' own repositories alone. Threads may share it."""

    def __init__(self, registries: Iterable[Registry]) -> None:
        self._registries = {registry.host: registry for registry in registries}
        self._asking: Asking[Found] = Asking("the registry", fresh=_FRESH, seconds=_SECONDS, at_once=_AT_ONCE)

    def serves(self, component: Component) -> bool:
        """Whether the registry of the component's images may be asked."""
        return place_of(component.image).host in self._registries

    def known(self, component: Component) -> Found:
        """What is known by now; what is not is asked for meanwhile."""
        if not self.serves(component):
            return ()
        return self._asking.known(component.image, lambda _: self._ask(component.image)) or ()

    def found(self, component: Component) -> Found:
        """What the registry says.

        Raises:
            StarryError: no answer in time, or a refusal.
        """
        return (
            self._asking.answer(component.image, lambda _: self._ask(component.image)) if self.serves(component) else ()
        )

    def _ask(self, image: str) -> Found:
        place = place_of(image)
        try:
            return self._registries[place.host].tags(place.path, seconds=_SECONDS)
        except StarryError as error:
            log.warning("no tags of %s: %s", image, error.message, extra={"event": "registry"})
            raise
