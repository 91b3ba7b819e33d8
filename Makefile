# Two commands are enough on a fresh machine: `make run` and `make test`. Both set everything up.
# `make check` is the fast inner loop.

# The newest-tested Python first; 3.11 is the floor. A shim that cannot run is passed over.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
BIN := .venv/bin
# The bench scripts that make a claim; the other files in bench/ are their parts.
CLAIMS := linkage_vs_splink splink_import linkage_accuracy linkage_growth one_to_one unseen county_calibration standardise_people profile_csv audit_durability form_post staff_list index_match index_http text_quality text_danger text_speed text_changes
CLAIMS += $(if $(wildcard .venv/lib/python3*/site-packages/pyspark),spark_same_answers)
SPREAD := -n auto --dist loadfile
TIERS := $(wildcard tests/unit tests/generative tests/integration tests/functional tests/acceptance tests/architecture)

.PHONY: help run test check faults format setup spark bench docs lock clean

help:            ## say what each target does
	@grep -hE '^[a-z]+: .*##|^[a-z]+: *##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## ?/  make \1\t/' | expand -t 16

run: setup       ## build the demonstration county, link it, say what was found, and serve it at 127.0.0.1:8000
	@test -f workspace/demonstration.json || $(BIN)/joinedup demo --people 20000 --dir workspace --no-serve
	@$(BIN)/joinedup serve --dir workspace --port 8000

test: setup static ## everything: format, lint, types, contracts, and every tier of tests
	@# Each file's tests stay together (they share what they set up); the files are spread over the processors.
	@# What libraries say on leaving (nanobind's list of leaks) would otherwise follow pytest's closing line.
	@said() { grep -vE '^(nanobind: | - |See )' .venv/test-stderr.log >&2; }; \
		$(BIN)/pytest $(SPREAD) $(TIERS) 2> .venv/test-stderr.log; code=$$?; said; \
		echo "The website on PostgreSQL"; \
		$(BIN)/python tests/support/on_postgres.py $(SPREAD) -q tests/integration/web 2> .venv/test-stderr.log; again=$$?; said; \
		[ $$code = 0 ] && exit $$again || exit $$code

check: setup static faults ## the fast inner loop: format, lint, types, contracts, known faults, unit tests
	@$(BIN)/pytest -q -m "not slow" tests/unit

faults: setup    ## ask whether anything that we depend on has a known fault (said where nobody can be asked)
	@$(BIN)/python deploy/known_faults.py

static: setup
	@good=true; \
	$(BIN)/ruff format --check --output-format concise --quiet . || { echo "(make format puts them in order)"; good=false; }; \
	$(BIN)/ruff check --output-format concise --quiet . || good=false; \
	$(BIN)/mypy --no-error-summary || good=false; \
	$(BIN)/lint-imports > .venv/contracts.log 2>&1 || { cat .venv/contracts.log; good=false; }; \
	$$good && echo "Format, lint, types and contracts: good"

format: setup    ## put files in order: format, sort imports, mend what can be mended
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --fix --quiet .

setup:           ## make .venv from the hashed lock (about a second when it is there already)
	@test -n "$(PYTHON)" || { echo "Joinedup needs Python 3.11 or newer on the path (python3.11, python3.12, python3.13 or python3)."; \
		echo "On Debian or Ubuntu: sudo apt-get install python3 python3-venv. Or say which: make setup PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) deploy/environment.py

spark: setup     ## add Apache Spark to .venv from its own hashed lock (a large download; needs Java 17)
	@$(PYTHON) deploy/environment.py --spark

bench: setup     ## run every bench script; each ends with one JSON line: claim, figure, target, met
	@for claim in $(CLAIMS); do echo "== bench/$$claim.py"; $(BIN)/python bench/$$claim.py || exit 1; done

docs: setup      ## make the generated reference pages anew
	@$(BIN)/python docs/generate.py

lock:            ## for maintainers: resolve both locks again (needs uv); hashed, and free of hosts
	@echo 'setuptools>=80' | uv pip compile --quiet --generate-hashes --no-header --no-annotate \
		--extra ocr --extra postgres --extra text --extra web --extra dev --output-file requirements.lock pyproject.toml -
	@printf 'pyspark>=4.1\npandas>=2.2,<3\n' | uv pip compile --quiet --generate-hashes --no-header --no-annotate \
		--constraint requirements.lock --output-file requirements-spark.lock -
	@! grep -nE '://|--index|--find-links' requirements.lock requirements-spark.lock || { echo "the lock names a host; see docs/decisions/0004"; exit 1; }

clean:           ## remove what was made: environment, caches, workspace
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist workspace bench/out
	find src tests bench docs -name __pycache__ -type d -prune -exec rm -rf {} +
