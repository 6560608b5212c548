# Two commands: `make demo` shows the whole product on this machine, `make test` proves it.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
WORKERS ?= 2

.PHONY: demo check test chaos bench lock clean

demo: $(INSTALLED)
	$(BIN)/ingestd demo

# Everything that needs no server beside it, in less than a minute.
check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/pytest -q -m "not servers and not journey and not heavy" -n $(WORKERS)

# Everything. A program that is missing skips its tests with a sentence; INGESTD_REQUIRE_SERVICES=1 makes that a failure.
test: $(INSTALLED)
	sh scripts/install-test-servers
	$(MAKE) check
	$(BIN)/pytest -q -m "servers or journey or heavy" -n $(WORKERS)

# Every kill point of one message's life, then 500 messages under random kills, on both databases.
chaos: $(INSTALLED)
	sh scripts/install-test-servers
	PYTHONPATH=tests:. $(BIN)/python -m chaos

bench: $(INSTALLED)
	sh scripts/install-test-servers
	$(BIN)/python -m bench

# The lock holds hashes for every extra and for the build, and neither an index nor a path of the machine that made it.
lock: $(INSTALLED)
	$(BIN)/python -m pip install --quiet uv
	printf 'hatchling>=1.27\neditables\n' | $(BIN)/uv pip compile pyproject.toml - --all-extras --universal --upgrade \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -q -o requirements.lock

$(INSTALLED): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || sh scripts/install-test-servers python3-venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
