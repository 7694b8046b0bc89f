/*
 * kc_opioid_exposure.c
 *	  Dated doses of one patient, by drug, unit and route as written.
 *
 * There is one of these for every patient of a cohort, so it is kept small: a
 * fill is 20 bytes, and a product (drug, unit and route as written) stands once,
 * as three lengths of one to three bytes and the three texts.  A patient has a
 * few products, which are found by looking through them; an index is kept only
 * beyond INDEX_ABOVE bytes of them.
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "summary/kc_opioid_exposure.h"

enum
{
	PRODUCTS,
	FILLS,
	INDEX,
};

/* Fills there is room for at first: growing by halves would leave the halves behind. */
#define FIRST_FILLS 12

/* Bytes of products from which on they are indexed: some twenty products. */
#define INDEX_ABOVE 400

typedef struct Fixed
{
	int64 n_empty; /* rows left out that were NULL in every column */
} Fixed;

/* The index: how many products there are, then slots. */
typedef struct Slot
{
	uint32 product; /* position + 1; 0: free */
	uint32 offset;
} Slot;

typedef struct ProductIndex
{
	uint32 products;
	uint32 unused;
	Slot slot[FLEXIBLE_ARRAY_MEMBER];
} ProductIndex;

static KcRegion *
part(const KcState *state, int which)
{
	return kc_region(state, &kc_opioid_exposure_type, which);
}

/* ---- products as bytes -------------------------------------------------------------- */

/* A length in seven bits a byte, lowest first, the last byte without the top bit. */
static unsigned char *
put_length(unsigned char *out, uint32 length)
{
	for (; length >= 0x80; length >>= 7)
		*out++ = length | 0x80;
	*out++ = length;
	return out;
}

/* The reverse; NULL when it runs over the end or past KC_MAX_PRODUCT_TEXT. */
static const unsigned char *
get_length(const unsigned char *in, const unsigned char *end, uint32 *length)
{
	*length = 0;
	for (int shift = 0; shift <= 14 && in < end; shift += 7)
	{
		*length |= (uint32) (*in & 0x7F) << shift;
		if (*in++ < 0x80)
			return *length <= KC_MAX_PRODUCT_TEXT ? in : NULL;
	}
	return NULL;
}

/* Reads one product; returns where the next begins, NULL where it is damaged. */
static const unsigned char *
read_product(const unsigned char *in, const unsigned char *end, KcProduct *product)
{
	for (int f = 0; f < KC_PRODUCT_FIELDS; f++)
	{
		in = get_length(in, end, &product->length[f]);
		if (in == NULL)
			return NULL;
	}
	for (int f = 0; f < KC_PRODUCT_FIELDS; f++)
	{
		if (product->length[f] > end - in)
			return NULL;
		product->text[f] = (const char *) in;
		in += product->length[f];
	}
	return in;
}

static const unsigned char *
products_begin(const KcState *state)
{
	return kc_region_data(state, part(state, PRODUCTS));
}

static const unsigned char *
products_end(const KcState *state)
{
	return products_begin(state) + part(state, PRODUCTS)->used;
}

static bool
same_product(const KcProduct *a, const KcProduct *b)
{
	for (int f = 0; f < KC_PRODUCT_FIELDS; f++)
		if (a->length[f] != b->length[f])
			return false;
	for (int f = 0; f < KC_PRODUCT_FIELDS; f++)
		if (memcmp(a->text[f], b->text[f], a->length[f]) != 0)
			return false;
	return true;
}

/* ---- finding and adding products ------------------------------------------------------ */

static uint32
hash_product(const KcProduct *product)
{
	uint32 hash = 0;

	for (int f = 0; f < KC_PRODUCT_FIELDS; f++)
		hash = hash_combine(hash, hash_bytes((const unsigned char *) product->text[f],
											 product->length[f]));
	return hash;
}

static Slot *
find_slot(const KcState *state, const KcProduct *product)
{
	KcRegion *region = part(state, INDEX);
	ProductIndex *index = kc_region_data(state, region);
	uint32 mask = (region->used - offsetof(ProductIndex, slot)) / sizeof(Slot) - 1;
	uint32 at = hash_product(product) & mask;

	for (; index->slot[at].product != 0; at = (at + 1) & mask)
	{
		KcProduct own;

		(void) read_product(products_begin(state) + index->slot[at].offset,
							products_end(state), &own);
		if (same_product(&own, product))
			break;
	}
	return &index->slot[at];
}

