"""What may go wrong at the door."""

from starry_gitops.errors import AccessDenied


class SignInFault(AccessDenied):
    """A sign-in did not come about; nobody is signed in by it."""

    code = "sign_in_failed"
