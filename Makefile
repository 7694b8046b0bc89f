# ketocohort: plain PGXS.  `make help` lists the targets.

srcdir ?= .
EXTENSION = ketocohort
EXTVERSION = 0.1.0
MODULE_big = ketocohort

SOURCES = $(wildcard $(srcdir)/src/*.c $(srcdir)/src/stat/*.c $(srcdir)/src/summary/*.c $(srcdir)/src/func/*.c)
OBJS = $(patsubst $(srcdir)/%.c,%.o,$(SOURCES))

SQL_PIECES = $(sort $(wildcard $(srcdir)/sql/[0-9]*-*.sql))
SQL_INSTALL = sql/$(EXTENSION)--$(EXTVERSION).sql
SQL_UPGRADES = $(wildcard $(srcdir)/sql/$(EXTENSION)--*--*.sql)
DATA = $(SQL_UPGRADES)
DATA_built = $(SQL_INSTALL)
EXTRA_CLEAN = $(SQL_INSTALL) build

TESTS = $(sort $(wildcard $(srcdir)/test/sql/*.sql))
REGRESS = $(patsubst $(srcdir)/test/sql/%.sql,%,$(TESTS))
REGRESS_OPTS = --encoding=UTF8 --inputdir=$(srcdir)/test --outputdir=test/results --load-extension=$(EXTENSION)

PG_CPPFLAGS = -I$(srcdir)/src -DKETOCOHORT_VERSION=\"$(EXTVERSION)\"
# No contraction into fused operations: double-double arithmetic relies on every rounding.
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -ffp-contract=off
SHLIB_LINK = -lm -Wl,--version-script=$(srcdir)/src/exports.map

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)


# Bitcode is a convenience: without the server's own clang, build without it.
ifeq ($(shell command -v $$(sed -n 's/^CLANG = *//p' $$(dirname $(PGXS))/../Makefile.global) 2>/dev/null),)
override with_llvm = no
endif

include $(PGXS)

# A build outside of the source tree (make VPATH=...) needs its folders.
ifdef VPATH
$(shell mkdir -p $(sort $(dir $(OBJS))) sql test)
endif

$(SQL_INSTALL): $(SQL_PIECES)
	cat $^ > $@

# Objects depend on every header: the tree is small, a stale object is not worth it.
$(OBJS): $(wildcard $(srcdir)/src/*.h $(srcdir)/src/stat/*.h $(srcdir)/src/summary/*.h $(srcdir)/src/func/*.h)

# ---- unit tests: src/stat alone, under sanitizers -------------------------------------

UNIT_CC ?= gcc
UNIT_FLAGS = -std=gnu99 -g -O1 -Wall -Wextra -Werror -Wdeclaration-after-statement -Wno-unused-function -ffp-contract=off \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined -I$(srcdir)/src -I$(srcdir)/test/unit
UNIT_TESTS = $(patsubst $(srcdir)/test/unit/test_%.c,build/unit/test_%,$(wildcard $(srcdir)/test/unit/test_*.c))

UNIT_OBJS = $(patsubst $(srcdir)/src/stat/%.c,build/unit/%.o,$(wildcard $(srcdir)/src/stat/*.c))

build/unit/%.o: $(srcdir)/src/stat/%.c $(wildcard $(srcdir)/src/stat/*.h)
	@mkdir -p $(@D)
	$(UNIT_CC) $(UNIT_FLAGS) -c -o $@ $<

build/unit/test_%: $(srcdir)/test/unit/test_%.c $(srcdir)/test/unit/unit.h $(UNIT_OBJS)
	$(UNIT_CC) $(UNIT_FLAGS) -o $@ $< $(UNIT_OBJS) -lm

# ... and src/summary on a little imitation of the server, for the readers of bytes
SERVER_FLAGS = $(UNIT_FLAGS) -Wno-unused-parameter -Wno-sign-compare -I$(shell $(PG_CONFIG) --includedir-server)
SERVER_TESTS = $(patsubst $(srcdir)/test/unit/server/test_%.c,build/unit/server/test_%,$(wildcard $(srcdir)/test/unit/server/test_*.c))
SUMMARY_OBJS = $(patsubst $(srcdir)/src/summary/%.c,build/unit/server/%.o,$(wildcard $(srcdir)/src/summary/*.c))

build/unit/server/%.o: $(srcdir)/src/summary/%.c $(wildcard $(srcdir)/src/summary/*.h $(srcdir)/src/stat/*.h)
	@mkdir -p $(@D)
	$(UNIT_CC) $(SERVER_FLAGS) -c -o $@ $<

build/unit/server/test_%: $(srcdir)/test/unit/server/test_%.c $(wildcard $(srcdir)/test/unit/server/s*.[ch]) $(srcdir)/test/unit/unit.h $(SUMMARY_OBJS) $(UNIT_OBJS)
	$(UNIT_CC) $(SERVER_FLAGS) -o $@ $< $(srcdir)/test/unit/server/server.c $(SUMMARY_OBJS) $(UNIT_OBJS) \
		-L$(shell $(PG_CONFIG) --pkglibdir) -lpgcommon -lpgport -lm

.PHONY: unit
unit: $(UNIT_TESTS) $(SERVER_TESTS)
	@status=0; for test in $(UNIT_TESTS) $(SERVER_TESTS); do (cd $(srcdir) && "$(CURDIR)/$$test") || status=1; done; exit $$status

# ---- fuzzing: coverage-guided, FUZZ_SECONDS for each target --------------------------

FUZZ_CC ?= clang-14
FUZZ_SECONDS ?= 60
FUZZ_TARGETS = $(patsubst $(srcdir)/test/fuzz/fuzz_%.c,build/fuzz/fuzz_%,$(wildcard $(srcdir)/test/fuzz/fuzz_*.c))

FUZZ_FLAGS = -std=gnu99 -g -O1 -ffp-contract=off -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined -Wno-ignored-attributes -I$(srcdir)/src -I$(srcdir)/test/unit -I$(shell $(PG_CONFIG) --includedir-server)
FUZZ_PIECES = $(wildcard $(srcdir)/src/stat/*.c $(srcdir)/src/summary/*.c) $(srcdir)/src/func/fn_summary.c \
	$(srcdir)/test/unit/server/server.c
FUZZ_OBJS = $(patsubst $(srcdir)/%.c,build/fuzz/%.o,$(FUZZ_PIECES))

build/fuzz/src/%.o build/fuzz/test/%.o: FUZZ_FLAGS += -fsanitize=fuzzer-no-link
build/fuzz/%.o: $(srcdir)/%.c $(wildcard $(srcdir)/src/*/*.h)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) -c -o $@ $<

