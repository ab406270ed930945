# One command per chore; continuous integration calls the same ones. `make help` lists them.

BIN   := .venv/bin
STAMP := .venv/.complete

# The interpreter that makes the environment: the first of these that is new enough, or PYTHON alone where it is given.
CANDIDATES := $(or $(PYTHON),python3 python3.11 python3.12 python3.13 python3.14)

# Real MNIST and EMNIST for tests and benchmarks where the folder beside the project has them; `MHO_DATA_DIR= make test` goes without.
ifeq ($(origin MHO_DATA_DIR),undefined)
ifneq ($(wildcard ../shared/data/.),)
MHO_DATA_DIR := $(CURDIR)/../shared/data
endif
endif
ifneq ($(strip $(MHO_DATA_DIR)),)
export MHO_DATA_DIR
else
unexport MHO_DATA_DIR
endif

# A process of tests for each core, up to four, and one more for while others wait. A file stays in one, for what its tests share.
# Files with slow tests come first (tests/README.md).
# `make test PARALLEL=` runs them one after the other.
CORES    := $(shell nproc 2>/dev/null || echo 2)
PARALLEL := --numprocesses $(shell expr 1 + $(CORES)) --maxprocesses 5 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help env test test-s3 fuzz fuzz-jobs chaos readme lint format demo serve bench clean distclean FORCE

help: ## what there is
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

env: $(STAMP) ## the environment in .venv, complete or not at all (PYTHON=... chooses the interpreter)

ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
$(STAMP): FORCE
endif
$(STAMP): pyproject.toml constraints.txt
	@CANDIDATES='$(CANDIDATES)' .ci/env

test: lint ## everything from nothing: environment, lint, types, every test (PYTEST_ARGS=... narrows it)
	$(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)

test-s3: env ## artifact store and composed service on S3, against moto in an environment of its own (.venv-moto)
	.ci/env-moto
	MHO_TEST_S3=$(CURDIR)/.venv-moto/bin/python $(BIN)/python -m pytest \
	    tests/worker/contract/blobs/test_blob_store.py tests/app/files/test_artifacts_in_a_bucket.py \
	    tests/system/test_composed_service.py $(PYTEST_ARGS)

fuzz: env ## thousands of requests made from the OpenAPI document, other ones each time (FUZZ=... per operation)
	MHO_FUZZ_EXAMPLES=$(or $(FUZZ),90) $(BIN)/python -m pytest -s --timeout 3600 tests/app/test_schemathesis.py

fuzz-jobs: env ## 2,000 random jobs, other ones with another SEED= (JOBS=, PROCESSES=); an hour; goes on where it stopped
	$(BIN)/python -m benchmarks.fuzz_jobs --jobs $(or $(JOBS),2000) --seed $(or $(SEED),0) --processes $(or $(PROCESSES),1)

chaos: env ## 100 jobs while workers, Redis and server are killed at random (JOBS=, FAULTS=, SEED=); half an hour
	MHO_CHAOS_JOBS=$(or $(JOBS),100) MHO_CHAOS_FAULTS=$(or $(FAULTS),60) MHO_CHAOS_SEED=$(or $(SEED),1) \
		$(BIN)/python -m pytest -s tests/system/test_chaos.py

readme: env ## the commands of the README, one after the other as they stand, in a folder of their own
	MHO_README=1 $(BIN)/python -m pytest tests/examples/test_readme.py

lint: env ## ruff (lint, format) and mypy; nothing is changed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: env ## ruff: format, and repair what can be repaired
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

demo: env ## everything from nothing: service, a real job over HTTP, artifacts in demo-out/
	$(BIN)/python examples/demo.py

serve: env ## the service with all it needs, on http://127.0.0.1:8000 (SERVE_ARGS=...)
	$(BIN)/mho serve $(SERVE_ARGS)

bench: env ## every benchmark; results in benchmarks/results/
	$(BIN)/python -m benchmarks

clean: ## away with what was built or computed; the environment and the datasets stay
	rm -rf build dist out demo-out .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name ".venv*" -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## clean, and away with the environment as well
	rm -rf .venv .venv-moto mho.egg-info
