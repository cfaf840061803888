// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/shortest.h"

#include <stdio.h>

#include "base/units.h"

static void unsure_words(char *buf, size_t size, const struct shortest *shortest)
{
	char span[32];

	units__print_span(span, sizeof(span), shortest->unsure_ns);
	if (shortest->unsure.broken)
		snprintf(buf, size, "; with %s it broke in %u of %u runs", span, shortest->unsure.broken,
			 shortest->unsure.made);
	else
		snprintf(buf, size, "; with %s it could not be told", span);
}

char *shortest__words(char *buf, size_t size, const struct shortest *shortest, uint64_t asked_ns)
{
	char breaks[32], kept[32], rate[64], middle[96] = "";

	units__print_span(breaks, sizeof(breaks), shortest->breaks_ns);
	units__print_span(kept, sizeof(kept), shortest->kept_ns);
	snprintf(rate, sizeof(rate), "(%u of %u run%s)", shortest->kept.made - shortest->kept.broken,
		 shortest->kept.made, shortest->kept.made == 1 ? "" : "s");
	if (shortest->unsure_ns > shortest->kept_ns)
		unsure_words(middle, sizeof(middle), shortest);
	buf[0] = '\0';
	if (shortest->breaks_ns && shortest->kept_ns)
		snprintf(buf, size, "it breaks when that comes %s late, and is kept with %s %s%s", breaks,
			 kept, rate, middle);
	else if (shortest->breaks_ns && shortest->breaks_ns != asked_ns)
		snprintf(buf, size, "it breaks when that comes %s late; none that was tried below was kept%s",
			 breaks, middle);
	else if (shortest->kept_ns)
		snprintf(buf, size, "it is kept when that comes %s late %s: only what does not come at all breaks it",
			 kept, rate);
	return buf;
}

json_t *shortest__to_json(const struct shortest *shortest)
{
	json_t *json;

	if (!shortest->breaks_ns && !shortest->kept_ns)
		return json_null();
	json = json_pack("{s:I, s:I, s:I, s:[i, i]}", "breaks_ns", (json_int_t)shortest->breaks_ns, "kept_ns",
			 (json_int_t)shortest->kept_ns, "unsure_ns", (json_int_t)shortest->unsure_ns,
			 "unsure_rate", (int)shortest->unsure.broken, (int)shortest->unsure.made);
	if (shortest->kept_ns) {
		json_object_set_new(json, "rate",
				    json_pack("[i, i]", (int)shortest->kept.broken,
					      (int)shortest->kept.made));
		json_object_set_new(json, "run", json_integer(shortest->run));
	}
	return json;
}

static uint64_t number_in(const json_t *json, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(json, name));

	return value > 0 ? (uint64_t)value : 0;
}

struct shortest shortest__from_json(const json_t *json)
{
	const json_t *rate = json_object_get(json, "rate");
	const json_t *unsure = json_object_get(json, "unsure_rate");

	return (struct shortest){
		.breaks_ns = number_in(json, "breaks_ns"),
		.kept_ns = number_in(json, "kept_ns"),
		.unsure_ns = number_in(json, "unsure_ns"),
		.kept = {(unsigned int)json_integer_value(json_array_get(rate, 0)),
			 (unsigned int)json_integer_value(json_array_get(rate, 1))},
		.unsure = {(unsigned int)json_integer_value(json_array_get(unsure, 0)),
			   (unsigned int)json_integer_value(json_array_get(unsure, 1))},
		.run = (unsigned int)number_in(json, "run"),
	};
}
