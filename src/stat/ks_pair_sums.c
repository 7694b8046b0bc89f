/*
 * ks_pair_sums.c
 *	  Order statistics of a grid of sums row[i] + column[j].
 *
 * The averages of pairs of five million changes number 12.5 million million and
 * are never formed.  The sums ascend along rows and columns.  Walking down the
 * staircase between sums at or below a threshold and those above counts the
 * former in one sweep of rows + columns steps (Johnson and Mizoguchi 1978, SIAM
 * J. Comput. 7:147).  Each step goes either one row down or one column left, so
 * row + passed columns = steps, and several thresholds advance together without
 * a branch that could be mispredicted.
 *
 * The thresholds come from the same problem on a systematic sample of the
 * sorted values, solved first: two neighbouring ranks of it give a value and
 * the density of sums around it (in the manner of Floyd and Rivest 1975, Comm.
 * ACM 18:165).  One sweep counts there, a Newton step corrects, and a second
 * sweep collects the few sums in a short interval, which are sorted.  Sums are
 * compared as rounded doubles, so the answer is exact and needs no tolerance.
 * Whatever the data, every fourth sweep halves the bounds, in turn by value and
 * by representable numbers, and moves them onto sums: this bounds their number.
 */
#include "stat/ks_pair_sums.h"

#include <string.h>

#include "stat/ks_sort.h"

#define STRETCH 1024     /* steps of a sweep between polls */
#define CHAINS 3         /* thresholds advanced together */
#define DIRECT_SIZE 4096 /* up to this many steps, no sample is taken */
#define STRIDE 63        /* one value in so many is sampled */
#define SMALLEST_SAMPLE 512

/* The hunt for one rank, or for two neighbouring ones. */
typedef struct Search
{
	int64_t first, last; /* the ranks; equal or one apart */
	double value_first, value_last;
	bool done;

	/* fewer than `first` sums are <= below, at least `last` are <= above */
	double below, above;
	int64_t below_count, above_count; /* weighted */
	int64_t below_cells, above_cells; /* unweighted */

	/* where the rank is expected, and the number of sums per unit there */
	double guess, density, slack;
	double doubt; /* relative error of the density */
	double last_point;
	int64_t last_count;
	int round;
	bool atom;    /* the sample has many sums equal to the guess */
	bool snap;    /* this sweep halves the bounds and moves them onto sums */
	bool recount; /* the last interval held too much: count at its lower end */

	/* this sweep: count sums <= high, collect those in (low, high] */
	double low, high;
	int64_t count, cells;
	double *sum;     /* collected sums; every other place when weighted */
	int64_t *weight; /* their weights, NULL when unweighted */
	size_t capacity, found;
	int64_t found_weight;
	bool overflow;
} Search;

/* A row whose last sum at or below high lies above low, and that sum's column. */
typedef struct Hit
{
	size_t row, column;
} Hit;

/* Where the staircases of one sweep have got to, and the hits of this stretch. */
typedef struct Sweep
{
	size_t row[CHAINS];
	int64_t count[CHAINS], cells[CHAINS];
	double low[CHAINS], high[CHAINS];
	size_t hits[CHAINS];
	Hit hit[CHAINS][STRETCH];
} Sweep;

/* Collect the sums of one row from column j leftwards that lie above low. */
static void
collect_row(const KsPairGrid *grid, Search *search, size_t i, size_t j)
{
	for (; !search->overflow; j--)
	{
		double sum = grid->row[i] + grid->column[j];
		int64_t weight = 1;

		if (!(sum > search->low))
			return;
		if (search->found == search->capacity)
		{
			search->overflow = true;
			return;
		}
		if (grid->row_count)
		{
			int64_t count = grid->row_count[i];

			if (!grid->triangular)
				weight = count * (grid->column_before[j] - grid->column_before[j - 1]);
			else if (i < j)
				weight = count * (grid->column_before[j + 1] - grid->column_before[j]);
			else
				weight = ks_triangle(count);
			search->sum[2 * search->found] = sum;
			search->sum[2 * search->found + 1] = 0;
			search->weight[search->found++] = weight;
		}
		else
			search->sum[search->found++] = sum;
		search->found_weight += weight;
		if (grid->triangular && i == j)
			return;
	}
}

