# `make demo` and `make test` need nothing but Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin

help:            ## what can be made
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

.venv/.run: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
		|| { echo "Python 3.11, 3.12 or 3.13 is needed; call make PYTHON=/path/to/one" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/.dev: requirements/dev.txt .venv/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

demo: .venv/.run ## everything on this machine: OMS, broker, three partners, mail, kiosk
	$(BIN)/python main.py demo $(ARGS)

test: .venv/.dev ## the tests; real browser and real servers included where they are installed
	$(BIN)/python -m pytest -q $(ARGS)

check: .venv/.dev ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev ## measure; JSON lines go to build/bench.jsonl (make bench ONLY=search)
	$(BIN)/python -m bench $(ONLY)

torture: .venv/.dev ## kill -9 at random points, then count (make torture KILLS=2000 PLANT=name)
	$(BIN)/python -m tests.torture --kills $(or $(KILLS),2000) $(if $(PLANT),--plant $(PLANT)) $(ARGS)

lock:            ## compile pyproject.toml to hashed requirements (needs uv)
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra build pyproject.toml -o requirements/run.txt
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra build --extra dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt

.PHONY: help demo test check bench torture lock
