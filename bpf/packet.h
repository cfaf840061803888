/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a packet is, read from its network header on: works for devices with and without Ethernet,
 * and for GSO packets (whose IP length is that of the whole).
 */
#ifndef CUTSET_PACKET_H
#define CUTSET_PACKET_H

#include "address.h"

#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define ETH_HLEN 14
#define AF_INET 2
#define AF_INET6 10

/* macros in the C library's headers, hence not in vmlinux.h */
#define IPPROTO_HOPOPTS 0
#define IPPROTO_ROUTING 43
#define IPPROTO_FRAGMENT 44
#define IPPROTO_ICMPV6 58
#define IPPROTO_DSTOPTS 60

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

struct packet {
	struct flow_key key;
	__u32 seq;
	__u32 len; /* payload bytes */
	__u32 payload; /* where they begin, from the network header on */
	__u8 family;
	__u8 proto;
	__u8 tcp_flags;
	__u8 icmp_type;
	__u8 headless;	/* a later fragment: no ports */
	__u8 multicast; /* or broadcast */
};

/* The relative load sees an skb's linear part only, which a TAP ends within the TCP header when a
 * frame is larger than a page. */
static __always_inline int packet_load(struct __sk_buff *skb, __u32 off, void *to, __u32 len)
{
	if (!bpf_skb_load_bytes_relative(skb, off, to, len, BPF_HDR_START_NET))
		return 0;
	return bpf_skb_load_bytes(skb, ETH_HLEN + off, to, len);
}

static __always_inline int packet_transport(struct __sk_buff *skb, struct packet *p, __u32 off,
					    __u32 total)
{
	__u8 head[16] __attribute__((aligned(8)));
	__u32 hlen;

	p->len = total > off ? total - off : 0;
	if (p->headless)
		return 0;
	if (p->proto == IPPROTO_TCP) {
		if (packet_load(skb, off, head, 14)) /* ports to flags */
			return -1;
		p->seq = bpf_ntohl(*(__u32 *)(head + 4));
		p->tcp_flags = head[13];
		hlen = (head[12] >> 4) * 4;
		p->len = p->len > hlen ? p->len - hlen : 0;
		p->payload = off + hlen;
	} else if (packet_load(skb, off, head, 8)) {
		return 0;
	}
	if (p->proto == IPPROTO_ICMP || p->proto == IPPROTO_ICMPV6) {
		p->icmp_type = head[0];
		return 0;
	}
	if (p->proto == IPPROTO_UDP) {
		p->len = p->len > 8 ? p->len - 8 : 0;
		p->payload = off + 8;
	}
	p->key.sport = bpf_ntohs(*(__u16 *)head);
	p->key.dport = bpf_ntohs(*(__u16 *)(head + 2));
	return 0;
}

static __always_inline int packet_v4(struct __sk_buff *skb, struct packet *p)
{
	struct iphdr ip;
	__u32 total;

	if (packet_load(skb, 0, &ip, sizeof(ip)))
		return -1;
	p->family = AF_INET;
	p->proto = ip.protocol;
	p->headless = (ip.frag_off & bpf_htons(0x1fff)) != 0;
	p->multicast = (__u8)ip.daddr >= 224;
	address_map_v4(&p->key.src, ip.saddr);
	address_map_v4(&p->key.dst, ip.daddr);
	total = bpf_ntohs(ip.tot_len); /* 0: larger than 64 KB (BIG TCP, kernel 6.3) */
	return packet_transport(skb, p, ip.ihl * 4, total ? total : skb->len - ETH_HLEN);
}

static __always_inline int packet_v6(struct __sk_buff *skb, struct packet *p)
{
	struct ipv6hdr ip;
	__u32 off = sizeof(ip), total;
	__u8 ext[8];

	if (packet_load(skb, 0, &ip, sizeof(ip)))
		return -1;
	p->family = AF_INET6;
	p->proto = ip.nexthdr;
	__builtin_memcpy(&p->key.src, &ip.saddr, 16);
	__builtin_memcpy(&p->key.dst, &ip.daddr, 16);
	p->multicast = p->key.dst.ip[0] == 0xff;
	total = bpf_ntohs(ip.payload_len);
	total = total ? total + sizeof(ip) : skb->len - ETH_HLEN;
#pragma unroll
	for (int i = 0; i < 4; i++) {
		if (p->proto != IPPROTO_HOPOPTS && p->proto != IPPROTO_ROUTING &&
		    p->proto != IPPROTO_DSTOPTS && p->proto != IPPROTO_FRAGMENT)
			break;
		if (packet_load(skb, off, ext, sizeof(ext)))
			return -1;
		if (p->proto == IPPROTO_FRAGMENT) {
			p->headless = ext[2] || (ext[3] & 0xf8);
			off += 8;
		} else {
			off += (ext[1] + 1) * 8;
		}
		p->proto = ext[0];
	}
	return packet_transport(skb, p, off, total);
}

/* Returns 0, or -1 for what is no IP packet (ARP) or is mutilated. */
static __always_inline int packet_read(struct __sk_buff *skb, struct packet *p)
{
	__builtin_memset(p, 0, sizeof(*p));
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return packet_v4(skb, p);
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return packet_v6(skb, p);
	return -1;
}

/* Neighbour discovery and multicast listeners: without them the sender would see EHOSTUNREACH
 * where it should see silence. */
static __always_inline bool packet_is_plumbing(const struct packet *p)
{
	if (p->proto != IPPROTO_ICMPV6 || p->headless)
		return false;
	return (p->icmp_type >= 130 && p->icmp_type <= 137) || p->icmp_type == 143;
}

static __always_inline bool packet_is_icmp_error(const struct packet *p)
{
	if (p->headless)
		return false;
	if (p->proto == IPPROTO_ICMPV6)
		return p->icmp_type < 128;
	return p->proto == IPPROTO_ICMP && (p->icmp_type == 3 || p->icmp_type == 4 ||
					    p->icmp_type == 5 || p->icmp_type == 11 ||
					    p->icmp_type == 12);
}

/* Does it carry the application's will, or is it a pure acknowledgement or an error's report? */
static __always_inline bool packet_carries_will(const struct packet *p)
{
	if (p->proto == IPPROTO_TCP && !p->headless)
		return p->len || (p->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST));
	return !packet_is_icmp_error(p);
}

/* Sequence numbers that it takes up: payload, and one each for SYN and FIN. */
static __always_inline __u32 packet_seq_end(const struct packet *p)
{
	return p->seq + p->len + !!(p->tcp_flags & TCP_SYN) + !!(p->tcp_flags & TCP_FIN);
}

#endif