/*
 * Advance the staircases from one step to another.  Nothing here may branch on
 * the data: which way a staircase turns is as random as a coin.
 */
static inline __attribute__((always_inline)) void
advance(const KsPairGrid *grid, Sweep *sweep, size_t from, size_t to,
		const bool triangular, const bool weighted, const bool collecting)
{
	const double *rows = grid->row;
	const double *columns = grid->column;
	const int64_t *row_count = grid->row_count;
	const int64_t *before = grid->column_before;
	size_t row[CHAINS], hits[CHAINS] = {0};
	int64_t count[CHAINS] = {0}, cells[CHAINS] = {0};
	double low[CHAINS], high[CHAINS];

	for (int c = 0; c < CHAINS; c++)
	{
		row[c] = sweep->row[c];
		low[c] = sweep->low[c];
		high[c] = sweep->high[c];
	}
	for (size_t step = from; step < to; step++)
	{
		/* column j of a staircase at row i is corner + i */
		size_t corner = grid->columns - triangular - step;

#pragma GCC unroll 4
		for (int c = 0; c < CHAINS; c++)
		{
			size_t i = row[c];
			size_t j = corner + i;
			double sum = rows[i] + columns[j];
			size_t inside = sum <= high[c];

			if (collecting)
			{
				sweep->hit[c][hits[c]] = (Hit){i, j};
				hits[c] += inside & (sum > low[c]);
			}
			cells[c] += (int64_t)((triangular ? corner + 1 : j) & -inside);
			if (weighted && triangular)
				count[c] += (row_count[i] * (before[j + 1] - before[i + 1]) +
							 ks_triangle(row_count[i])) &
							-(int64_t)inside;
			else if (weighted)
				count[c] += (row_count[i] * before[j]) & -(int64_t)inside;
			row[c] += inside;
		}
	}
	for (int c = 0; c < CHAINS; c++)
	{
		sweep->row[c] = row[c];
		sweep->hits[c] = hits[c];
		sweep->cells[c] += cells[c];
		sweep->count[c] += weighted ? count[c] : cells[c];
	}
}

/* One copy of the loop for each kind of grid, with and without collecting. */
static void
advance_some(const KsPairGrid *grid, Sweep *sweep, size_t from, size_t to,
			 bool collecting)
{
	bool weighted = grid->row_count != NULL;

#define ADVANCE(triangular_, weighted_, collecting_)                                     \
	if (grid->triangular == (triangular_) && weighted == (weighted_) &&                  \
		collecting == (collecting_))                                                     \
	advance(grid, sweep, from, to, triangular_, weighted_, collecting_)
	ADVANCE(true, false, false);
	ADVANCE(true, false, true);
	ADVANCE(true, true, false);
	ADVANCE(true, true, true);
	ADVANCE(false, false, false);
	ADVANCE(false, false, true);
	ADVANCE(false, true, false);
	ADVANCE(false, true, true);
#undef ADVANCE
}

/* Count, and collect, for up to CHAINS searches. */
static KsStatus
sweep_grid(const KsEnv *env, const KsPairGrid *grid, Search *const *search, int chains)
{
	Sweep sweep;
	bool collecting = false;

	for (int c = 0; c < CHAINS; c++)
	{
		sweep.row[c] = 0;
		sweep.count[c] = sweep.cells[c] = 0;
		sweep.low[c] = c < chains ? search[c]->low : INFINITY;
		sweep.high[c] = c < chains ? search[c]->high : -INFINITY;
		collecting |= sweep.low[c] < sweep.high[c];
	}
	for (size_t from = 0; from < grid->steps; from += STRETCH)
	{
		size_t to = grid->steps - from < STRETCH ? grid->steps : from + STRETCH;

		advance_some(grid, &sweep, from, to, collecting);
		for (int c = 0; c < chains && collecting; c++)
		{
			for (size_t k = 0; k < sweep.hits[c]; k++)
				collect_row(grid, search[c], sweep.hit[c][k].row, sweep.hit[c][k].column);
		}
		if (to < grid->steps && env->poll(env->context))
			return KS_CANCELLED;
	}
	for (int c = 0; c < chains; c++)
	{
		search[c]->count = sweep.count[c];
		search[c]->cells = sweep.cells[c];
	}
	return KS_OK;
}

