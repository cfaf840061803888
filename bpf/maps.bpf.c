// SPDX-License-Identifier: GPL-2.0-only
/* The one place where shared maps and globals are defined. */
#include "maps.h"

struct tasks_map tasks SEC(".maps");
struct processes_map processes SEC(".maps");
struct cgroups_map cgroups SEC(".maps");
struct cgroup_paths_map cgroup_paths SEC(".maps");
struct node_states_map node_states SEC(".maps");
struct known_sockets_map known_sockets SEC(".maps");
struct marks_map marks SEC(".maps");
struct part_ends_map part_ends SEC(".maps");
struct owners_map owners SEC(".maps");
struct ends_map ends SEC(".maps");
struct claims_map claims SEC(".maps");
struct records_map records SEC(".maps");
struct scratches_map scratches SEC(".maps");
struct ring_map ring SEC(".maps");
struct cells_map cells SEC(".maps");
struct addresses_map addresses SEC(".maps");
struct flows_map flows SEC(".maps");
struct stalls_map stalls SEC(".maps");
struct triggers_map triggers SEC(".maps");
struct awaited_map awaited SEC(".maps");
struct parked_flows_map parked_flows SEC(".maps");
struct park_exits_map park_exits SEC(".maps");
struct fired_map fired SEC(".maps");
struct ledgers_map ledgers SEC(".maps");

struct control control;
struct levels levels;
__u32 last_socket;
__u32 trace_number;
__u64 eventfd_operations;
const volatile __u32 payload_max;
const volatile __u64 name_secret;
const volatile __u32 sees_uring;
__u32 takes_uring;
__u32 found_uring;

char LICENSE[] SEC("license") = "GPL";