/* An index with room for one more product than there are. */
static KcState *
rebuild_index(KcState *state, uint32 products)
{
	size_t n_slots = 16;
	size_t bytes;
	ProductIndex *index;
	uint32 number = 0;

	while (n_slots < 3 * ((size_t) products + 1))
		n_slots *= 2;
	bytes = offsetof(ProductIndex, slot) + n_slots * sizeof(Slot);
	part(state, INDEX)->used = 0;
	state = kc_region_reserve(state, INDEX, bytes);
	part(state, INDEX)->used = bytes;
	index = kc_region_data(state, part(state, INDEX));
	memset(index, 0, bytes);
	index->products = products;
	for (const unsigned char *at = products_begin(state), *next; at < products_end(state);
		 at = next)
	{
		KcProduct product;
		Slot *slot;

		next = read_product(at, products_end(state), &product);
		slot = find_slot(state, &product);
		slot->offset = at - products_begin(state);
		slot->product = ++number;
	}
	return state;
}

static KcState *
append_product(KcState *state, const KcProduct *product)
{
	unsigned char lengths[3 * KC_PRODUCT_FIELDS];
	unsigned char *end = lengths;
	size_t bytes = 0;

	for (int f = 0; f < KC_PRODUCT_FIELDS; f++)
	{
		end = put_length(end, product->length[f]);
		bytes += product->length[f];
	}
	state = kc_region_reserve(state, PRODUCTS, bytes + (end - lengths));
	state = kc_region_append(state, PRODUCTS, lengths, end - lengths);
	for (int f = 0; f < KC_PRODUCT_FIELDS; f++)
		state = kc_region_append(state, PRODUCTS, product->text[f], product->length[f]);
	return state;
}

static KcState *
intern_indexed(KcState *state, const KcProduct *product, uint32 *number)
{
	KcRegion *region = part(state, INDEX);
	uint32 products = 0;
	Slot *slot;

	if (region->used > 0)
		products = ((ProductIndex *) kc_region_data(state, region))->products;
	else
	{
		uint32 count;

		pfree(kc_opioid_exposure_products(state, &count));
		products = count;
	}
	if (region->used < offsetof(ProductIndex, slot) + sizeof(Slot) * 2 * ((size_t) products + 1))
		state = rebuild_index(state, products);
	slot = find_slot(state, product);
	if (slot->product == 0)
	{
		slot->product = products + 1;
		slot->offset = part(state, PRODUCTS)->used;
		((ProductIndex *) kc_region_data(state, part(state, INDEX)))->products++;
		*number = products;
		return append_product(state, product);
	}
	*number = slot->product - 1;
	return state;
}

/* The position of a product, added when new.  The state may move. */
static KcState *
intern(KcState *state, const KcProduct *product, uint32 *number)
{
	const unsigned char *at = products_begin(state);
	const unsigned char *end = products_end(state);

	if (part(state, PRODUCTS)->used > INDEX_ABOVE)
		return intern_indexed(state, product, number);
	for (*number = 0; at < end; ++*number)
	{
		KcProduct own;

		at = read_product(at, end, &own);
		if (same_product(&own, product))
			return state;
	}
	return append_product(state, product);
}

/* ---- rows ---------------------------------------------------------------------------- */

static KcState *
append_fill(KcState *state, uint32 product, const KcFill *fill)
{
	KcFill own = *fill;

	own.product = product;
	state->n++;
	return kc_region_append(state, FILLS, &own, sizeof(own));
}

KcState *
kc_opioid_exposure_add_fill(KcState *state, const KcProduct *product, double dose,
							int32 start, int32 days)
{
	KcFill fill = {start, days, 0, {0}};
	uint32 number;

	dose += 0.0;
	memcpy(fill.dose, &dose, sizeof(dose));
	state = intern(state, product, &number);
	if (part(state, FILLS)->capacity == 0)
		state = kc_region_reserve(state, FILLS, FIRST_FILLS * sizeof(KcFill));
	return append_fill(state, number, &fill);
}

