# Everything a developer or a CI job calls. `make help` lists it.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
UI := app/static/ui/index.html
PORT ?= 8080

.DEFAULT_GOAL := help
.PHONY: help install ui run test test-all test-cluster check bench clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMP) ## Make .venv with the locked dependencies

$(STAMP): pyproject.toml requirements-dev.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.lock > .venv/uv.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r .venv/uv.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $(STAMP)

ui: $(UI) ## Build the web UI

$(UI): $(STAMP) $(shell git ls-files ui 2>/dev/null)
	$(BIN)/python ui/build.py

run: $(STAMP) $(UI) ## Start everything on this machine and run an example flow; PORT=8081 for another port
	$(BIN)/trunkline standalone --example --port $(PORT)

test: $(STAMP) $(UI) ## The tests
	$(BIN)/python -m pytest -n 3 -m "not slow"

test-all: test ## The tests, then the slow ones: compose, soak, long properties
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "slow and not cluster"

test-cluster: $(STAMP) ## The chart before a real API server of Kubernetes; builds it: needs Go, etcd and helm
	tests/deploy/build_apiserver.sh $(CURDIR)/.venv/bin
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(BIN)/python -m pytest -m cluster

check: $(STAMP) ## Lint, types, unit tests of the UI, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python ui/build.py check
	$(BIN)/python ui/build.py test
	$(BIN)/python -m pytest -q tests/test_architecture.py

bench: $(STAMP) ## Measure against raw Celery; ROWS=P1,P4 for some rows
	$(BIN)/python bench/run.py $(ROWS)

clean: ## Remove what the other targets made
	rm -rf .venv .data .node ui/node_modules app/static/ui .mypy_cache .ruff_cache .pytest_cache .hypothesis
