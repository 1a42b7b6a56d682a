"""From an identity to the person whom the rest of the page knows."""

from dataclasses import dataclass

from starry_gitops.core.roles import WebSettings, owned_names, role_of
from starry_gitops.web.people import Action, NotAllowed, Person, may
from starry_gitops.web.signin.identity import Identity


@dataclass(frozen=True, kw_only=True, slots=True)
class Guest(Person):
    """A person who signed in. `names` are the owners that they are, lower-case; `binding` is what CSRF tokens fit."""

    names: frozenset[str]
    binding: str


def guest_of(identity: Identity, settings: WebSettings, *, binding: str) -> Guest:
    """The person, with the role that the settings give now.

    Raises:
        NotAllowed: they give none.
    """
    role = role_of(identity.email, identity.groups, settings)
    if role is None:
        hint = "ask for a place under web: in starry.yaml"
        raise NotAllowed(f"no access to this page for {identity.email}", hint=hint)
    names = owned_names(identity.email, identity.groups, settings)
    return Guest(name=identity.name, email=identity.email, role=role, names=names, binding=binding)


def guest_may(person: Person, action: Action, preview_owner: str | None) -> bool:
    """The rule of the roles. A developer's own previews are also those of the names that the settings give them."""
    if may(person, action, preview_owner):
        return True
    is_own = isinstance(person, Guest) and preview_owner is not None and preview_owner.lower() in person.names
    return is_own and person.role == "developer"
