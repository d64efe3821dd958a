# `make run` opens the chat page, `make test` runs every test; both set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# PyTorch is installed first, exactly, so that no CUDA packages come along where the package index
# offers a CPU build. Elsewhere name PyTorch's own index of CPU wheels: `make venv TORCH_INDEX=...`
TORCH_INDEX ?=

.PHONY: run test soak lint venv clean

run: venv
	$(BIN)/python app.py

test: venv
	$(BIN)/python -m pytest

# The long versions of tests/index and tests/fuzz, a line of result each: hours.
soak: venv
	$(BIN)/python -m tests.soak

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

venv: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch \
		$(if $(TORCH_INDEX),--index-url $(TORCH_INDEX))
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
