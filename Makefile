# The daily verbs. `make run` and `make test` need Python 3.11+ with venv, and make; they set up the rest in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := .cache/sample-repo
export PYTHONDONTWRITEBYTECODE :=

# Processes that run tests side by side: most of them wait for servers, so more than a small machine has cores.
WORKERS ?= 4

# For each target of made-up input; 1200 make a night of all. FUZZ_START is the number of the first input, else the clock.
FUZZ_SECONDS ?= 3
FUZZ_START ?=
SOAK_KILLS ?= 100

LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: run test lint format types parts postgres browser load relevance soak fuzz audit sbom bench bench-small assets sample lock translations clean help

help: ## Show these verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(VENV)/run.stamp assets sample ## Serve the catalog on http://127.0.0.1:8080
	$(BIN)/chartroom serve

test: $(VENV)/dev.stamp assets sample ## Run the tests that need nothing but Python
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint: $(VENV)/dev.stamp ## Style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

parts: $(VENV)/dev.stamp assets sample ## Tests on a real API server, helm and Chromium (built once, cached)
	tests/parts/get all
	$(BIN)/python -m pytest -m "parts or browser" tests

load: $(VENV)/dev.stamp sample ## Mixed traffic on several processes while a large index is synced: two minutes
	tests/parts/get postgres
	$(BIN)/python -m tests.load

postgres: $(VENV)/dev.stamp assets sample ## The tests of what stands on the store, with PostgreSQL as the store
	tests/parts/get postgres
	CHARTROOM_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile tests/integration

relevance: $(VENV)/dev.stamp sample ## Ask what people search for and count the right answers
	$(BIN)/python -m tests.relevance --failures

soak: $(VENV)/dev.stamp sample ## Kill processes at random moments, SOAK_KILLS times on each database
	tests/parts/get postgres
	$(BIN)/python -m tests.soak --kills $(SOAK_KILLS)

fuzz: $(VENV)/dev.stamp ## Feed each parser of foreign input with made-up input for FUZZ_SECONDS
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS) $(addprefix --start ,$(FUZZ_START))

audit: $(VENV)/dev.stamp ## Ask whether anything pinned is known to be vulnerable; fails where nobody could tell
	$(BIN)/python -m tests.supply audit

sbom: $(VENV)/dev.stamp ## List what an installed Chartroom is made of in .cache/sbom.json (CycloneDX)
	$(BIN)/python -m tests.supply sbom

bench: $(VENV)/dev.stamp sample ## Measure beside helm and SQLite, as ratios of one run
	tests/parts/get helm3 helm4
	$(BIN)/python -m tests.bench

bench-small: $(VENV)/dev.stamp sample ## The search's answers and times in a small catalog, in seconds
	$(BIN)/python -m tests.bench search --small

assets: $(VENV)/run.stamp ## Bundle the scripts of the pages; pages work without them
	@command -v npm >/dev/null 2>&1 || $(BIN)/python -m pip install -q --require-hashes -r requirements/node.lock
	@$(BIN)/python catalog_web/assets/build || echo "The page scripts could not be built (no npm registry?). Pages work without them." >&2
	@$(BIN)/python -m catalog_web.translations.compile

translations: $(VENV)/dev.stamp ## Collect new texts into the catalogs of messages
	$(BIN)/pybabel -q extract -F catalog_web/translations/babel.cfg -k N_ -k counted:1,2 -o .cache/messages.pot .
	$(BIN)/pybabel -q update -i .cache/messages.pot -d catalog_web/translations

sample: $(VENV)/run.stamp ## Pack the sample repository
	@$(BIN)/python config/pack_sample_repo.py config/sample-repo $(SAMPLE)

lock: $(VENV)/dev.stamp ## Pin the newest versions that pyproject.toml allows
	$(BIN)/uv pip compile $(LOCK) -o requirements/run.lock pyproject.toml
	$(BIN)/uv pip compile $(LOCK) --extra build -c requirements/run.lock -o requirements/build.lock pyproject.toml
	$(BIN)/uv pip compile $(LOCK) --no-annotate -o requirements/node.lock requirements/node.in
	$(BIN)/uv pip compile $(LOCK) --all-extras -c requirements/run.lock -o requirements/dev.lock pyproject.toml


clean: ## Remove everything that these verbs made
	rm -rf $(VENV) .cache catalog_web/static/assets catalog_web/assets/node_modules

$(VENV)/run.stamp: requirements/run.lock requirements/build.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Chartroom needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/build.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@
