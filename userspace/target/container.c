// SPDX-License-Identifier: GPL-2.0-only
#include "target/container.h"

#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

#define MAX_FIELD 4096

void container__free(struct container *c)
{
	if (!c)
		return;
	free(c->id);
	free(c->name);
	free(c->state);
	free(c->status);
	free(c->image);
	free(c->started_at);
	free(c->network_mode);
	free(c->project);
	free(c->service);
	*c = (struct container){ 0 };
}

void containers__free(struct containers *containers)
{
	for (size_t i = 0; i < containers->cnt; i++)
		container__free(&containers->v[i]);
	free(containers->v);
	*containers = (struct containers){ 0 };
}

static int odd(struct err *err, const char *field, const char *what)
{
	return err__set(err, EXIT_MACHINE, "Docker's answer makes no sense: %s %s", field, what);
}

/* A copy of a string of sane length without control characters; -1 where it is anything else. */
static int take_string(const json_t *from, const char *field, char **ret, struct err *err)
{
	const char *text = json_string_value(from);

	if (!text)
		return odd(err, field, "is no string");
	if (json_string_length(from) > MAX_FIELD)
		return odd(err, field, "is too long");
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return odd(err, field, "has control characters");
	*ret = strdup(text);
	return *ret ? 0 : err__set(err, EXIT_MACHINE, "out of memory");
}

static int take_optional(const json_t *from, const char *field, char **ret, struct err *err)
{
	return from && !json_is_null(from) ? take_string(from, field, ret, err) : 0;
}

static int take_labels(const json_t *labels, struct container *ret, struct err *err)
{
	const char *number, *oneoff;

	if (!labels || json_is_null(labels))
		return 0;
	if (!json_is_object(labels))
		return odd(err, "Labels", "is no object");
	if (take_optional(json_object_get(labels, "com.docker.compose.project"), "project label",
			  &ret->project, err) ||
	    take_optional(json_object_get(labels, "com.docker.compose.service"), "service label",
			  &ret->service, err))
		return -1;
	number = json_string_value(json_object_get(labels, "com.docker.compose.container-number"));
	if (number && units__parse_count(number, 0, INT_MAX, &ret->number))
		return odd(err, "container-number label", "is no number");
	oneoff = json_string_value(json_object_get(labels, "com.docker.compose.oneoff"));
	ret->oneoff = oneoff && !strcmp(oneoff, "True");
	return 0;
}

static int take_pid(const json_t *pid, pid_t *ret, struct err *err)
{
	json_int_t value = json_integer_value(pid);

	if (!json_is_integer(pid) || value < 0 || value > INT_MAX)
		return odd(err, "State.Pid", "is no process number");
	*ret = value;
	return 0;
}

static int take_name(const json_t *name, struct container *ret, struct err *err)
{
	if (take_string(name, "Name", &ret->name, err))
		return -1;
	if (ret->name[0] == '/')
		memmove(ret->name, ret->name + 1, strlen(ret->name));
	return 0;
}

static int take_inspected(const json_t *root, struct container *ret, struct err *err)
{
	const json_t *state = json_object_get(root, "State");
	const json_t *config = json_object_get(root, "Config");
	const json_t *host = json_object_get(root, "HostConfig");

	if (!json_is_object(state))
		return odd(err, "State", "is no object");
	if (take_string(json_object_get(root, "Id"), "Id", &ret->id, err) ||
	    take_name(json_object_get(root, "Name"), ret, err) ||
	    take_string(json_object_get(state, "Status"), "State.Status", &ret->state, err) ||
	    take_string(json_object_get(state, "StartedAt"), "State.StartedAt", &ret->started_at, err) ||
	    take_string(json_object_get(config, "Image"), "Config.Image", &ret->image, err) ||
	    take_optional(json_object_get(host, "NetworkMode"), "HostConfig.NetworkMode",
			  &ret->network_mode, err) ||
	    take_pid(json_object_get(state, "Pid"), &ret->pid, err))
		return -1;
	if (!json_is_boolean(json_object_get(state, "Running")))
		return odd(err, "State.Running", "is no boolean");
	if (!json_is_true(json_object_get(state, "Running")))
		ret->pid = 0;
	return take_labels(json_object_get(config, "Labels"), ret, err);
}

/* Old links give a container names like "/other/alias"; its own has one slash. */
static const json_t *own_name(const json_t *names)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name) {
		const char *text = json_string_value(name);

		if (text && text[0] == '/' && !strchr(text + 1, '/'))
			return name;
	}
	return json_array_get(names, 0);
}

static int take_listed(const json_t *item, struct container *ret, struct err *err)
{
	if (!json_is_object(item))
		return odd(err, "a container in the list", "is no object");
	if (take_string(json_object_get(item, "Id"), "Id", &ret->id, err) ||
	    take_name(own_name(json_object_get(item, "Names")), ret, err) ||
	    take_string(json_object_get(item, "State"), "State", &ret->state, err) ||
	    take_optional(json_object_get(item, "Status"), "Status", &ret->status, err) ||
	    take_optional(json_object_get(item, "Image"), "Image", &ret->image, err))
		return -1;
	return take_labels(json_object_get(item, "Labels"), ret, err);
}

static json_t *load(const char *text, size_t len, struct err *err)
{
	json_error_t why;
	json_t *root = json_loadb(text, len, 0, &why);

	if (!root)
		err__set(err, EXIT_MACHINE, "Docker's answer is no JSON: %s", why.text);
	return root;
}

int container__parse(const char *text, size_t len, struct container *ret, struct err *err)
{
	json_t *root = load(text, len, err);
	struct container c = { 0 };
	int failed;

	if (!root)
		return -1;
	failed = json_is_object(root) ? take_inspected(root, &c, err) :
					odd(err, "the whole", "is no object");
	json_decref(root);
	if (failed)
		container__free(&c);
	else
		*ret = c;
	return failed;
}

static int take_list(const json_t *root, struct containers *ret, struct err *err)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(root))
		return odd(err, "the list of containers", "is no array");
	ret->v = calloc(json_array_size(root) + 1, sizeof(*ret->v));
	if (!ret->v)
		return err__set(err, EXIT_MACHINE, "out of memory");
	json_array_foreach(root, i, item) {
		ret->cnt++;
		if (take_listed(item, &ret->v[i], err))
			return -1;
	}
	return 0;
}

int containers__parse(const char *text, size_t len, struct containers *ret, struct err *err)
{
	json_t *root = load(text, len, err);
	struct containers list = { 0 };
	int failed;

	if (!root)
		return -1;
	failed = take_list(root, &list, err);
	json_decref(root);
	if (failed)
		containers__free(&list);
	else
		*ret = list;
	return failed;
}
