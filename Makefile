# make run   sets up everything, builds the sample and opens the dashboard on localhost:8501
# make test  sets up everything and passes the whole suite
PYTHON ?= python3
BIN := .venv/bin
AS_OF := 2026-09-30

.PHONY: run test lint lock sample docs screenshot bench bench-pages clean

run: .venv/ready
	$(BIN)/guidemap build data/sample --store store --as-of $(AS_OF)
	$(BIN)/guidemap serve --store store

# Three at a time on two cores: one of them as a rule waits for a browser or a server.
test: .venv/ready-test
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/ready: .venv/bin/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/ready-test: .venv/ready requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

lint: .venv/ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# Needs uv on the PATH; writes name==version and hashes only.
lock:
	mkdir -p build && echo setuptools > build/lock.in
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml build/lock.in -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra test pyproject.toml build/lock.in -c requirements.lock -o requirements-test.lock
	echo dash > build/dash.in
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links build/dash.in -o bench/requirements-dash.lock

bench: .venv/ready-test
	$(BIN)/python -m bench.slo

bench-pages: .venv/ready-test build/dash/ready
	$(BIN)/python -m bench.pages --dash build/dash/bin/python

# The yardstick of bench-pages, in a place of its own: nothing else here needs Dash.
build/dash/ready: bench/requirements-dash.lock
	$(PYTHON) -m venv build/dash
	build/dash/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

sample: .venv/ready
	$(BIN)/python data/generate_sample.py
	$(BIN)/guidemap build data/sample --store build/august --as-of 2026-08-31
	$(BIN)/guidemap freeze 2026-08 --data data/sample --store build/august --replace

docs: .venv/ready
	$(BIN)/guidemap schema build/schemas > /dev/null
	cp build/schemas/data-dictionary.md docs/data-dictionary.md
	$(BIN)/guidemap build data/sample --store build/store --as-of $(AS_OF)
	$(BIN)/python docs/make_figures.py build/store

screenshot: .venv/ready-test
	$(BIN)/guidemap build data/sample --store store --as-of $(AS_OF)
	$(BIN)/python docs/make_screenshot.py

clean:
	rm -rf .venv store build
