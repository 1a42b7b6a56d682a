# syntax=docker/dockerfile:1
# Starry's image: one command, no root, and nothing that it writes to but /tmp.
#
#   docker build --tag starry .
#   docker run --rm --read-only --tmpfs /tmp --env STARRY_REPO --env STARRY_GIT_TOKEN starry list
#   docker run --rm --read-only --tmpfs /tmp --publish 8080:8080 --env-file sign-in.env starry serve --host 0.0.0.0
#
# The base is named once, by version, Python and Debian. Who builds for production adds its digest (`@sha256:…`).
ARG PYTHON=python:3.13.14-slim-trixie

FROM ${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
# The locked packages first: these layers change only when they do. What builds the wheel stays in an environment of its
# own; beside it the one that runs, with the packages of the command line and of the web page.
COPY requirements.lock requirements-web.lock ./
RUN python -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes --only-binary :all: -r requirements.lock
RUN python -m venv /opt/starry \
 && /opt/starry/bin/pip install --require-hashes --only-binary :all: -r requirements-web.lock
COPY pyproject.toml README.md LICENSE ./
COPY starry_gitops ./starry_gitops
COPY templates ./templates
COPY charts/environment ./charts/environment
# The wheel is built and set up without network or isolation. pip itself stays behind.
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheels . \
 && /opt/starry/bin/pip install --no-deps --no-index /wheels/*.whl \
 && /opt/starry/bin/pip check \
 && /opt/starry/bin/python -m compileall -q /opt/starry/lib \
 && /opt/starry/bin/pip uninstall --yes pip

FROM ${PYTHON}
# Debian's own updates to these three: a version that is pinned here would vanish from the mirror at the next fix.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git openssh-client \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/* \
 # ssh asks for the name of the user that it runs as.
 && groupadd --gid 65532 starry \
 && useradd --uid 65532 --gid 65532 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin starry
COPY --from=build /opt/starry /opt/starry
# No byte code is written, no buffer holds back a log.
ENV PATH=/opt/starry/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TMPDIR=/tmp \
    HOME=/tmp
LABEL org.opencontainers.image.title="Starry" \
      org.opencontainers.image.licenses="MIT"
USER 65532:65532
WORKDIR /tmp
ENTRYPOINT ["starry"]
CMD ["--help"]