build/fuzz/pieces.a: $(FUZZ_OBJS)
	rm -f $@
	ar rcs $@ $^

build/fuzz/fuzz_%: $(srcdir)/test/fuzz/fuzz_%.c $(wildcard $(srcdir)/test/unit/server/s*.[ch]) build/fuzz/pieces.a
	$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $< build/fuzz/pieces.a \
		-L$(shell $(PG_CONFIG) --pkglibdir) -lpgcommon -lpgport -lm

# What is found new is kept in build; test/fuzz/corpus is what every run begins with.
.PHONY: fuzz fuzz-nightly
fuzz: $(FUZZ_TARGETS)
	@for target in $(FUZZ_TARGETS); do \
		name=$${target##*/fuzz_}; echo "fuzzing $$name"; dict=$(srcdir)/test/fuzz/$$name.dict; mkdir -p build/fuzz/corpus/$$name; \
		$$target -max_total_time=$(FUZZ_SECONDS) $(FUZZ_OPTIONS) -timeout=60 -artifact_prefix=build/fuzz/ -print_final_stats=1 \
			$$([ ! -f $$dict ] || echo -dict=$$dict) build/fuzz/corpus/$$name $(srcdir)/test/fuzz/corpus/$$name 2>&1 || exit 1; done

fuzz-nightly:
	$(MAKE) fuzz FUZZ_SECONDS=1800

# ---- exported symbols: one line for every PG_FUNCTION_INFO_V1 --------------------------

.PHONY: exports
exports: $(OBJS)
	@{ printf '{\n\tglobal:\n\t\tPg_magic_func;\n\t\t_PG_init;\n'; \
	  nm $(OBJS) | sed -n 's/^.* T pg_finfo_\(.*\)$$/\1/p' | LC_ALL=C sort -u | \
	  while read -r name; do printf '\t\t%s;\n\t\tpg_finfo_%s;\n' "$$name" "$$name"; done; \
	  printf '\tlocal:\n\t\t*;\n};\n'; } > $(srcdir)/src/exports.map

# ---- the rest of the tests ---------------------------------------------------------------
# Each starts a throwaway cluster of its own; none needs the extension to be installed.

.PHONY: lint gold matrix doctest tap check-upgrade check-bare check-deb check-versions check-valgrind
lint: all
	sh $(srcdir)/test/lint $(srcdir) $(MODULE_big).so

matrix doctest tap:
	sh $(srcdir)/test/run check $@

# In the database that PGHOST, PGDATABASE and so on name.
gold:
	sh $(srcdir)/test/oracle/gold.sh

# Needs R.  ORACLE_SEED repeats a run, ORACLE_SETS and ORACLE_DESIGNS make it shorter.
.PHONY: oracle
oracle:
	sh $(srcdir)/test/oracle/random.sh
	sh $(srcdir)/test/oracle/random_mixed.sh

check-upgrade:
	sh $(srcdir)/test/run check upgrade

check-bare check-deb check-versions check-valgrind:
	sh $(srcdir)/test/$(patsubst check-%,%,$@).sh

# ---- a Debian package of what is committed, in build/deb ----------------------------------

.PHONY: deb
deb:
	rm -rf build/deb
	mkdir -p build/deb/$(EXTENSION)
	{ git -C $(srcdir) archive HEAD 2>/dev/null || tar -C $(srcdir) --exclude=./build -cf - .; } | \
		tar -C build/deb/$(EXTENSION) -xf -
	cd build/deb/$(EXTENSION) && pg_buildext updatecontrol && \
		env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL dpkg-buildpackage -us -uc -b
	rm -rf build/deb/$(EXTENSION)
	@ls build/deb/*.deb

.PHONY: bench performance
bench:
	sh $(srcdir)/test/run bench

# The page of figures; takes the machine for itself.
performance:
	@mkdir -p build
	rm -f build/bench.tsv
	-BENCH_RESULTS=$(CURDIR)/build/bench.tsv sh $(srcdir)/test/run bench
	sh $(srcdir)/test/bench/performance.sh build/bench.tsv > $(srcdir)/doc/performance.md
