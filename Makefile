# Everything a newcomer runs. Each target sets up what it needs in .venv; see tools/setup.sh.

PYTEST_FLAGS ?= -n auto --dist loadfile
export PYTHON

.PHONY: help setup demo test test-all test-window extension lint format clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

setup:  ## make .venv with Python 3.11, Blender 4.2 and pinned packages
	@tools/setup.sh .venv blender-4.2

demo: setup  ## rig a sample creature and say where the results are
	@.venv/bin/python -m tools.demo

test: setup  ## run all tests with Blender 4.2
	.venv/bin/python -m pytest $(PYTEST_FLAGS) tests blender_tests

test-all: test  ## run those of the Blender side with 4.5 and 5.0 too, and the others with NumPy 2
	@tools/setup.sh .venv-4.5 blender-4.5
	.venv-4.5/bin/python -m pytest $(PYTEST_FLAGS) blender_tests
	@tools/setup.sh .venv-5.0 blender-5.0
	.venv-5.0/bin/python -m pytest $(PYTEST_FLAGS) blender_tests
	@tools/setup.sh .venv-numpy2 numpy-2
	.venv-numpy2/bin/python -m pytest $(PYTEST_FLAGS) tests

test-window: setup  ## drive the packaged extension in a real window: BLENDER=command
	.venv/bin/python -m tools.test_window --blender "$(or $(BLENDER),blender)"

extension: setup  ## build the zips that Blender installs, into dist/
	.venv/bin/python -m tools.build_extension

lint: setup  ## check style, types and who imports whom
	@mkdir -p build/typing && ln -sfn ../.. build/typing/bonewright
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/pyright --pythonpath .venv/bin/python
	.venv/bin/lint-imports

format: setup  ## put the code into the house's format, and write its map
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	.venv/bin/python -m tools.pages.map

clean:  ## remove what the targets made, but not the environments
	rm -rf build dist out