/* The double halfway between two, counted in representable numbers. */
static double
middle_double(double a, double b)
{
	int64_t bits[2];
	double ends[2] = {a, b};
	double middle;

	memcpy(bits, ends, sizeof(bits));
	for (int k = 0; k < 2; k++)
	{
		if (bits[k] < 0)
			bits[k] = INT64_MIN - bits[k];
	}
	bits[0] = (bits[0] >> 1) + (bits[1] >> 1) + (bits[0] & bits[1] & 1);
	if (bits[0] < 0)
		bits[0] = INT64_MIN - bits[0];
	memcpy(&middle, bits, sizeof(middle));
	return middle;
}

/* A point well inside the bounds: their mean, or now and then the middle double. */
static double
halve_bounds(const Search *search)
{
	double mean = 0.5 * search->below + 0.5 * search->above;

	if (search->round % 8 != 7 && mean > search->below && mean < search->above)
		return mean;
	return middle_double(search->below, search->above);
}

/* Choose (low, high] and the room for what it holds. */
static void
plan_sweep(const KsPairGrid *grid, Search *search)
{
	int64_t limit = (int64_t)grid->steps + DIRECT_SIZE;
	int64_t few = (int64_t)grid->steps / 64 + DIRECT_SIZE;
	int64_t cells = search->above_cells - search->below_cells;
	double guess = fmin(fmax(search->guess, nextafter(search->below, INFINITY)),
						nextafter(search->above, -INFINITY));
	double width = search->slack / search->density;

	search->capacity = 0;
	search->snap = false;
	if (cells <= few)
	{
		search->low = search->below;
		search->high = search->above;
		search->capacity = (size_t)cells;
	}
	else if (search->recount)
		search->high = search->low;
	else if (search->atom && search->round == 0)
	{
		search->high = search->guess;
		search->low = nextafter(search->high, -INFINITY);
		search->capacity = (size_t)limit;
	}
	else if (search->round % 4 == 3)
	{
		search->low = search->high = halve_bounds(search);
		search->snap = true;
	}
	else if (2 * search->slack <= (double)few && guess - width < guess)
	{
		search->low = fmax(guess - width, search->below);
		search->high = fmin(guess + width, search->above);
		search->capacity = (size_t)(limit < cells ? limit : cells);
	}
	else
		search->low = search->high = guess;
}

/* Where the rank should be, after counting at one more point. */
static void
improve_guess(Search *search, double point, int64_t count)
{
	double wanted = 0.5 * (double)(search->first + search->last);
	double missing = wanted - (double)count;

	if (search->round > 0 && point != search->last_point)
	{
		double secant =
			(double)(count - search->last_count) / (point - search->last_point);

		if (secant > 0 && secant < INFINITY)
		{
			search->density = secant;
			search->doubt = 0.2;
		}
	}
	search->last_point = point;
	search->last_count = count;
	search->guess = point + missing / search->density;
	search->slack = search->doubt * fabs(missing) + 16 * sqrt(fabs(missing)) + 64;
	search->round++;
}

/*
 * The largest sum at or below a point and the smallest above it.  Bounds moved
 * there make progress by whole sums, however often each occurs.
 */
static void
neighbouring_sums(const KsPairGrid *grid, double point, double *at_or_below,
				  double *above)
{
	size_t i = 0;

	*at_or_below = -INFINITY;
	*above = INFINITY;
	for (size_t step = 0; step < grid->steps; step++)
	{
		double sum =
			grid->row[i] + grid->column[grid->columns - grid->triangular - step + i];

		if (sum <= point)
		{
			i++;
			*at_or_below = fmax(*at_or_below, sum);
		}
		else
			*above = fmin(*above, sum);
	}
}

/* Read the wanted ranks off what was collected above low_count sums. */
static KsStatus
pick_values(const KsEnv *env, Search *search, int64_t low_count)
{
	KsStatus status;
	int64_t seen = low_count;

	if (search->weight == NULL)
	{
		status = ks_sort_doubles(env, search->sum, search->found);
		search->value_first = search->sum[search->first - low_count - 1];
		search->value_last = search->sum[search->last - low_count - 1];
		search->done = true;
		return status;
	}
	status = ks_sort_pairs(env, search->sum, search->weight, search->found);
	for (size_t k = 0; k < search->found && seen < search->last; k++)
	{
		if (seen < search->first)
			search->value_first = search->sum[2 * k];
		seen += search->weight[k];
		search->value_last = search->sum[2 * k];
	}
	search->done = true;
	return status;
}

