// SPDX-License-Identifier: GPL-2.0-only
#include "inject/park.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "cutset.skel.h"
#include "inject/engine.h"

struct stand {
	struct park_port port;
	uint32_t ifindex; /* of the engine's device */
};

struct park {
	struct cutset_bpf *skel;
	enum park_engine kind;
	const struct engine *engine;
	void *self; /* the engine's */
	struct stand *stands;
	size_t cnt, cap;
};

static const struct engine *const engines[PARK_ENGINES] = {
	[PARK_TAP] = &engine_tap,
	[PARK_CHAMBER] = &engine_chamber,
	[PARK_EDT] = &engine_edt,
};

const char *park__engine_name(enum park_engine engine)
{
	return engines[engine] ? engines[engine]->name : "auto";
}

int park__parse_engine(const char *name, enum park_engine *ret)
{
	for (int i = 0; i < PARK_ENGINES; i++)
		if (!strcmp(park__engine_name(i), name)) {
			*ret = i;
			return 0;
		}
	return -EINVAL;
}

static int set_terms(const struct park *park, const struct park_term terms[MAX_FAULTS],
		     struct err *err)
{
	int fd = bpf_map__fd(park->skel->maps.park_terms);

	for (uint32_t i = 0; i < MAX_FAULTS; i++) {
		if (!park->engine->early && (terms[i].step || terms[i].message))
			return err__set(err, EXIT_USAGE,
					"the engine %s cannot let go before the time, as +until: asks; "
					"use --engine tap or --engine chamber",
					park->engine->name);
		if (bpf_map_update_elem(fd, &i, &terms[i], BPF_ANY))
			return err__set(err, EXIT_MACHINE, "cannot park packets: %s", strerror(errno));
	}
	return 0;
}

struct park *park__open(struct cutset_bpf *skel, enum park_engine engine,
			const struct park_term terms[MAX_FAULTS], struct err *err)
{
	struct park *park = calloc(1, sizeof(*park));

	if (!park) {
		err__set(err, EXIT_MACHINE, "out of memory");
		return NULL;
	}
	park->skel = skel;
	park->engine = engines[engine];
	park->kind = engine;
	if (!set_terms(park, terms, err))
		park->self = park->engine->open(skel, terms, err);
	if (park->self)
		return park;
	free(park);
	return NULL;
}

enum park_engine park__engine(const struct park *park)
{
	return park->kind;
}

/* Where packets go on first, then the way in. */
static int connect_stand(const struct park *park, const struct stand *stand,
			 const struct park_place *place)
{
	struct park_exit exit = { .ifindex = place->ifindex,
				  .ingress = place->ingress,
				  .shared = place->node == NODE_SHARED,
				  .routed = place->loopback };

	if (bpf_map_update_elem(bpf_map__fd(park->skel->maps.park_exits), &stand->ifindex, &exit,
				BPF_ANY) ||
	    bpf_map_update_elem(bpf_map__fd(park->skel->maps.park_ports), &stand->port,
				&stand->ifindex, BPF_ANY))
		return -errno;
	return 0;
}

int park__add(struct park *park, const struct park_place *place, struct err *err)
{
	struct stand stand = {
		.port = { .node = place->node, .ifindex = place->ifindex, .ingress = place->ingress },
	};
	int failed;

	if (grow(&park->stands, &park->cap, park->cnt + 1))
		return err__set(err, EXIT_MACHINE, "out of memory");
	if (park->engine->add(park->self, place->netns_fd, &stand.ifindex, err))
		return -1;
	park->stands[park->cnt++] = stand;
	failed = connect_stand(park, &stand, place);
	return failed ? err__set(err, EXIT_MACHINE, "cannot park packets: %s", strerror(-failed)) : 0;
}

int park__start(struct park *park, struct err *err)
{
	return park->engine->start(park->self, err);
}

void park__close(struct park *park)
{
	if (!park)
		return;
	for (size_t i = 0; i < park->cnt; i++)
		bpf_map_delete_elem(bpf_map__fd(park->skel->maps.park_ports), &park->stands[i].port);
	park->engine->end(park->self);
	for (size_t i = 0; i < park->cnt; i++)
		bpf_map_delete_elem(bpf_map__fd(park->skel->maps.park_exits),
				    &park->stands[i].ifindex);
	park->engine->close(park->self);
	free(park->stands);
	free(park);
}
