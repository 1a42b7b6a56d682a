"""What Git and the forges print when a clone or fetch fails, and the error that it means."""

# ruff: noqa: E501 - as the servers print them

from starry_gitops.errors import AccessDenied, NotFound, RemoteUnreachable, StarryError
from tests.unit.wordings_push import NEVER_READ, URL

READS: dict[str, tuple[str, type[StarryError]]] = {
    "no such branch": ("fatal: Remote branch nope not found in upstream origin\n", NotFound),
    "the branch is gone": ("fatal: couldn't find remote ref refs/heads/main\n", NotFound),
    "no such host": (f"fatal: unable to access '{URL}/': Could not resolve host: example.com\n", RemoteUnreachable),
    "no such host, over SSH": (f"ssh: Could not resolve hostname example.com: Name or service not known\n{NEVER_READ}", RemoteUnreachable),
    "nobody listens": (f"fatal: unable to access '{URL}/': Failed to connect to example.com port 443 after 1 ms: Couldn't connect to server\n", RemoteUnreachable),
    "nobody listens, over SSH": (f"ssh: connect to host example.com port 22: Connection refused\n{NEVER_READ}", RemoteUnreachable),
    "no route": (f"ssh: connect to host example.com port 22: No route to host\n{NEVER_READ}", RemoteUnreachable),
    "a time-out": (f"fatal: unable to access '{URL}/': Failed to connect to example.com port 443: Connection timed out\n", RemoteUnreachable),
    "a bad certificate": (f"fatal: unable to access '{URL}/': SSL certificate problem: unable to get local issuer certificate\n", RemoteUnreachable),
    "no such repository on GitHub": (f"remote: Repository not found.\nfatal: repository '{URL}/' not found\n", RemoteUnreachable),
    "no such repository on GitLab": (
        f"remote: The project you were looking for could not be found or you don't have permission to view it.\nfatal: repository '{URL}/' not found\n",
        RemoteUnreachable,
    ),
    "no such path": (f"fatal: '/srv/nope.git' does not appear to be a git repository\n{NEVER_READ}", RemoteUnreachable),
    "HTTP 404": (f"fatal: repository '{URL}/' not found\n", RemoteUnreachable),
    "HTTP 429": (f"fatal: unable to access '{URL}/': The requested URL returned error: 429\n", RemoteUnreachable),
    "HTTP 503": (f"fatal: unable to access '{URL}/': The requested URL returned error: 503\n", RemoteUnreachable),
    "not a Git server": (f"fatal: {URL}/info/refs not valid: is this a git repository?\n", RemoteUnreachable),
    "the server hung up": ("kex_exchange_identification: Connection closed by remote host\n" + NEVER_READ, RemoteUnreachable),
    "nobody listens to git://": ("fatal: unable to connect to example.com:\nexample.com[0: 127.0.0.1]: errno=Connection refused\n", RemoteUnreachable),
    "an unreachable host whose name says more": (
        "fatal: unable to access 'https://forbidden.example.com/apps.git/': Could not resolve host: forbidden.example.com\n", RemoteUnreachable,
    ),
    "HTTP 401": (f"fatal: Authentication failed for '{URL}/'\n", AccessDenied),
    "HTTP 403": (f"fatal: unable to access '{URL}/': The requested URL returned error: 403\n", AccessDenied),
    "GitHub: password": (
        f"remote: Support for password authentication was removed on August 13, 2021.\nfatal: Authentication failed for '{URL}/'\n", AccessDenied,
    ),
    "GitLab: token": (f"remote: HTTP Basic: Access denied. If a password was provided\nfatal: Authentication failed for '{URL}/'\n", AccessDenied),
    "no token": ("fatal: could not read Username for 'https://example.com': terminal prompts disabled\n", AccessDenied),
    "no password": ("fatal: could not read Password for 'https://ada@example.com': terminal prompts disabled\n", AccessDenied),
    "no key": (f"git@example.com: Permission denied (publickey,password).\n{NEVER_READ}", AccessDenied),
    "an unknown host key": (f"No ED25519 host key is known for example.com.\nHost key verification failed.\n{NEVER_READ}", AccessDenied),
    "another owner": ("fatal: detected dubious ownership in repository at '/srv/apps.git'\n", AccessDenied),
    "a forbidden path": ("fatal: failed to stat '/srv/apps.git': Permission denied\n", AccessDenied),
}  # fmt: skip
