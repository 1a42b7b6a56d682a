# Everything a person does here. `make help` lists it.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
# Tests run side by side, as many as there are cores.
JOBS   ?= auto
MINUTES ?= 5

.DEFAULT_GOAL := help
.PHONY: help setup gitea registry schemas tools demo demo-web test check lint types imports format bench soak lock docs site argocd-apps clean

help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

$(VENV)/run.stamp: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q starry_gitops
	@touch $@

$(VENV)/web.stamp: $(VENV)/run.stamp requirements-web.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-web.lock
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/dev.stamp ## Install Starry and its tools into .venv.

gitea: $(VENV)/dev.stamp ## Build the forge that some tests run, into .tools: once, some minutes. Needs Go and gcc.
	$(BIN)/python -m tests.support.gitea_build

registry: $(VENV)/dev.stamp ## Build the container registry that some tests run, into .tools: once, some minutes. Needs Go.
	$(BIN)/python -m tests.support.registry_build

schemas: $(VENV)/dev.stamp ## Build what validates terraform/ against its providers' schemas, into .tools. Needs Go.
	$(BIN)/python -m tests.terraform.provider_build

tools: ## Build the linter of workflows, into .tools. Needs Go.
	GOBIN=$(CURDIR)/.tools go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

demo: $(VENV)/run.stamp ## Play the whole story on a local repository, without network or account.
	@$(BIN)/starry demo

demo-web: $(VENV)/web.stamp ## The same on the web page, on this machine alone, until Ctrl-C.
	@$(BIN)/starry demo --web

test: $(VENV)/dev.stamp ## Run all tests.
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

check: lint types imports test ## Everything that must hold before a commit.

lint: $(VENV)/dev.stamp ## Check style.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev.stamp ## Check types, strictly.
	$(BIN)/mypy

imports: $(VENV)/dev.stamp ## Check the direction of imports.
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp ## Format the code.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev.stamp ## Measure Starry against plain Git; writes docs/performance.md.
	$(BIN)/python -m benchmarks.run

soak: $(VENV)/dev.stamp ## Many writers, real faults, people: is anything lost? MINUTES=5 by default.
	$(BIN)/python -m soak --minutes $(MINUTES)

docs: $(VENV)/dev.stamp ## Write the reference pages from the code.
	$(BIN)/python -m docs.generate

site: $(VENV)/dev.stamp ## Build the documentation as a site, into build/site. Needs no network.
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "To read it: $(BIN)/python -m http.server --directory build/site --bind 127.0.0.1"

argocd-apps: $(VENV)/dev.stamp ## Write argocd-apps/ anew, as starry init would.
	$(BIN)/python -m tests.scaffold.scaffold_support

lock: $(VENV)/dev.stamp ## Resolve the locked versions anew.
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" --extra web pyproject.toml --constraint requirements.lock -o requirements-web.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" --group dev --constraint requirements.lock --constraint requirements-web.lock \
	  -o requirements-dev.lock

clean: ## Remove what was built.
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
