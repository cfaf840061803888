// SPDX-License-Identifier: GPL-2.0-only
#include "target/docker.h"

#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

#define DEFAULT_SOCKET "/var/run/docker.sock"
#define MAX_ANSWER_BYTES (64UL << 20)
#define CONNECT_TIMEOUT_MS 3000L
#define TIMEOUT_MS 10000L

struct docker {
	CURL *curl;
	char *socket;
};

struct answer {
	char *text;
	size_t len, cap;
	long status;
};

static char *socket_path(struct err *err)
{
	const char *host = getenv("DOCKER_HOST");

	if (!host || !*host)
		return strdup(DEFAULT_SOCKET);
	if (strncmp(host, "unix://", 7) || host[7] != '/') {
		err__set(err, EXIT_MACHINE,
			 "DOCKER_HOST is %s, and cutset needs the containers on this machine; set it to "
			 "unix:///PATH or unset it", host);
		return NULL;
	}
	return strdup(host + 7);
}

static size_t take(char *data, size_t size, size_t cnt, void *arg)
{
	struct answer *answer = arg;
	size_t len = size * cnt;

	if (len > MAX_ANSWER_BYTES - answer->len ||
	    grow(&answer->text, &answer->cap, answer->len + len + 1))
		return 0;
	memcpy(answer->text + answer->len, data, len);
	answer->len += len;
	answer->text[answer->len] = '\0';
	return len;
}

struct docker *docker__new(struct err *err)
{
	struct docker *docker = calloc(1, sizeof(*docker));

	if (!docker) {
		err__set(err, EXIT_MACHINE, "out of memory");
		return NULL;
	}
	docker->socket = socket_path(err);
	if (docker->socket)
		docker->curl = curl_easy_init();
	if (docker->socket && !docker->curl)
		err__set(err, EXIT_MACHINE, "cannot start libcurl");
	if (!docker->curl) {
		docker__free(docker);
		return NULL;
	}
	return docker;
}

void docker__free(struct docker *docker)
{
	if (!docker)
		return;
	if (docker->curl)
		curl_easy_cleanup(docker->curl);
	free(docker->socket);
	free(docker);
}

static void prepare(struct docker *docker, const char *url, struct answer *answer)
{
	CURL *curl = docker->curl;

	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, docker->socket);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* not even when the environment names one */
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
}

static int not_reached(const struct docker *docker, CURLcode code, struct err *err)
{
	long os_errno = 0;

	curl_easy_getinfo(docker->curl, CURLINFO_OS_ERRNO, &os_errno);
	if (code == CURLE_WRITE_ERROR)
		return err__set(err, EXIT_MACHINE, "Docker's answer on %s is longer than %lu MiB",
				docker->socket, MAX_ANSWER_BYTES >> 20);
	return err__set(err, EXIT_MACHINE,
			"Docker does not answer on %s: %s; %s", docker->socket,
			os_errno ? strerror(os_errno) : curl_easy_strerror(code),
			os_errno == EACCES ? "run as root or join the group docker" :
					     "start dockerd, or set DOCKER_HOST");
}

/* GET; *ret is the caller's to free, also where -1 is returned. */
static int get(struct docker *docker, const char *path, struct answer *ret, struct err *err)
{
	char url[4096];
	CURLcode code;

	if (snprintf(url, sizeof(url), "http://docker%s", path) >= (int)sizeof(url))
		return err__set(err, EXIT_USAGE, "the name is too long");
	prepare(docker, url, ret);
	code = curl_easy_perform(docker->curl);
	if (code)
		return not_reached(docker, code, err);
	curl_easy_getinfo(docker->curl, CURLINFO_RESPONSE_CODE, &ret->status);
	if (!ret->text && !(ret->text = strdup("")))
		return err__set(err, EXIT_MACHINE, "out of memory");
	return 0;
}

static int refused(const struct answer *answer, const char *path, struct err *err)
{
	json_t *root = json_loadb(answer->text, answer->len, 0, NULL);
	const char *why = json_string_value(json_object_get(root, "message"));

	err__set(err, EXIT_MACHINE, "Docker refused %s: %.300s (HTTP %ld)", path,
		 why ? why : "no reason given", answer->status);
	json_decref(root);
	return -1;
}

