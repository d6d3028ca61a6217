# Thin: what each target does stands in scripts/, tests/ and bench/.
JOBS ?= $(shell nproc)
.PHONY: all demo test test-all bench record fuzz mutate format clean

all:
	@scripts/setup build
	@cmake -S . -B build -G Ninja --log-level=WARNING >build.log 2>&1 || { cat build.log; exit 1; }
	@rm -f build.log
	@ninja -C build -j $(JOBS) --quiet net2c

demo: all
	@scripts/demo

test:
	@scripts/setup test
	@.venv/bin/python scripts/test.py --jobs $(JOBS)

test-all:
	@scripts/setup test test-all
	@.venv/bin/python scripts/test.py --jobs $(JOBS) --all

bench: all
	@scripts/setup bench
	@.venv/bin/python bench/run.py $(ARGS)

record: all
	@scripts/setup test
	@.venv/bin/python tests/record/record.py --update $(ARGS)

fuzz:
	@scripts/setup test
	@scripts/fuzz $(SECONDS)

mutate:
	@scripts/setup test
	@.venv/bin/python scripts/mutate --jobs $(JOBS) $(ARGS)

format:
	@git ls-files '*.cpp' '*.h' '*.c' | xargs clang-format-19 -i

clean:
	@rm -rf build build-*
