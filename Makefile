# Ladder needs Python 3.11 or newer and make. Everything is installed into .venv, once.
PORT ?= 8000
PYTHON ?=
ARGS ?=
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help run test check bench lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

run: ## Start Ladder at http://127.0.0.1:8000/ (another port: make run PORT=8001)
	@sh bin/setup requirements.txt
	@exec .venv/bin/python manage.py serve --port "$(PORT)"

test: ## Run the tests (some of them: make test ARGS="tests/roles -k search")
	@sh bin/setup requirements-dev.txt
	.venv/bin/python -m pytest -n auto --dist loadscope $(ARGS)

check: ## Check style, types, imports, templates, migrations and the production settings
	@sh bin/setup requirements-dev.txt
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	find . -name .venv -prune -o -name '*.html' -exec .venv/bin/djade --check {} +
	.venv/bin/python manage.py makemigrations --check --dry-run
	LADDER_MODE=production LADDER_ALLOWED_HOSTS=ladder.example \
	LADDER_SECRET_KEY=not-a-secret-only-for-this-check-0123456789-abcdefghij \
	DATABASE_URL=postgres://nobody@localhost/nothing REDIS_URL=redis://localhost EMAIL_URL=smtp://localhost \
		.venv/bin/python manage.py check --deploy --fail-level WARNING

bench: ## Measure how fast the pages answer and the batch runs (a part: make bench ARGS="--only batch")
	@sh bin/setup requirements-dev.txt
	.venv/bin/python -m tests.benchmarks.run $(ARGS)

LOCK = .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--python-version 3.11 --custom-compile-command "make lock"

lock: ## Lock the dependencies of pyproject.toml (newer ones: make lock ARGS=--upgrade)
	@sh bin/setup requirements-dev.txt
	$(LOCK) $(ARGS) pyproject.toml -o requirements.txt
	$(LOCK) $(ARGS) --group dev pyproject.toml -c requirements.txt -o requirements-dev.txt

clean: ## Remove what can be made again; var/, the data, stays
	rm -rf .venv staticfiles .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
