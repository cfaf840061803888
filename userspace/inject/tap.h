/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A TAP device in another network namespace: what is redirected to it can be read, what is written
 * to it comes in on it. Not persistent: it goes when its descriptor is closed.
 *
 *	+---------------------------------+---------------------+
 *	| struct virtio_net_hdr, 10 bytes | Ethernet frame      |
 *	+---------------------------------+---------------------+
 *
 * The header says what of the checksum and of the segmentation is still to be done; written back as
 * it was read, the packet goes on as it was.
 */
#ifndef CUTSET_INJECT_TAP_H
#define CUTSET_INJECT_TAP_H

#include <stdint.h>

#define TAP_HEADER_BYTES 10
#define TAP_FRAME_MAX (TAP_HEADER_BYTES + 18 + 65536)

/* Open one, up, without addresses and without noise of its own; reads do not block. Returns the
 * descriptor and its interface number, which no other of this process has; or -errno. */
int tap__open(int netns_fd, uint32_t *ret_ifindex);

#endif
