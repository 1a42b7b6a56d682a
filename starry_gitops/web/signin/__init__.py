"""Who comes in: OpenID Connect or an identity-aware proxy, sessions, and what guards each request."""

from starry_gitops.web.signin.finding import SignIn, find_door
from starry_gitops.web.signin.iap import IapDoor
from starry_gitops.web.signin.local import local_middleware
from starry_gitops.web.signin.oidc import OidcDoor

__all__ = ["IapDoor", "OidcDoor", "SignIn", "find_door", "local_middleware"]