/* The two neighbouring ranks lie on different sides of a point: search apart. */
static void
split_search(Search *search, Search *other, double point, int64_t count, int64_t cells)
{
	*other = *search;
	search->last = search->first;
	search->above = point;
	search->above_count = count;
	search->above_cells = cells;
	other->first = other->last;
	other->below = point;
	other->below_count = count;
	other->below_cells = cells;
}

/* Tighten the bounds by the number of sums up to a point; may split in two. */
static void
learn_count(Search *search, Search *others, size_t *used, double point, int64_t count,
			int64_t cells)
{
	if (count < search->first && point > search->below)
	{
		search->below = point;
		search->below_count = count;
		search->below_cells = cells;
	}
	else if (count >= search->last && point < search->above)
	{
		search->above = point;
		search->above_count = count;
		search->above_cells = cells;
	}
	else if (count >= search->first && count < search->last)
		split_search(search, &others[(*used)++], point, count, cells);
}

/* Take what a sweep found.  others[*used] is a free place for a split. */
static KsStatus
settle_sweep(const KsEnv *env, const KsPairGrid *grid, Search *search, Search *others,
			 size_t *used)
{
	int64_t low_count = search->count - search->found_weight;
	int64_t low_cells = search->cells - (int64_t)search->found;
	bool paired = search->first != search->last;

	if (!search->overflow && low_count < search->first && search->count >= search->last)
		return pick_values(env, search, low_count);

	if (search->snap)
	{
		double at_or_below, above;

		neighbouring_sums(grid, search->high, &at_or_below, &above);
		search->high = search->low =
			search->count >= search->last ? at_or_below : nextafter(above, -INFINITY);
	}
	search->recount = search->overflow && search->count >= search->last;
	improve_guess(search, search->high, search->count);
	learn_count(search, others, used, search->high, search->count, search->cells);
	if (paired && search->first == search->last)
		return KS_OK;
	if (!search->overflow && search->low < search->high)
		learn_count(search, others, used, search->low, low_count, low_cells);
	if (nextafter(search->below, INFINITY) >= search->above)
	{
		search->value_first = search->value_last = search->above;
		search->done = true;
	}
	return KS_OK;
}

static KsStatus
alloc_candidates(const KsEnv *env, const KsPairGrid *grid, Search *search)
{
	bool weighted = grid->row_count != NULL;

	search->found = 0;
	search->found_weight = 0;
	search->overflow = false;
	search->sum = NULL;
	search->weight = NULL;
	if (search->capacity == 0)
		return KS_OK;
	search->sum =
		env->alloc(env->context, search->capacity * (weighted ? 2 : 1) * sizeof(double));
	if (weighted)
		search->weight = env->alloc(env->context, search->capacity * sizeof(int64_t));
	return search->sum && (search->weight || !weighted) ? KS_OK : KS_NO_MEMORY;
}

static void
free_candidates(const KsEnv *env, Search *search)
{
	if (search->sum)
		env->free(env->context, search->sum);
	if (search->weight)
		env->free(env->context, search->weight);
	search->sum = NULL;
	search->weight = NULL;
}

/* One sweep for up to CHAINS searches that are not done. */
static KsStatus
run_sweep(const KsEnv *env, const KsPairGrid *grid, Search *const *active, int chains,
		  Search *others, size_t *used)
{
	KsStatus status = KS_OK;

	for (int c = 0; c < chains; c++)
	{
		KsStatus room;

		plan_sweep(grid, active[c]);
		room = alloc_candidates(env, grid, active[c]);
		if (room != KS_OK)
			status = room;
	}
	if (status == KS_OK)
		status = sweep_grid(env, grid, active, chains);
	for (int c = 0; c < chains; c++)
	{
		if (status == KS_OK)
			status = settle_sweep(env, grid, active[c], others, used);
		free_candidates(env, active[c]);
	}
	return status;
}

/*
 * A sample of m values at even steps through n weighted ones, into out.
 * before holds the cumulative weights, or NULL.
 */
