# Makefile -- short names for what people do; the build itself is Meson's (meson.build).
#
#     make serve     install what is needed, build, and run a demo server
#     make check     build with gcc, clang and sanitizers, run every test
#     make lint      formatting, the rooms, clang-tidy, cppcheck
#     make fuzz      every fuzz target for FUZZ_SECONDS each
#     make bench     compare with Dovecot, the short form of bench/README.md
#     make measure   sizes of files, functions and the binary
#     make install   into PREFIX (default /usr/local)

BUILD = build/release
PREFIX = /usr/local
# Where `make serve` keeps its mail. Remove the directory to start again. Root's store process is
# a user of its own; where it cannot be shown this folder (a container), it needs an open one.
DEMO_DATA := $(shell [ "$$(id -u)" -ne 0 ] || unshare --mount true 2>/dev/null && \
    echo demo-data || echo /var/lib/roost-demo)
FUZZ_SECONDS = 60

.PHONY: all build serve check lint fuzz bench measure install clean

all: build

build:
	@tools/install-deps build
	@mkdir -p build
	@test -f $(BUILD)/build.ninja || \
	    meson setup $(BUILD) --prefix=$(PREFIX) >build/release.setup.log || \
	    { cat build/release.setup.log; exit 1; }
	@ninja -C $(BUILD) --quiet src/cli/roost

serve: build
	$(BUILD)/src/cli/roost serve --demo --data $(DEMO_DATA)

check:
	@tools/install-deps build test dev
	@tools/check

lint:
	@tools/install-deps build dev
	@tools/lint

fuzz:
	@tools/install-deps build dev
	@tools/fuzz $(FUZZ_SECONDS)

bench:
	@bench/compare --short

measure: build
	@tools/measure $(BUILD)/src/cli/roost

install: build
	meson install -C $(BUILD) --no-rebuild

clean:
	rm -rf build
