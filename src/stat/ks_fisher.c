/*
 * ks_fisher.c
 *	  Fisher's exact test: the 2 x 2 table, and the way to larger ones.
 *
 * Given its margins, the first cell of a 2 x 2 table is hypergeometric.  Its
 * probability comes from three binomial ones (Loader 2000), right in every digit
 * for tables of millions of rows; tails are summed outwards from their largest
 * term.  The two-sided p value takes all tables at most 1 + 1e-7 times as
 * probable as the observed one, R's rule.  Under an odds ratio of exp(t) the
 * probabilities are tilted by exp(t x): the conditional estimate makes the mean
 * equal to the cell, the limits make its tails equal to alpha.  Both are found by
 * Newton steps inside a bracket to the last digits; R's own carry about four.
 *
 * Sources: Fisher 1935, JRSS 98:39; Cornfield 1956, Proc 3rd Berkeley Symp 4:135
 * (interval).
 */
#include "stat/ks_fisher.h"

#include "stat/ks_dist.h"

#define NEGLIGIBLE 1e-20
#define MOST_STEPS 200

/* The distribution of the first cell, and the cell observed. */
typedef struct Cell
{
	int64_t row, other_row; /* sums */
	int64_t column;			/* sum of the first */
	int64_t least, most;	/* values the cell may take */
	int64_t x;
} Cell;

static Cell
make_cell(const int64_t count[4])
{
	Cell cell = {count[0] + count[1], count[2] + count[3], count[0] + count[2], 0, 0,
				 count[0]};

	cell.least = cell.column > cell.other_row ? cell.column - cell.other_row : 0;
	cell.most = cell.column < cell.row ? cell.column : cell.row;
	return cell;
}

/* P(cell = x) without association. */
static double
probability(const Cell *cell, int64_t x)
{
	int64_t n = cell->row + cell->other_row;
	double p = (double) cell->column / (double) n;

	return ks_binomial_pmf(x, cell->row, p) / ks_binomial_pmf(cell->column, n, p) *
		   ks_binomial_pmf(cell->column - x, cell->other_row, p);
}

/* P(cell = x + 1) / P(cell = x). */
static double
ratio(const Cell *cell, int64_t x)
{
	return (double) (cell->row - x) / (double) (x + 1) *
		   ((double) (cell->column - x) / (double) (cell->other_row - cell->column + x + 1));
}

