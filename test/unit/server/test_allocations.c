/*
 * test_allocations.c
 *	  Summaries built, merged, stored, read back and used while every allocation in
 *	  turn fails: always SQLSTATE 53200, and what was only to be read is as it was.
 */
#include "summaries.h"

enum
{
	ROWS = 25,
	MOST_OF_EACH = 400, /* allocations of a job that fail, evenly spread */
};

/* What a job reads: a summary and its encoded bytes, both out of the server's reach. */
typedef struct Material
{
	const KcSummaryType *type;
	KcState *state;
	unsigned char *bytes;
	size_t length;
} Material;

static void
job_build(const Material *material)
{
	KcState *state = build(material->type, ROWS, false);

	(void) (material->type->finish ? material->type->finish(state) : kc_state_trim(state));
}

static void
job_merge(const Material *material)
{
	const KcSummaryType *type = material->type;
	KcState *merged;

	if (type->merge == NULL)
		return;
	merged = type->merge(kc_state_create(type), material->state);
	merged = type->merge(merged, material->state);
	(void) (type->finish ? type->finish(merged) : kc_state_trim(merged));
}

static void
job_read(const Material *material)
{
	const char *problem = NULL;
	KcState *state = kc_decode(material->type, material->bytes, material->length, &problem);

	CHECK(state != NULL);
}

static void
job_use(const Material *material)
{
	/* there the statistics are called by the test itself */
	if (material->type->tag != KC_MEDIATION_SUMMARY && material->type->tag != KC_MEDIATION_SAMPLE)
		use(material->type, material->state);
}

/* True when the job came to its end.  Random numbers begin anew for every try. */
static pg_noinline bool
try_job(void (*job)(const Material *material), const Material *material, long fail_at)
{
	random_state = 88172645463325252u;
	server_allocations = 0;
	server_fail_at = fail_at;
	server_sqlstate = 0;
	if (SERVER_TRY())
	{
		job(material);
		server_fail_at = -1;
		return true;
	}
	server_fail_at = -1;
	return false;
}

static long
test_job(void (*job)(const Material *material), const Material *material)
{
	unsigned char *copy = malloc(VARSIZE(material->state));
	long all, tries = 0;

	memcpy(copy, material->state, VARSIZE(material->state));
	CHECK(try_job(job, material, -1));
	all = server_allocations;
	server_reset();
	for (long i = 0; i < all; i += 1 + all / MOST_OF_EACH, tries++)
	{
		CHECK(!try_job(job, material, i));
		CHECK(server_sqlstate == ERRCODE_OUT_OF_MEMORY);
		server_reset();
		CHECK(memcmp(copy, material->state, VARSIZE(material->state)) == 0);
	}
	free(copy);
	return tries;
}

/* Copies of a summary and its bytes that a reset leaves alone. */
static Material
make_material(const KcSummaryType *type)
{
	const KcState *built = build(type, ROWS, false);
	const KcState *state = type->finish ? type->finish(built) : kc_state_trim(built);
	Material material = {type, malloc(VARSIZE(state)), NULL, kc_encoded_size(state)};

	memcpy(material.state, state, VARSIZE(state));
	material.bytes = malloc(material.length);
	kc_encode(state, material.bytes);
	server_reset();
	return material;
}

int
main(void)
{
	for (size_t t = 0; t < lengthof(summary_kinds); t++)
	{
		Material material = make_material(choose_kind(t));
		long built = test_job(job_build, &material), merged = test_job(job_merge, &material);
		long read = test_job(job_read, &material), used = test_job(job_use, &material);

		printf("%s: %ld allocations failed while building, %ld merging, %ld reading, %ld using\n",
			   material.type->name, built, merged, read, used);
		free(material.state);
		free(material.bytes);
	}
	return UNIT_END();
}
