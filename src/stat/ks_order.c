/*
 * ks_order.c
 *	  The order of an array by heap sort (Williams 1964, CACM 7:347).
 *
 * Heap sort needs no memory of its own and its worst case is n log n; ties are
 * broken by position, so that the answer is unique.
 */
#include "stat/ks_order.h"

#include <stdbool.h>

static bool
comes_before(const double *value, size_t a, size_t b)
{
	return value[a] < value[b] || (value[a] == value[b] && a < b);
}

/* Let the element at root sink until neither child comes after it. */
static void
sift_down(const double *value, size_t *order, size_t root, size_t end)
{
	size_t moving = order[root];

	for (;;)
	{
		size_t child = 2 * root + 1;

		if (child >= end)
			break;
		if (child + 1 < end && comes_before(value, order[child], order[child + 1]))
			child++;
		if (!comes_before(value, moving, order[child]))
			break;
		order[root] = order[child];
		root = child;
	}
	order[root] = moving;
}

void
ks_order(const double *value, size_t n, size_t *order)
{
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n / 2; i-- > 0;)
		sift_down(value, order, i, n);
	for (size_t end = n; end-- > 1;)
	{
		size_t last = order[0];

		order[0] = order[end];
		order[end] = last;
		sift_down(value, order, 0, end);
	}
}