/* The most probable value under an odds ratio: the first not to be followed by a larger. */
static int64_t
mode(const Cell *cell, double odds_ratio)
{
	int64_t low = cell->least, high = cell->most;

	while (low < high)
	{
		int64_t middle = low + (high - low) / 2;

		if (ratio(cell, middle) * odds_ratio > 1)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Sum of probabilities from x outwards, away from the mode. */
static double
outward(const Cell *cell, int64_t x, bool upwards)
{
	double term = probability(cell, x), sum = 0;

	while (x >= cell->least && x <= cell->most && term > NEGLIGIBLE * sum)
	{
		sum += term;
		term = upwards ? term * ratio(cell, x) : term / ratio(cell, x - 1);
		x += upwards ? 1 : -1;
	}
	return sum;
}

/* P(cell <= x) or P(cell >= x). */
static double
tail(const Cell *cell, int64_t x, int64_t middle, bool upper)
{
	if (upper)
		return x > middle ? outward(cell, x, true) : 1 - outward(cell, x - 1, false);
	return x < middle ? outward(cell, x, false) : 1 - outward(cell, x + 1, true);
}

/* P of all values at most (1 + 1e-7) as probable as the observed one. */
static double
two_sided(const Cell *cell, int64_t middle)
{
	double limit = probability(cell, cell->x) * (1 + KS_FISHER_TOLERANCE);
	double p = 0;
	int64_t low = cell->least, high = middle;

	if (probability(cell, middle) <= limit)
		return 1;
	/* the first value on the left that is too probable */
	while (low < high)
	{
		int64_t between = low + (high - low) / 2;

		if (probability(cell, between) <= limit)
			low = between + 1;
		else
			high = between;
	}
	if (low > cell->least)
		p += outward(cell, low - 1, false);
	/* the first on the right that is not */
	low = middle;
	high = cell->most + 1;
	while (low < high)
	{
		int64_t between = low + (high - low) / 2;

		if (probability(cell, between) <= limit)
			high = between;
		else
			low = between + 1;
	}
	if (low <= cell->most)
		p += outward(cell, low, true);
	return fmin(1, p);
}

/* ---- odds ratio ------------------------------------------------------------------- */

/* What is solved for the logarithm of the odds ratio. */
typedef enum Target
{
	MEAN_IS_X,
	UPPER_TAIL_IS_ALPHA,
	LOWER_TAIL_IS_ALPHA,
} Target;

/* Sums over values of the cell, counted from x, of their tilted probabilities. */
typedef struct Tilted
{
	double all, first, second;	  /* moments 0, 1, 2 */
	double upper, upper_first;	  /* over values >= x */
	double lower, lower_first;	  /* over values <= x */
} Tilted;

static void
add_tilted(Tilted *sums, double weight, double distance)
{
	sums->all += weight;
	sums->first += weight * distance;
	sums->second += weight * distance * distance;
	if (distance >= 0)
	{
		sums->upper += weight;
		sums->upper_first += weight * distance;
	}
	if (distance <= 0)
	{
		sums->lower += weight;
		sums->lower_first += weight * distance;
	}
}

static Tilted
tilt(const Cell *cell, double odds_ratio)
{
	int64_t start = mode(cell, odds_ratio);
	Tilted sums = {0};
	double weight = 1;

	for (int64_t x = start; x <= cell->most && weight > NEGLIGIBLE; x++)
	{
		add_tilted(&sums, weight, (double) (x - cell->x));
		weight *= ratio(cell, x) * odds_ratio;
	}
	weight = 1;
	for (int64_t x = start - 1; x >= cell->least; x--)
	{
		weight /= ratio(cell, x) * odds_ratio;
		if (weight <= NEGLIGIBLE)
			break;
		add_tilted(&sums, weight, (double) (x - cell->x));
	}
	return sums;
}

/*
 * Excess over the target at an odds ratio, increasing in it, and the Newton step
 * in its logarithm.  Tails are compared by logarithm, where they are nearly
 * straight.
 */
static double
excess(const Cell *cell, Target target, double alpha, double log_odds, double *step)
{
	Tilted sums = tilt(cell, exp(log_odds));
	double mean = sums.first / sums.all;
	double part, slope, value;

	if (target == MEAN_IS_X)
	{
		*step = -mean / (sums.second / sums.all - mean * mean);
		return mean;
	}
	part = target == UPPER_TAIL_IS_ALPHA ? sums.upper : sums.lower;
	slope = (target == UPPER_TAIL_IS_ALPHA ? sums.upper_first : sums.lower_first) / part - mean;
	value = log(part / sums.all / alpha);
	*step = -value / slope;
	return target == UPPER_TAIL_IS_ALPHA ? value : -value;
}

/* The logarithm of the odds ratio that meets the target. */
static double
solve(const Cell *cell, Target target, double alpha, double start)
{
	double low = start, high = start, at, step;

	for (double width = 1; excess(cell, target, alpha, low, &step) > 0; width *= 2)
		low -= width;
	for (double width = 1; excess(cell, target, alpha, high, &step) < 0; width *= 2)
		high += width;
	at = low + (high - low) / 2;
	for (int i = 0; i < MOST_STEPS && low < high; i++)
	{
		double value = excess(cell, target, alpha, at, &step);
		double next = at + step;

		if (value == 0)
			break;
		if (value < 0)
			low = at;
		else
			high = at;
		if (!(next > low && next < high))
			next = low + (high - low) / 2;
		if (fabs(next - at) <= 1e-15 * (1 + fabs(at)))
			return next;
		at = next;
	}
	return at;
}

/* Estimate and interval of the odds ratio. */
static void
odds_ratio(const Cell *cell, KsAlternative alternative, double conf_level, KsTest *test)
{
	double alpha = alternative == KS_TWO_SIDED ? (1 - conf_level) / 2 : 1 - conf_level;
	double start = log(((double) cell->x + 0.5) / ((double) (cell->row - cell->x) + 0.5) *
					   ((double) (cell->other_row - cell->column + cell->x) + 0.5) /
					   ((double) (cell->column - cell->x) + 0.5));

	test->conf_low = 0;
	test->conf_high = INFINITY;
	if (cell->x == cell->least)
		test->estimate = 0;
	else if (cell->x == cell->most)
		test->estimate = INFINITY;
	else
		test->estimate = exp(solve(cell, MEAN_IS_X, 0, start));
	if (cell->x > cell->least && alternative != KS_LESS)
		test->conf_low = exp(solve(cell, UPPER_TAIL_IS_ALPHA, alpha, start));
	if (cell->x < cell->most && alternative != KS_GREATER)
		test->conf_high = exp(solve(cell, LOWER_TAIL_IS_ALPHA, alpha, start));
	if (cell->x == cell->most)
		ks_note(test->note, "the odds ratio is infinite");
	test->effect_size = test->estimate;
	test->effect_name = "odds ratio";
}

static void
fisher_2x2(const int64_t count[4], KsAlternative alternative, double conf_level,
		   KsTest *test)
{
	Cell cell = make_cell(count);
	int64_t middle = mode(&cell, 1);

	if (alternative == KS_TWO_SIDED)
		test->p_value = two_sided(&cell, middle);
	else
		test->p_value = tail(&cell, cell.x, middle, alternative == KS_GREATER);
	odds_ratio(&cell, alternative, conf_level, test);
}

/* ---- any table --------------------------------------------------------------------- */

/* Copy the table without empty rows and columns; margins take their sums. */
static KsStatus
drop_empty(const KsTable *table, const KsEnv *env, int64_t **counts, KsMargins *margins)
{
	size_t cells = table->rows * table->columns;
	int64_t *count =
		env->alloc(env->context, (cells + table->rows + table->columns + 1) * sizeof(int64_t));
	size_t used = 0;

	*margins = (KsMargins){.observed = 0};
	*counts = count;
	if (count == NULL)
		return KS_NO_MEMORY;
	margins->row = count + cells;
	margins->column = margins->row + table->rows;
	margins->n = ks_table_margins(table, margins->row, margins->column);
	for (size_t i = 0; i < table->rows; i++)
		for (size_t j = 0; j < table->columns; j++)
			if (margins->row[i] > 0 && margins->column[j] > 0)
			{
				int64_t x = table->count[i * table->columns + j];

				count[used++] = x;
				margins->observed += ks_log_gamma((double) x + 1);
			}
	for (size_t i = 0; i < table->rows; i++)
		if (margins->row[i] > 0)
			margins->row[margins->rows++] = margins->row[i];
	for (size_t j = 0; j < table->columns; j++)
		if (margins->column[j] > 0)
			margins->column[margins->columns++] = margins->column[j];
	return KS_OK;
}

/* p value of a table larger than 2 x 2. */
static KsStatus
fisher_larger(KsMargins margins, uint64_t seed, const KsEnv *env, KsTest *test)
{
	int64_t tables;
	KsStatus status;

	if (margins.rows > margins.columns)
	{
		KsMargins turned = margins;

		turned.row = margins.column;
		turned.column = margins.row;
		turned.rows = margins.columns;
		turned.columns = margins.rows;
		margins = turned;
	}
	status = ks_fisher_network(&margins, env, &test->p_value);
	if (status != KS_TOO_LARGE)
		return status;
	status = ks_fisher_simulate(&margins, seed, env, &test->p_value, &tables);
	if (status != KS_OK)
		return status;
	test->std_error = sqrt(test->p_value * (1 - test->p_value) / (double) tables);
	test->method = "Fisher exact test, Monte Carlo p value";
	ks_note(test->note, "p value from %lld random tables, standard error %.2g",
			(long long) tables, test->std_error);
	return KS_OK;
}

KsStatus
ks_fisher_test(const KsTable *table, KsAlternative alternative, double conf_level,
			   uint64_t seed, const KsEnv *env, KsTest *test)
{
	int64_t *count;
	KsMargins margins;
	KsStatus status = drop_empty(table, env, &count, &margins);

	ks_test_clear(test);
	test->method = "Fisher exact test";
	if (status != KS_OK)
		return status;
	test->n = margins.n;
	if (margins.rows < 2 || margins.columns < 2)
		ks_note(test->note, margins.n == 0 ? "no values" : "a variable has only one level");
	else if (margins.rows == 2 && margins.columns == 2)
		fisher_2x2(count, alternative, conf_level, test);
	else
		status = fisher_larger(margins, seed, env, test);
	env->free(env->context, count);
	return status;
}
