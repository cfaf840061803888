// SPDX-License-Identifier: GPL-2.0-only
/* The one place where shared maps and globals are defined. */
#include "maps.h"

struct ring_map ring SEC(".maps");
struct cells_map cells SEC(".maps");
struct addresses_map addresses SEC(".maps");
struct flows_map flows SEC(".maps");
struct ledgers_map ledgers SEC(".maps");

struct control control;

char LICENSE[] SEC("license") = "GPL";
