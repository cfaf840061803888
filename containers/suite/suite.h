/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program of the suite is made of. Each runs as several nodes that act in ticks: at the
 * beginning of tick t a node is handed what was sent to it in tick t - 1, by sender; in the middle
 * of the tick it acts and sends. node.c makes that of real time and a real network.
 */
#ifndef SUITE_H
#define SUITE_H

#include <stddef.h>

#define MAX_SUITE_NODES 8

struct node {
	int id;	     /* index into the program's names */
	int tick;    /* from 1 */
	void *state; /* all zero when a run begins */
};

struct program {
	const char *names[MAX_SUITE_NODES]; /* of the nodes */
	int nodes;
	size_t state_bytes;
	void (*receive)(struct node *node, int from, const char *text); /* may be NULL */
	void (*act)(struct node *node);
};

extern const struct program program;

/* Texts are shorter than MAX_TEXT; what is sent in one tick to one node arrives in order. */
#define MAX_TEXT 64
void send_to(struct node *node, int to, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void send_others(struct node *node, const char *text);

/* A line of the node's log. */
void log_line(struct node *node, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
