# make run      set up everything, then the demonstration
# make test     set up everything, then the whole test suite
# make check    lint, types, layers (no tests)
# make bench    speed, size and idleness of this machine; minutes
# make eval     evidence recall; DATA=path/to/data holds locomo/ and beam/
# make proof    the tests that take minutes: 200 killed writers, and whatever is marked slow
# make figures  write the figures of README.md and docs/ from benchmarks/results
# make clean    remove what make made
PYTHON ?= python3
VENV   ?= .venv
DATA   ?= ../shared/data
BIN     = $(VENV)/bin
STAMP   = $(VENV)/.installed

.PHONY: run test check bench eval proof figures clean help

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Remanence needs Python 3.11 or newer; set PYTHON=... to one") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1" -c constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --editable . --group dev
	@touch $(STAMP)

run: $(STAMP)
	$(BIN)/remanence demo

test: $(STAMP)
	$(BIN)/python -m pytest -m "not slow"

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/remanence bench

eval: $(STAMP)
	$(BIN)/remanence eval $(DATA)/locomo/locomo_dev.json --corrections $(DATA)/locomo/corrections_dev.json
	$(BIN)/remanence eval $(DATA)/beam

# pytest ends with 5 when no test is marked so.
proof: $(STAMP)
	REMANENCE_KILLS=200 $(BIN)/python -m pytest tests/integration/test_log_crash.py tests/integration/test_kill.py
	$(BIN)/python -m pytest -m slow || test $$? -eq 5

figures: $(STAMP)
	$(BIN)/python tools/docs_figures.py

clean:
	rm -rf $(VENV) dist build
