.PHONY: setup demo test lint format deep crash company bench lock revision postgres browser
.DEFAULT_GOAL := setup

# everything nurture needs, in .venv; does nothing when nothing has changed
setup: .venv/.ready

.venv/.ready: setup.sh requirements.txt pyproject.toml
	./setup.sh

# a running company in one command
demo: setup
	.venv/bin/nurture demo

test: setup postgres browser
	.venv/bin/python -m pytest -n 2 --dist loadfile

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: setup
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

# each property tried with twenty times as many examples, or as many as make deep n=50 says
deep: setup postgres
	.venv/bin/python -m pytest -p tests.deep --deep $(or $(n),20)

# kill the engine a thousand times, each time at another moment
crash: setup postgres
	CRASH_SCHEDULES=1000 .venv/bin/python -m pytest tests/crash

# ninety days of a company with 2,000 leads, held against what is true of them
company: setup
	COMPANY_LEADS=2000 .venv/bin/python -m pytest tests/company

bench: setup postgres
	.venv/bin/python -m benchmarks

# pin the newest versions that fit pyproject.toml, with their hashes
lock: setup
	.venv/bin/uv pip compile pyproject.toml --all-extras --universal --generate-hashes \
	    --no-emit-index-url --no-header --quiet --output-file requirements.txt

# make revision m="leads have a region": the next migration, from what changed in models/
revision: setup
	.venv/bin/python -m models.migrations "$(m)"
	.venv/bin/ruff format --quiet models/migrations
	.venv/bin/ruff check --quiet --fix models/migrations

# the tests start a server of their own; this only sees to it that there is one to start
postgres:
	@if ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then true; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y postgresql >/dev/null; \
	else echo "the tests need PostgreSQL 15 or newer: sudo apt-get install postgresql" >&2; exit 1; fi

browser:
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
	    command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null; \
	else echo "the tests of the pages need Chromium or Chrome: sudo apt-get install chromium" >&2; exit 1; fi
