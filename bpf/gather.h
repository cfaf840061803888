/* SPDX-License-Identifier: GPL-2.0-only */
/* A message's first bytes, from wherever its caller has them. */
#ifndef CUTSET_GATHER_H
#define CUTSET_GATHER_H

#include "maps.h"

#define MAX_IOV 4

static __always_inline struct scratch *scratch_here(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

static __always_inline __u64 gather_append(struct scratch *scratch, __u64 have, const void *user,
					  __u64 len)
{
	if (have >= PRINT_BYTES)
		return 0;
	if (len > PRINT_BYTES - have)
		len = PRINT_BYTES - have;
	barrier_var(len); /* as it is; but the verifier has to see it */
	if (len > PRINT_BYTES)
		return 0;
	have &= PRINT_BYTES - 1;
	return bpf_probe_read_user((__u8 *)scratch->bytes + have, (__u32)len, user) ? 0 : len;
}

static __always_inline __u64 gather(struct scratch *scratch, const struct parcel *parcel)
{
	__u64 have = 0, len = parcel->len, part;
	struct iovec iov;

	if (!parcel->iov_cnt)
		return gather_append(scratch, 0, parcel->bytes,
				    len < parcel->room ? len : parcel->room);
	for (int i = 0; i < MAX_IOV && i < parcel->iov_cnt && len; i++) {
		if (bpf_probe_read_user(&iov, sizeof(iov), (const struct iovec *)parcel->bytes + i))
			return have;
		part = iov.iov_len < len ? iov.iov_len : len;
		have += gather_append(scratch, have, iov.iov_base, part);
		len -= part;
	}
	return have;
}

#endif
