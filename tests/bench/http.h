/* SPDX-License-Identifier: GPL-2.0-only */
/* What http_server answers and load waits for, head and page. */
#ifndef BENCH_HTTP_H
#define BENCH_HTTP_H

#define HTTP_ANSWER_BYTES 719

#endif