static void
sample_values(const double *value, const int64_t *before, int64_t n, size_t m,
			  double *out)
{
	size_t at = 0;

	for (size_t k = 0; k < m; k++)
	{
		int64_t position = (int64_t)((double)n * ((double)k + 0.5) / (double)m);

		if (before == NULL)
			at = (size_t)position;
		else
		{
			while (before[at + 1] <= position)
				at++;
		}
		out[k] = value[at];
	}
}

/* How many of m sampled values have twice themselves at or below a sum. */
static double
sampled_diagonal(const double *value, size_t m, double sum)
{
	size_t low = 0, high = m;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (value[middle] + value[middle] <= sum)
			low = middle + 1;
		else
			high = middle;
	}
	return (double)low;
}

static size_t
sample_size(size_t n)
{
	return n / STRIDE > SMALLEST_SAMPLE ? n / STRIDE : SMALLEST_SAMPLE;
}

/*
 * The number of sums of the grid up to a value that has the given rank in the
 * sample.  Each sampled value stands for a block of n/m; the sampled diagonal
 * stands for half of its blocks only.
 */
static double
expected_count(const KsPairGrid *grid, const KsPairGrid *sample, double sum, int64_t rank)
{
	double row_block = (double)grid->row_n / (double)sample->rows;
	double column_block = (double)grid->column_n / (double)sample->columns;
	double count = row_block * column_block * (double)rank;

	if (grid->triangular)
		count -= 0.5 * row_block * (row_block - 1) *
				 sampled_diagonal(sample->row, sample->rows, sum);
	return count;
}

/* Guess and density of each search from two ranks of the sample around it. */
static KsStatus
guess_from_sample(const KsEnv *env, const KsPairGrid *grid, const KsPairGrid *sample,
				  Search *search, size_t searches, int64_t *ranks, double *sums)
{
	double block = (double)grid->pairs / (double)sample->pairs;
	int64_t around = (int64_t)(sample->rows + sample->columns) / 2;
	double n = (double)(grid->row_n > grid->column_n ? grid->row_n : grid->column_n);
	KsStatus status;

	for (size_t k = 0; k < searches; k++)
	{
		double wanted = 0.5 * (double)(search[k].first + search[k].last);
		int64_t rank = (int64_t)(wanted / block);

		ranks[2 * k] = rank - around < 1 ? 1 : rank - around;
		ranks[2 * k + 1] = rank + around > sample->pairs ? sample->pairs : rank + around;
	}
	status = ks_pair_sums_of_rank(env, sample, ranks, 2 * searches, sums);
	for (size_t k = 0; k < searches && status == KS_OK; k++)
	{
		double wanted = 0.5 * (double)(search[k].first + search[k].last);
		double low = expected_count(grid, sample, sums[2 * k], ranks[2 * k]);
		double high = expected_count(grid, sample, sums[2 * k + 1], ranks[2 * k + 1]);

		search[k].guess = sums[2 * k];
		search[k].doubt = 0.02;
		search[k].atom = !(sums[2 * k + 1] > sums[2 * k] && high > low);
		if (!search[k].atom)
		{
			search[k].density = (high - low) / (sums[2 * k + 1] - sums[2 * k]);
			search[k].guess += (wanted - low) / search[k].density;
		}
		search[k].slack = 8 * sqrt(block * n) + 64;
	}
	return status;
}

