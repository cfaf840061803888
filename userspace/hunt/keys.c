// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/keys.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/units.h"

struct keys {
	char *path;
	yaml_document_t doc;
	bool has_doc;
};

static int refuse_at(const struct keys *keys, size_t line, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static int refuse_at(const struct keys *keys, size_t line, struct err *err, const char *fmt, ...)
{
	char msg[800];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	if (!line)
		return err__set(err, EXIT_USAGE, "%s: %s", keys->path, msg);
	return err__set(err, EXIT_USAGE, "%s:%zu: %s", keys->path, line, msg);
}

static size_t line_of(const yaml_node_t *node)
{
	return node->start_mark.line + 1;
}

/* The text of a scalar; NULL when it is none, is too long or holds a NUL. */
static const char *text_of(const yaml_node_t *node)
{
	const char *text;

	if (!node || node->type != YAML_SCALAR_NODE)
		return NULL;
	text = (const char *)node->data.scalar.value;
	if (node->data.scalar.length > KEYS_MAX_TEXT || strlen(text) != node->data.scalar.length)
		return NULL;
	return text;
}

static const char *type_word(const yaml_node_t *node)
{
	switch (node->type) {
	case YAML_SEQUENCE_NODE:
		return "a list";
	case YAML_MAPPING_NODE:
		return "a mapping";
	default:
		return text_of(node) ? "a text" : "a text that is too long or holds a NUL byte";
	}
}

static int take_text(struct keys *keys, const yaml_node_t *node, const char *name, char **ret,
		     struct err *err)
{
	const char *text = text_of(node);

	if (!text)
		return refuse_at(keys, line_of(node), err, "`%s` is %s; write one text", name,
				 type_word(node));
	if (!*text)
		return refuse_at(keys, line_of(node), err, "`%s` is empty; give it a value or leave it out",
				 name);
	*ret = strdup(text);
	return *ret ? 0 : err__set(err, EXIT_MACHINE, "out of memory");
}

static int take_list(struct keys *keys, const yaml_node_t *node, const struct key *key, void *target,
		     struct err *err)
{
	char ***list = (char ***)((char *)target + key->offset);
	size_t *cnt = (size_t *)((char *)target + key->cnt_offset);
	const yaml_node_item_t *item;
	size_t want = 1;

	if (node->type == YAML_MAPPING_NODE)
		return refuse_at(keys, line_of(node), err, "`%s` is a mapping; write a list: [a, b]",
				 key->name);
	if (node->type == YAML_SEQUENCE_NODE)
		want = node->data.sequence.items.top - node->data.sequence.items.start;
	if (want > KEYS_MAX_ITEMS)
		return refuse_at(keys, line_of(node), err, "`%s` has %zu items; at most %d are allowed",
				 key->name, want, KEYS_MAX_ITEMS);
	*list = calloc(want + 1, sizeof(**list));
	if (!*list)
		return err__set(err, EXIT_MACHINE, "out of memory");
	if (node->type == YAML_SCALAR_NODE) {
		if (take_text(keys, node, key->name, &(*list)[0], err))
			return -1;
		*cnt = 1;
		return 0;
	}
	for (item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++) {
		const yaml_node_t *elem = yaml_document_get_node(&keys->doc, *item);

		if (take_text(keys, elem, key->name, &(*list)[*cnt], err))
			return -1;
		(*cnt)++;
	}
	return 0;
}

static int take_number(struct keys *keys, const yaml_node_t *node, const struct key *key,
		       const char *text, void *at, struct err *err)
{
	long n;

	if (key->type == KEY_LIMIT && !strcmp(text, "all")) {
		*(int *)at = -1;
		return 0;
	}
	if (units__parse_count(text, key->min, key->max, &n))
		return refuse_at(keys, line_of(node), err,
				 "`%s: %.60s` is not a whole number from %ld to %ld%s", key->name, text,
				 key->min, key->max, key->type == KEY_LIMIT ? ", nor `all`" : "");
	if (key->type == KEY_LIMIT)
		*(int *)at = (int)n;
	else
		*(unsigned int *)at = (unsigned int)n;
	return 0;
}

static int take_scalar(struct keys *keys, const yaml_node_t *node, const struct key *key,
		       void *target, struct err *err)
{
	void *at = (char *)target + key->offset;
	const char *text = text_of(node), *why;

	if (!text)
		return refuse_at(keys, line_of(node), err, "`%s` is %s; write one value", key->name,
				 type_word(node));
	if (key->type == KEY_COUNT || key->type == KEY_LIMIT)
		return take_number(keys, node, key, text, at, err);
	if (key->type == KEY_SPAN) {
		if (!units__parse_span_ns(text, NULL, at))
			return 0;
		return refuse_at(keys, line_of(node), err,
				 "`%s: %.60s` is not a span of time; write a number and a unit, as in 500ms, 20s, 30m",
				 key->name, text);
	}
	why = key->take(text, target);
	if (why)
		return refuse_at(keys, line_of(node), err, "`%s: %.60s`: %s", key->name, text, why);
	return 0;
}

static int take_map(struct keys *keys, const yaml_node_t *map, const struct key *table,
		    const char *where, void *target, struct err *err);

static int take_value(struct keys *keys, const yaml_node_t *node, const struct key *key,
		      void *target, struct err *err)
{
	switch (key->type) {
	case KEY_TEXT:
		return take_text(keys, node, key->name, (char **)((char *)target + key->offset), err);
	case KEY_LIST:
		return take_list(keys, node, key, target, err);
	case KEY_MAP:
		if (node->type != YAML_MAPPING_NODE)
			return refuse_at(keys, line_of(node), err,
					 "`%s` is %s; write a mapping: {%s: ...}", key->name,
					 type_word(node), key->sub[0].name);
		return take_map(keys, node, key->sub, key->name, target, err);
	default:
		return take_scalar(keys, node, key, target, err);
	}
}

static void list_names(const struct key *table, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (; table->name && len < size; table++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? ", " : "", table->name);
}

static int refuse_unknown(struct keys *keys, const yaml_node_t *key_node, const struct key *table,
			  const char *where, struct err *err)
{
	const char *text = text_of(key_node);
	char names[400];

	list_names(table, names, sizeof(names));
	return refuse_at(keys, line_of(key_node), err, "unknown key `%.60s`%s%s; known are: %s",
			 text ? text : "(not a text)", *where ? " in " : "", where, names);
}

static int take_map(struct keys *keys, const yaml_node_t *map, const struct key *table,
		    const char *where, void *target, struct err *err)
{
	const yaml_node_pair_t *pair;
	uint64_t seen = 0;

	for (pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key_node = yaml_document_get_node(&keys->doc, pair->key);
		const yaml_node_t *value = yaml_document_get_node(&keys->doc, pair->value);
		const char *text = text_of(key_node);
		size_t i = 0;

		while (text && table[i].name && strcmp(table[i].name, text))
			i++;
		if (!text || !table[i].name)
			return refuse_unknown(keys, key_node, table, where, err);
		if (seen & (1ULL << i))
			return refuse_at(keys, line_of(key_node), err,
					 "`%s` is there twice; remove one", text);
		seen |= 1ULL << i;
		if (take_value(keys, value, &table[i], target, err))
			return -1;
	}
	return 0;
}

int keys__take(struct keys *keys, const struct key *table, void *target, struct err *err)
{
	return take_map(keys, yaml_document_get_root_node(&keys->doc), table, "", target, err);
}

static const yaml_node_t *pair_named(struct keys *keys, const yaml_node_t *map, const char *name,
				     size_t len, const yaml_node_t **ret_key)
{
	const yaml_node_pair_t *pair;

	if (!map || map->type != YAML_MAPPING_NODE)
		return NULL;
	for (pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(&keys->doc, pair->key);
		const char *text = text_of(key);

		if (text && strlen(text) == len && !strncmp(text, name, len)) {
			*ret_key = key;
			return yaml_document_get_node(&keys->doc, pair->value);
		}
	}
	return NULL;
}

unsigned int keys__line(struct keys *keys, const char *dotted)
{
	const yaml_node_t *map = yaml_document_get_root_node(&keys->doc), *key = NULL;

	while (*dotted) {
		size_t len = strcspn(dotted, ".");

		map = pair_named(keys, map, dotted, len, &key);
		if (!map)
			return 0;
		dotted += len + (dotted[len] == '.');
	}
	return key ? (unsigned int)line_of(key) : 0;
}

int keys__refuse(struct keys *keys, const char *dotted, struct err *err, const char *fmt, ...)
{
	char msg[800];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	return refuse_at(keys, dotted ? keys__line(keys, dotted) : 0, err, "%s", msg);
}

static int check_root(struct keys *keys, yaml_parser_t *parser, struct err *err)
{
	const yaml_node_t *root = yaml_document_get_root_node(&keys->doc);
	yaml_document_t more;
	int extra;

	if (!root)
		return refuse_at(keys, 0, err, "the file is empty; `workload:` and `targets:` are needed");
	if (root->type != YAML_MAPPING_NODE)
		return refuse_at(keys, line_of(root), err, "the file is %s; write `key: value` lines",
				 type_word(root));
	if (!yaml_parser_load(parser, &more))
		return refuse_at(keys, parser->problem_mark.line + 1, err, "%s", parser->problem);
	extra = yaml_document_get_root_node(&more) != NULL;
	yaml_document_delete(&more);
	return extra ? refuse_at(keys, 0, err, "there is more than one document; keep one") : 0;
}

static int parse(struct keys *keys, const char *text, size_t len, struct err *err)
{
	yaml_parser_t parser;
	int ret = -1;

	if (!yaml_parser_initialize(&parser))
		return err__set(err, EXIT_MACHINE, "out of memory");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (!yaml_parser_load(&parser, &keys->doc)) {
		refuse_at(keys, parser.problem_mark.line + 1, err, "not YAML: %s%s%s",
			  parser.problem ? parser.problem : "unreadable", parser.context ? " " : "",
			  parser.context ? parser.context : "");
	} else {
		keys->has_doc = true;
		ret = check_root(keys, &parser, err);
	}
	yaml_parser_delete(&parser);
	return ret;
}

struct keys *keys__parse(const char *path, const char *text, size_t len, struct err *err)
{
	struct keys *keys = calloc(1, sizeof(*keys));

	if (!keys || !(keys->path = strdup(path))) {
		err__set(err, EXIT_MACHINE, "out of memory");
		free(keys);
		return NULL;
	}
	if (parse(keys, text, len, err)) {
		keys__close(keys);
		return NULL;
	}
	return keys;
}

struct keys *keys__open(const char *path, struct err *err)
{
	char *text = malloc(KEYS_MAX_BYTES + 1);
	FILE *file = fopen(path, "re");
	struct keys *keys = NULL;
	size_t len;

	if (!file || !text) {
		err__set(err, EXIT_USAGE, "cannot read the scenario %s: %s", path,
			 file ? "out of memory" : strerror(errno));
		goto out;
	}
	len = fread(text, 1, KEYS_MAX_BYTES + 1, file);
	if (ferror(file))
		err__set(err, EXIT_USAGE, "cannot read the scenario %s: %s", path, strerror(errno));
	else if (len > KEYS_MAX_BYTES)
		err__set(err, EXIT_USAGE, "%s is larger than %d KiB: this is no scenario", path,
			 KEYS_MAX_BYTES >> 10);
	else
		keys = keys__parse(path, text, len, err);
out:
	if (file)
		fclose(file);
	free(text);
	return keys;
}

void keys__close(struct keys *keys)
{
	if (!keys)
		return;
	if (keys->has_doc)
		yaml_document_delete(&keys->doc);
	free(keys->path);
	free(keys);
}
