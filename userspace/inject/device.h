/* SPDX-License-Identifier: GPL-2.0-only */
/* What the devices that we make in nodes' namespaces have in common. */
#ifndef CUTSET_INJECT_DEVICE_H
#define CUTSET_INJECT_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#define DEVICE_NAME "cutset" /* and a number */
#define DEVICE_TRIES 64	     /* until a number is found that nobody has */

/* Is it a name that we give? */
bool device__is_name(const char *name);

/* Unique over all namespaces: the tc programs know a device by its number alone. */
uint32_t device__next_ifindex(void);

/* In this namespace; without ARP. Returns 0 or -errno. */
int device__up(uint32_t ifindex);

/* Until it carries packets: the kernel finds out in the background that a wire's other end is up, too,
 * and drops what is sent before. Returns 0, or -errno, as -ETIMEDOUT after a second. */
int device__wait(uint32_t ifindex);

/* No link-local address, no router solicitations from it; where IPv6 is off there is no such file. */
void device__silence_ipv6(const char *name);

#endif
