# Two commands for a newcomer: `make demo` and `make test`.  Everything else is for those who change Koban.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

WEB := $(shell find web -type f -not -path 'web/node_modules/*' 2>/dev/null)
NO_NODE := echo "!! Node 20 or newer is not here: the console is NOT built and NOT tested; koban serve has the API alone"

.PHONY: demo console test check format docs spark audit bench lock clean help

help: ## Say what each target does
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

.venv/made:
	@echo "== Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Koban needs Python 3.11 or newer; set PYTHON=/path/to/it"; exit 2; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/run: .venv/made requirements/run.txt requirements/demo.txt pyproject.toml
	@echo "== Installing Koban and the emulated AWS, pinned and hashed"
	@$(PIP) -r requirements/run.txt -r requirements/demo.txt
	@echo "$(CURDIR)/src" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/koban.pth"
	@printf '#!%s\nimport sys\nfrom koban.__main__ import main\nsys.exit(main())\n' "$(CURDIR)/$(BIN)/python" > $(BIN)/koban
	@chmod +x $(BIN)/koban
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	@echo "== Installing what the tests and checks need, pinned and hashed"
	@$(PIP) -r requirements/dev.txt
	@touch $@

.venv/node: .venv/made web/package.json web/package-lock.json
	@if command -v npm >/dev/null; then echo "== Installing what the console is built with, pinned and hashed"; \
	  (cd web && npm ci --silent --no-audit --no-fund) && touch $@; else $(NO_NODE); fi

.venv/web: .venv/node $(WEB)
	@if [ -e .venv/node ]; then echo "== Building the console"; (cd web && npm run --silent build) && touch $@; fi

console: .venv/web ## Build the console

demo: .venv/run .venv/web ## Assess an emulated AWS organisation and its templates, and show the reports
	@$(BIN)/koban demo

test: .venv/dev .venv/web ## Run the tests
	@if [ -e .venv/node ]; then echo "== Tests of the console"; (cd web && npm test --silent); fi
	@echo "== Tests, on all cores"
	@$(BIN)/python -m pytest -n auto

check: .venv/dev .venv/node ## Format, lint, types, layers, docs: what CI runs before the tests
	@echo "== Format"; $(BIN)/ruff format --check --quiet .
	@echo "== Lint"; $(BIN)/ruff check --quiet .
	@echo "== Types"; $(BIN)/mypy
	@echo "== Layers"; $(BIN)/lint-imports --no-cache
	@echo "== Docs"; PYTHONPATH=src $(BIN)/python docs/generate.py --check
	@if [ -e .venv/node ]; then echo "== Console"; (cd web && npm run --silent check); fi

format: .venv/dev ## Format the code and mend what the linter can
	@$(BIN)/ruff format --quiet .; $(BIN)/ruff check --fix --quiet .

docs: .venv/dev ## Write the reference pages from the code
	@PYTHONPATH=src $(BIN)/python docs/generate.py

spark: .venv/dev requirements/spark.txt ## Run the tests of the Spark engine on a cluster of this machine (needs Java 17)
	@$(PIP) -r requirements/spark.txt
	@$(BIN)/python -m pytest tests/lake/test_spark.py

audit: .venv/dev .venv/node ## Ask for known vulnerabilities of what Koban uses (needs the registries' own services)
	@wrong=0; for kind in run demo dev spark; do \
	  $(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements/$$kind.txt || wrong=1; done; \
	if [ -e .venv/node ]; then (cd web && npm audit) || wrong=1; fi; exit $$wrong

bench: .venv/dev ## Measure beside the peers (installs them into .venv/peers); takes a while
	@$(BIN)/python -m benchmarks

lock: .venv/made ## Pin and hash the requirements anew
	@$(PYTHON) -m venv .venv/lock && .venv/lock/bin/python -m pip install --quiet pip-tools
	@for kind in run demo dev spark; do \
	  .venv/lock/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements/$$kind.txt requirements/$$kind.in; done

clean: ## Remove everything that was made here
	@rm -rf .venv web/node_modules src/koban/interfaces/api/static .pytest_cache .mypy_cache .ruff_cache .hypothesis