void
kc_opioid_exposure_add_missing(KcState *state, bool empty)
{
	state->n_missing++;
	((Fixed *) kc_fixed(state))->n_empty += empty;
}

int64
kc_opioid_exposure_incomplete(const KcState *state)
{
	return state->n_missing - ((const Fixed *) kc_fixed(state))->n_empty;
}

const KcFill *
kc_opioid_exposure_fills(const KcState *state, size_t *count)
{
	*count = part(state, FILLS)->used / sizeof(KcFill);
	return kc_region_data(state, part(state, FILLS));
}

KcProduct *
kc_opioid_exposure_products(const KcState *state, uint32 *count)
{
	const unsigned char *at = products_begin(state);
	const unsigned char *end = products_end(state);
	KcProduct product;
	KcProduct *products;

	for (*count = 0; at < end; ++*count)
		at = read_product(at, end, &product);
	products = palloc_extended(sizeof(KcProduct) * Max(*count, 1), MCXT_ALLOC_HUGE);
	at = products_begin(state);
	for (uint32 i = 0; i < *count; i++)
		at = read_product(at, end, &products[i]);
	return products;
}

static KcState *
merge_exposure(KcState *into, const KcState *from)
{
	uint32 n_products;
	KcProduct *products = kc_opioid_exposure_products(from, &n_products);
	uint32 *number = palloc_extended(sizeof(uint32) * Max(n_products, 1), MCXT_ALLOC_HUGE);
	size_t n_fills;
	const KcFill *fills = kc_opioid_exposure_fills(from, &n_fills);

	for (uint32 i = 0; i < n_products; i++)
		into = intern(into, &products[i], &number[i]);
	into = kc_region_reserve(into, FILLS, n_fills * sizeof(KcFill));
	for (size_t i = 0; i < n_fills; i++)
		into = append_fill(into, number[fills[i].product], &fills[i]);
	into->n_missing += from->n_missing;
	((Fixed *) kc_fixed(into))->n_empty += ((const Fixed *) kc_fixed(from))->n_empty;
	pfree(products);
	pfree(number);
	return into;
}

/* ---- values from outside --------------------------------------------------------------- */

/* How many products there are in bytes from outside, -1 where they are damaged. */
static int64
count_products(const KcState *state)
{
	const unsigned char *at = products_begin(state);
	const unsigned char *end = products_end(state);
	KcProduct product;
	int64 count = 0;

	for (; at < end; count++)
	{
		at = read_product(at, end, &product);
		if (at == NULL)
			return -1;
		for (int f = 0; f < KC_PRODUCT_FIELDS; f++)
			if (memchr(product.text[f], '\0', product.length[f]) != NULL)
				return -1;
	}
	return count;
}

static const char *
check_exposure(const KcState *state)
{
	int64 n_empty = ((const Fixed *) kc_fixed(state))->n_empty;
	int64 products = count_products(state);
	size_t n_fills;
	const KcFill *fills = kc_opioid_exposure_fills(state, &n_fills);

	if (products < 0)
		return "its products are damaged";
	if (state->flags != 0)
		return "its flags are unknown";
	if (n_empty < 0 || n_empty > state->n_missing)
		return "the row counts do not fit together";
	if ((int64) n_fills != state->n)
		return "the fills do not add up to the number of rows";
	for (size_t i = 0; i < n_fills; i++)
	{
		double dose = kc_fill_dose(&fills[i]);

		if (fills[i].product >= products)
			return "a fill has no product";
		if (!isfinite(dose) || dose < 0)
			return "a dose is out of range";
		if (fills[i].days < 1 || fills[i].start < KC_FIRST_DAY ||
			(int64) fills[i].start + fills[i].days - 1 > KC_LAST_DAY)
			return "a date is out of range";
	}
	return NULL;
}

const KcSummaryType kc_opioid_exposure_type = {
	.name = "opioid_exposure",
	.tag = KC_OPIOID_EXPOSURE,
	.version = 1,
	.fixed_size = sizeof(Fixed),
	.n_regions = 3,
	.fixed_pattern = "l",
	.region_pattern = {"b", "iiid", ""},
	.check = check_exposure,
	.merge = merge_exposure,
};
