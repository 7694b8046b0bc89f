/*
 * gold.h
 *	  Reads the gold tables test/oracle/<name>.csv: lines of fields without
 *	  quotes, the first line a header, lines starting with # comments, NA for a
 *	  missing number.
 */
#ifndef GOLD_H
#define GOLD_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLD_FIELDS 512
#define GOLD_LINE 16384

typedef struct Gold
{
	FILE *file;
	char line[GOLD_LINE];
	char *field[GOLD_FIELDS];
	int fields;
} Gold;

/* Split the next line into fields; false at the end of the file. */
static inline int
gold_next(Gold *gold)
{
	do
	{
		if (fgets(gold->line, sizeof(gold->line), gold->file) == NULL)
		{
			fclose(gold->file);
			return 0;
		}
	} while (gold->line[0] == '#');
	gold->line[strcspn(gold->line, "\r\n")] = '\0';
	gold->fields = 0;
	for (char *at = gold->line; at != NULL && gold->fields < GOLD_FIELDS;)
	{
		char *comma = strchr(at, ',');

		if (comma != NULL)
			*comma++ = '\0';
		gold->field[gold->fields++] = at;
		at = comma;
	}
	return 1;
}

/* Open a table and pass over its header; a missing table ends the test program. */
static inline void
gold_open(Gold *gold, const char *path)
{
	gold->file = fopen(path, "r");
	if (gold->file == NULL)
	{
		printf("%s: cannot be opened\n", path);
		exit(2);
	}
	gold_next(gold);
}

static inline double
gold_number(const Gold *gold, int field)
{
	return strcmp(gold->field[field], "NA") == 0 ? NAN : strtod(gold->field[field], NULL);
}

#endif
