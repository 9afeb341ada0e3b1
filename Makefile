# The short way in. Each target is one or two plain commands; README.md lists them for
# machines without make.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed

.PHONY: help book draft slides pdf test test-lowest frameworks nbgrader notebooks lab lint clean

help:
	@echo "make book       build the book: _build/html/index.html"
	@echo "make draft      the same, but only the pages that changed since it was built"
	@echo "make slides     the same, and say where the lecture slides are"
	@echo "make pdf        print the book and the slides: _build/book.pdf, _build/slides/"
	@echo "make test       pass every test, and run every notebook"
	@echo "make test-lowest  the same with the oldest versions that requirements.txt admits"
	@echo "make frameworks install PyTorch and Keras, for the chapter on frameworks alone"
	@echo "make nbgrader   install nbgrader, for teachers who grade by hand in its formgrader"
	@echo "make notebooks  execute every notebook anew, and store what it prints and draws"
	@echo "make lab        open the notebooks in JupyterLab"
	@echo "make lint       check style and types"
	@echo "make clean      delete what the other targets made"

book: $(INSTALLED)
	$(BIN)/jupyter-book build . --all -W -n --keep-going

draft: $(INSTALLED)
	$(BIN)/jupyter-book build . -W -n --keep-going

slides: book
	@echo "slides: _build/html/slides/index.html"

pdf: book
	$(BIN)/python book/print_pdf.py

test: $(INSTALLED)
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile

# In an environment of its own, with a book built by the versions that are tested.
test-lowest:
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install "uv>=0.9,<1"
	.venv-lowest/bin/uv pip install --python .venv-lowest/bin/python --resolution lowest-direct --requirement requirements.txt
	rm -rf _build
	.venv-lowest/bin/python -m pytest --numprocesses=auto --dist=loadfile

frameworks: $(INSTALLED)
	$(BIN)/python -m pip install --requirement requirements-frameworks.txt

nbgrader: $(INSTALLED)
	$(BIN)/python -m pip install --requirement requirements-grading.txt

notebooks: $(INSTALLED)
	$(BIN)/python book/execute.py book/*.ipynb

lab: $(INSTALLED)
	$(BIN)/python -m jupyterlab --notebook-dir=. book/intro.ipynb

lint: $(INSTALLED)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

clean:
	rm -rf .venv .venv-lowest _build .pytest_cache .mypy_cache .ruff_cache .hypothesis coursenn.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +

# The stamp is younger than the lists of what to install only if all of it is installed.
$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("The book needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0] + ". Name another, for instance: make book PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv --clear .venv || { echo 'No virtual environment could be made. On Debian and Ubuntu, install python3-venv first.' >&2; rm -rf .venv; exit 1; }
	$(BIN)/python -m pip install --requirement requirements.txt
	@touch $@
