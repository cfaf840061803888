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
