// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/rate.h"

#include <math.h>

#define CHANCE 0.05

/* ln of n over k */
static double ln_choose(unsigned int n, unsigned int k)
{
	return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
}

bool rate__exceeds(struct rate with, struct rate base)
{
	unsigned int broken = with.broken + base.broken, made = with.made + base.made;
	double chance = 0;

	for (unsigned int k = with.broken; k <= with.made && k <= broken; k++)
		if (broken - k <= base.made)
			chance += exp(ln_choose(with.made, k) + ln_choose(base.made, broken - k) -
				      ln_choose(made, broken));
	return chance < CHANCE;
}

/* The chance of at most @broken of @made when each breaks with chance @p. */
static double at_most(unsigned int broken, unsigned int made, double p)
{
	double sum = 0;

	for (unsigned int i = 0; i <= broken; i++)
		sum += exp(ln_choose(made, i) + i * log(p) + (made - i) * log1p(-p));
	return sum;
}

/* The rate at which at most @broken of @made has this chance: the higher the rate, the smaller it is. */
static double rate_at(unsigned int broken, unsigned int made, double chance)
{
	double low = 0, high = 1;

	for (int i = 0; i < 50; i++) {
		double mid = (low + high) / 2;

		if (at_most(broken, made, mid) > chance)
			low = mid;
		else
			high = mid;
	}
	return low;
}

void rate__interval(struct rate rate, double *ret_low, double *ret_high)
{
	*ret_low = rate.broken ? rate_at(rate.broken - 1, rate.made, 0.975) : 0;
	*ret_high = rate.broken < rate.made ? rate_at(rate.broken, rate.made, 0.025) : 1;
}
