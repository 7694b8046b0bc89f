/*
 * test_adjust.c
 *	  p values adjusted for several comparisons, against R's p.adjust.
 */
#include "stat/ks_adjust.h"

#include "gold.h"
#include "unit.h"

/* Each set is a line of p values, then one line for each method in enum order. */
static void
against_r(void)
{
	static Gold gold;
	double p[GOLD_FIELDS], adjusted[GOLD_FIELDS];

	gold_open(&gold, "test/oracle/adjust.csv");
	while (gold_next(&gold))
	{
		int n = gold.fields - 2;

		for (int i = 0; i < n; i++)
			p[i] = gold_number(&gold, i + 2);
		for (int method = KS_ADJUST_HOLM; method <= KS_ADJUST_NONE && gold_next(&gold);
			 method++)
		{
			CHECK(ks_p_adjust(p, n, method, &unit_env, adjusted) == KS_OK);
			CHECK(gold.fields == n + 2);
			for (int i = 0; i < n; i++)
				CHECK_CLOSE(adjusted[i], gold_number(&gold, i + 2), 1e-14);
		}
	}
}

static bool
always_cancelled(void *context)
{
	(void) context;
	return true;
}

static void *
no_memory(void *context, size_t bytes)
{
	(void) context;
	(void) bytes;
	return NULL;
}

static void
bounds(void)
{
	size_t n = KS_HOMMEL_LIMIT + 1;
	double *p = malloc(n * sizeof(double));
	double *adjusted = malloc(n * sizeof(double));
	KsEnv cancelling = unit_env, empty = unit_env;

	for (size_t i = 0; i < n; i++)
		p[i] = (double) (i * 7919 % n) / (double) n;
	cancelling.poll = always_cancelled;
	empty.alloc = no_memory;
	CHECK(ks_p_adjust(p, n, KS_ADJUST_HOMMEL, &unit_env, adjusted) == KS_TOO_LARGE);
	CHECK(ks_p_adjust(p, n - 1, KS_ADJUST_HOMMEL, &cancelling, adjusted) == KS_CANCELLED);
	CHECK(ks_p_adjust(p, n, KS_ADJUST_HOLM, &empty, adjusted) == KS_NO_MEMORY);
	CHECK(ks_p_adjust(p, n, KS_ADJUST_BH, &unit_env, adjusted) == KS_OK);
	CHECK(ks_p_adjust(p, 0, KS_ADJUST_BH, &unit_env, adjusted) == KS_OK);
	free(p);
	free(adjusted);
}

int
main(void)
{
	against_r();
	bounds();
	return UNIT_END();
}