/* Sample the grid and solve the sample for first guesses. */
static KsStatus
guess_searches(const KsEnv *env, const KsPairGrid *grid, Search *search, size_t searches)
{
	size_t rows = sample_size(grid->rows);
	size_t columns = grid->triangular ? 0 : sample_size(grid->columns);
	double *values = env->alloc(env->context, (rows + columns + 2) * sizeof(double));
	int64_t *row_before = NULL;
	int64_t *ranks = env->alloc(env->context, 2 * searches * sizeof(int64_t));
	double *sums = env->alloc(env->context, 2 * searches * sizeof(double));
	KsPairGrid sample = {values,
						 values,
						 NULL,
						 NULL,
						 rows,
						 rows,
						 rows,
						 grid->triangular,
						 (int64_t)rows,
						 (int64_t)rows,
						 ks_triangle((int64_t)rows)};
	KsStatus status = values && ranks && sums ? KS_OK : KS_NO_MEMORY;

	if (status == KS_OK && grid->row_count && !grid->triangular)
	{
		row_before = env->alloc(env->context, (grid->rows + 1) * sizeof(int64_t));
		status = row_before ? KS_OK : KS_NO_MEMORY;
		for (size_t i = 0; row_before && i <= grid->rows; i++)
			row_before[i] = i == 0 ? 0 : row_before[i - 1] + grid->row_count[i - 1];
	}
	if (status == KS_OK)
	{
		sample_values(grid->row, grid->triangular ? grid->column_before : row_before,
					  grid->row_n, rows, values);
		if (!grid->triangular)
		{
			values[rows] = INFINITY;
			values[rows + 1] = -INFINITY;
			sample_values(grid->column + 1, grid->column_before, grid->column_n, columns,
						  values + rows + 2);
			sample.column = values + rows + 1;
			sample.columns = columns;
			sample.column_n = (int64_t)columns;
			sample.steps = rows + columns;
			sample.pairs = (int64_t)rows * (int64_t)columns;
		}
		status = guess_from_sample(env, grid, &sample, search, searches, ranks, sums);
	}
	if (values)
		env->free(env->context, values);
	if (row_before)
		env->free(env->context, row_before);
	if (ranks)
		env->free(env->context, ranks);
	if (sums)
		env->free(env->context, sums);
	return status;
}

/* A search that knows only the ends of the grid. */
static void
start_search(const KsPairGrid *grid, Search *search, int64_t first, int64_t last)
{
	double smallest = grid->row[0] + grid->column[grid->triangular ? 0 : 1];
	double largest =
		grid->row[grid->rows - 1] + grid->column[grid->columns - grid->triangular];

	memset(search, 0, sizeof(*search));
	search->first = first;
	search->last = last;
	search->below = nextafter(smallest, -INFINITY);
	search->above = largest;
	search->above_count = grid->pairs;
	search->above_cells = grid->triangular ? ks_triangle((int64_t)grid->rows)
										   : (int64_t)grid->rows * (int64_t)grid->columns;
	search->last_point = search->below;
	search->density = (double)grid->pairs / (largest - search->below);
	search->guess = search->below + (double)first / search->density;
	search->slack = (double)grid->pairs;
	search->doubt = 0.5;
}

/* Sweep until every search is done. */
static KsStatus
finish_searches(const KsEnv *env, const KsPairGrid *grid, Search *search, size_t *used)
{
	for (;;)
	{
		Search *active[CHAINS];
		int chains = 0;
		size_t end = *used;
		KsStatus status;
		bool any = false;

		for (size_t k = 0; k < end; k++)
		{
			if (!search[k].done)
				active[chains++] = &search[k];
			if (chains == CHAINS || (k + 1 == end && chains > 0))
			{
				status = run_sweep(env, grid, active, chains, search, used);
				if (status != KS_OK)
					return status;
				any = true;
				chains = 0;
			}
		}
		if (!any)
			return KS_OK;
	}
}

/*
 * Neighbouring ranks in a row share a search; a
 * search that splits leaves its second half behind the others.
 */
KsStatus
ks_pair_sums_of_rank(const KsEnv *env, const KsPairGrid *grid, const int64_t *ranks,
					 size_t rank_count, double *sums)
{
	Search *search = env->alloc(env->context, 2 * rank_count * sizeof(Search));
	size_t searches = 0, used;
	KsStatus status = KS_OK;

	if (search == NULL)
		return KS_NO_MEMORY;
	for (size_t k = 0; k < rank_count; k++)
	{
		if (searches > 0 && search[searches - 1].first == search[searches - 1].last &&
			ranks[k] == search[searches - 1].last + 1)
			search[searches - 1].last = ranks[k];
		else
			start_search(grid, &search[searches++], ranks[k], ranks[k]);
	}
	used = searches;
	if (grid->steps > DIRECT_SIZE)
		status = guess_searches(env, grid, search, searches);
	if (status == KS_OK)
		status = finish_searches(env, grid, search, &used);
	for (size_t k = 0; k < rank_count && status == KS_OK; k++)
	{
		for (size_t s = 0; s < used; s++)
		{
			if (search[s].first == ranks[k])
				sums[k] = search[s].value_first;
			else if (search[s].last == ranks[k])
				sums[k] = search[s].value_last;
		}
	}
	env->free(env->context, search);
	return status;
}
