/* SPDX-License-Identifier: GPL-2.0-only */
/* Which messages a rule means; the contract is with struct selector in rule.h. */
#ifndef CUTSET_SELECTOR_H
#define CUTSET_SELECTOR_H

#include "maps.h"

static __always_inline bool selector_has_port(const struct selector *selector,
					      const struct flow_key *key)
{
	__u16 port = selector->port;

	return !port || port == key->sport || port == key->dport;
}

/* @bytes: the message's first SELECTOR_BYTES, zeroes behind its end; @len: of the whole. */
static __always_inline bool selector_means(const struct selector *selector, const __u64 *bytes,
					   __u64 len)
{
	if (selector->len_max && (len < selector->len_min || len > selector->len_max))
		return false;
	if (len < selector->len)
		return false;
	for (int i = 0; i < SELECTOR_BYTES / 8; i++)
		if ((bytes[i] & selector->mask[i]) != selector->text[i])
			return false;
	return true;
}

static __always_inline bool selector_asks_for_bytes(const struct selector *selector)
{
	return selector->len || selector->len_max;
}

#endif
