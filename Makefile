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
REGRESS_OPTS = --inputdir=$(srcdir)/test --outputdir=test/results --load-extension=$(EXTENSION)

PG_CPPFLAGS = -I$(srcdir)/src
# No contraction into fused operations: double-double arithmetic relies on every rounding.
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -ffp-contract=off
SHLIB_LINK = -lgsl -lgslcblas -lm -Wl,--version-script=$(srcdir)/src/exports.map

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)


# Bitcode is a convenience: without the server's own clang, build without it.
ifeq ($(shell command -v $$(sed -n 's/^CLANG = *//p' $$(dirname $(PGXS))/../Makefile.global) 2>/dev/null),)
override with_llvm = no
endif

include $(PGXS)

$(SQL_INSTALL): $(SQL_PIECES)
	cat $^ > $@

# Objects depend on every header: the tree is small, a stale object is not worth it.
$(OBJS): $(wildcard $(srcdir)/src/*.h $(srcdir)/src/stat/*.h $(srcdir)/src/summary/*.h $(srcdir)/src/func/*.h)

