# `make run` opens the chat page, `make test` runs every test; both set up what they need.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet

# Every package is installed as requirements.lock names it, checked by hash; PyTorch, whose wheels
# differ by index, exactly in this version, so that no CUDA packages come along where the package
# index offers a CPU build. Elsewhere name PyTorch's own index: `make run TORCH_INDEX=...`
TORCH := 2.13.0
TORCH_INDEX ?=

.PHONY: run test soak lint venv supply clean

run: $(VENV)/.run
	$(BIN)/python app.py

test: venv
	$(BIN)/python -m pytest

# The long versions of the tests, a line of result each: hours.
soak: venv
	$(BIN)/python -m tests.soak

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

venv: $(VENV)/.test

$(VENV)/.run: pyproject.toml requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --no-deps torch==$(TORCH) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX))
	$(PIP) --no-deps --require-hashes --requirement requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.test: $(VENV)/.run requirements.test.lock
	$(PIP) --no-deps --require-hashes --requirement requirements.test.lock
	touch $@

# The locks, and of what runs (not the tests) a list of licences and a bill of materials.
SUPPLY := .supply
COMPILE := $(SUPPLY)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --no-emit-package torch \
	--override <(echo "torch; sys_platform == 'never'") pyproject.toml --extra mcp
supply:
	test -x $(SUPPLY)/bin/uv || $(PYTHON) -m venv $(SUPPLY)
	$(SUPPLY)/bin/python -m pip install --quiet uv cyclonedx-bom pip-licenses
	$(COMPILE) <(printf 'networkx\nsetuptools\nsympy\n') --output-file requirements.lock # torch's own
	$(COMPILE) --extra test --constraint requirements.lock --output-file requirements.test.lock
	$(MAKE) VENV=$(SUPPLY)/run $(SUPPLY)/run/.run
	(echo "# Licences of what is installed with the program" && echo && echo "Made by \`make supply\`, as each package declares." && echo && \
		$(SUPPLY)/bin/pip-licenses --python $(SUPPLY)/run/bin/python --format markdown --order license \
		--ignore-packages pip yuanwen) > docs/licences.md
	$(SUPPLY)/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml \
		--output-file docs/sbom.json $(SUPPLY)/run/bin/python

clean:
	rm -rf $(VENV) $(SUPPLY) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
