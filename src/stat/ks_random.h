/*
 * ks_random.h
 *	  Random numbers from an explicit seed, the same on every machine.
 *
 * The xoshiro256++ generator, its state filled by splitmix64, as its authors
 * advise: 256 bits of state, no weak low bits, and small enough to inline.
 * Source: Blackman and Vigna 2021, ACM TOMS 47:36.
 */
#ifndef KS_RANDOM_H
#define KS_RANDOM_H

#include <stdint.h>

typedef struct KsRandom
{
	uint64_t state[4];
} KsRandom;

static inline KsRandom
ks_random_seed(uint64_t seed)
{
	KsRandom random;

	for (int i = 0; i < 4; i++)
	{
		uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
		random.state[i] = z ^ z >> 31;
	}
	return random;
}

static inline uint64_t
ks_random_rotate(uint64_t value, int places)
{
	return value << places | value >> (64 - places);
}

/* 64 random bits. */
static inline uint64_t
ks_random_bits(KsRandom *random)
{
	uint64_t *state = random->state;
	uint64_t bits = ks_random_rotate(state[0] + state[3], 23) + state[0];
	uint64_t shifted = state[1] << 17;

	state[2] ^= state[0];
	state[3] ^= state[1];
	state[1] ^= state[2];
	state[0] ^= state[3];
	state[2] ^= shifted;
	state[3] = ks_random_rotate(state[3], 45);
	return bits;
}

/* Uniform inside (0, 1), never 0 or 1. */
static inline double
ks_random_uniform(KsRandom *random)
{
	return ((double) (ks_random_bits(random) >> 12) + 0.5) * 0x1p-52;
}

#endif