/* "web1, web2 and 3 more" */
static void list_names(const struct containers *list, char *buf, size_t size)
{
	size_t len = 0;

	snprintf(buf, size, "none");
	for (size_t i = 0; i < list->cnt; i++) {
		if (i == 16 || len + strlen(list->v[i].name) + 24 > size) {
			snprintf(buf + len, size - len, " and %zu more", list->cnt - i);
			return;
		}
		len += snprintf(buf + len, size - len, "%s%s", i ? ", " : "", list->v[i].name);
	}
}

static int not_there(struct docker *docker, const char *name, struct err *err)
{
	struct containers list = { 0 };
	char names[640];

	if (docker__list(docker, NULL, &list, err))
		return -1;
	list_names(&list, names, sizeof(names));
	containers__free(&list);
	return err__set(err, EXIT_TARGET, "there is no container %.128s; containers: %s", name, names);
}

/* Docker's own rule for names; it also keeps the name from being more than one part of a URL. */
static bool plausible(const char *name)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	return *name && !strchr("_.-", *name) && strlen(name) <= 255 && !name[strspn(name, allowed)];
}

int docker__inspect(struct docker *docker, const char *name, struct container *ret, struct err *err)
{
	struct answer answer = { 0 };
	char path[300];
	int failed;

	if (!plausible(name))
		return err__set(err, EXIT_USAGE, "`%.128s` cannot be the name of a container", name);
	snprintf(path, sizeof(path), "/containers/%s/json", name);
	failed = get(docker, path, &answer, err);
	if (!failed && answer.status == 404)
		failed = not_there(docker, name, err);
	else if (!failed && answer.status != 200)
		failed = refused(&answer, path, err);
	else if (!failed)
		failed = container__parse(answer.text, answer.len, ret, err);
	free(answer.text);
	return failed;
}

/* all=1&filters={"label":["com.docker.compose.project=NAME"]}, escaped; NULL when memory is out */
static char *list_query(struct docker *docker, const char *project)
{
	json_t *filter = json_pack("{s:[o]}", "label",
				   json_sprintf("com.docker.compose.project=%s", project));
	char *text = filter ? json_dumps(filter, JSON_COMPACT) : NULL;
	char *escaped = text ? curl_easy_escape(docker->curl, text, 0) : NULL;
	char *query = NULL;

	if (escaped && asprintf(&query, "/containers/json?all=1&filters=%s", escaped) < 0)
		query = NULL;
	curl_free(escaped);
	free(text);
	json_decref(filter);
	return query;
}

int docker__list(struct docker *docker, const char *project, struct containers *ret, struct err *err)
{
	struct answer answer = { 0 };
	char *path = project ? list_query(docker, project) : strdup("/containers/json?all=1");
	int failed;

	if (!path)
		return err__set(err, EXIT_USAGE, "`%.128s` cannot be the name of a project", project);
	failed = get(docker, path, &answer, err);
	if (!failed && answer.status != 200)
		failed = refused(&answer, path, err);
	else if (!failed)
		failed = containers__parse(answer.text, answer.len, ret, err);
	free(answer.text);
	free(path);
	return failed;
}

int docker__version(struct docker *docker, char *buf, size_t size, struct err *err)
{
	struct answer answer = { 0 };
	const char *version, *api;
	json_t *root;
	int failed = get(docker, "/version", &answer, err);

	if (!failed && answer.status != 200)
		failed = refused(&answer, "/version", err);
	root = failed ? NULL : json_loadb(answer.text, answer.len, 0, NULL);
	free(answer.text);
	if (failed)
		return -1;
	version = json_string_value(json_object_get(root, "Version"));
	api = json_string_value(json_object_get(root, "ApiVersion"));
	if (version && api)
		snprintf(buf, size, "%.40s (API %.20s)", version, api);
	else
		failed = err__set(err, EXIT_MACHINE, "what answers on %s is not Docker",
				  docker->socket);
	json_decref(root);
	return failed;
}
