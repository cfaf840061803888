# SPDX-License-Identifier: GPL-2.0-only
# How things are built, tested and installed. `make help` lists what people type.
# What is built is listed in Kbuild.

include Kbuild

B	?= build
# one name for one file: what was built under its absolute path would miss changed headers
override B := $(patsubst $(CURDIR)/%,%,$(B))
CC	?= gcc
CXX	?= g++
CLANG	?= clang
BPFTOOL	?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
PREFIX	?= /usr/local

Q = $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-8s%s\n' $(1) $(2:$(CURDIR)/%=%))

SANFLAGS = $(if $(SAN),-fsanitize=address$(comma)undefined -fno-omit-frame-pointer)
comma	= ,
WARN	= -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers
CFLAGS	?= -O2 -g
ALL_CFLAGS = -std=gnu11 $(WARN) -D_GNU_SOURCE -Iuserspace -I. -I$(B) $(SANFLAGS) $(CFLAGS)
# MiniSat's headers use zero-length arrays and old literals; they are system headers to us
ALL_CXXFLAGS = -std=gnu++11 $(WARN) -D_GNU_SOURCE -D__STDC_LIMIT_MACROS -D__STDC_FORMAT_MACROS \
	       -Iuserspace -I. $(SANFLAGS) $(CFLAGS)
LDLIBS	= -lminisat -lbpf -lelf -lz -lcap -ljansson -lyaml -lcurl -lmnl -lm -lpthread

BPF_OBJS  = $(bpf-y:%=$(B)/bpf/%)
LIB_OBJS  = $(lib-y:%=$(B)/userspace/%)
MAIN_OBJS = $(cutset-y:%=$(B)/userspace/%)
KIT_OBJS  = $(testkit-y:%=$(B)/tests/unit/%)
TESTS	  = $(test-y:%=$(B)/tests/unit/%)
FUZZ_SRCS = $(patsubst %.o,userspace/%.c,$(filter base/% trace/% causal/% target/% hunt/scenario% hunt/keys% model/fault% model/selector% model/certificate_read% model/clause% model/course% model/support.% model/variable%,$(lib-y)))
BENCHES	  = $(bench-y:%=$(B)/tests/bench/%)
VM_TESTS  = trace_wire trace_functions trace_torture inject_stall inject_onset inject_kill inject_engines inject_until # in every check; check-vm has all
DRIVERS	  = $(driver-y:%=$(B)/tests/system/%)
SUITE	  = $(suite-y:%=$(B)/suite/%) $(B)/suite/metronome $(B)/suite/driver
SIMULATIONS = $(suite-y:%=$(B)/tests/suite/simulate-%)
SUITE_HUNTS = $(suite-y:%=$(B)/tests/suite/hunt-%)

.PHONY: all suite suite-programs demo demo-etcd demo-lab demo-etcd-lab stores check check-unit check-system check-report check-vm check-all bench bench-trace bench-inject bench-solve bench-setup fuzz install clean help setup format
.DELETE_ON_ERROR:
.SECONDARY:

all: $(B)/cutset	## build build/cutset

help:			## list what can be typed
	@sed -n 's/^\([a-z][a-z-]*\):.*## /  make \1|/p' Makefile | column -t -s'|'

setup:			## install what is missing (as root)
	$(Q)scripts/setup

demo: setup		## as root: find the lost write of Redis with Sentinel, in containers
	$(Q)$(MAKE) --no-print-directory all
	$(Q)scripts/demo redis

demo-etcd: setup	## as root: show that etcd stands the same faults
	$(Q)$(MAKE) --no-print-directory all
	$(Q)scripts/demo etcd

demo-lab: setup		## as root: the hunt in Redis with plain processes in network namespaces
	$(Q)$(MAKE) --no-print-directory all
	$(Q)scripts/demo redis lab

demo-etcd-lab: setup	## as root: the hunt in etcd likewise
	$(Q)$(MAKE) --no-print-directory all
	$(Q)scripts/demo etcd lab

stores: setup		## as root: hunt in every store, beside what is expected; STORES="redis etcd/kv" J=2
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tests/stores/run --random $(if $(J),-j $(J)) $(STORES)

check:			## as root: build and pass every test, some under Linux 6.1 too
	$(Q)scripts/setup report
	$(Q)$(MAKE) --no-print-directory all check-unit
	$(Q)$(MAKE) --no-print-directory check-system
	$(Q)scripts/testvm 6.1 $(VM_TESTS) || [ $$? -eq 3 ] || \
		{ echo "once more: an emulated machine is at times too slow for them"; scripts/testvm 6.1 $(VM_TESTS); }

check-unit: $(TESTS) $(SIMULATIONS) $(SUITE_HUNTS)	## the quick tests, rootless
	$(Q)tests/unit/run $(TESTS)
	$(Q)tests/suite/truth
	$(Q)tests/suite/hunts

check-system: all $(DRIVERS) $(B)/tests/bench/make_trace	## as root: network namespaces and Docker
	$(Q)tests/system/run

.PHONY: check-report
check-report: all $(B)/tests/bench/make_trace	## as root: reports, in a browser that is installed for it
	$(Q)scripts/setup report
	$(Q)tests/system/run explain

check-vm: check-vm-6.1 check-vm-6.12	## as root: the tests without containers under Linux 6.1 and 6.12

check-vm-%: all $(DRIVERS)
	$(Q)scripts/testvm $*

check-all: check		## as root: check, and check-vm
	$(Q)$(MAKE) --no-print-directory check-vm

suite-programs: $(SUITE)	## build the protocol suite (scripts/suite runs it)

suite: all suite-programs	## as root: hunt over the whole protocol suite, beside its truth; six minutes
	$(Q)tests/suite/run; status=$$?; tests/suite/table; exit $$status

bench: bench-setup all $(BENCHES) $(DRIVERS)	## as root: measure what tracing and solving cost
	$(Q)tests/bench/run

bench-trace: bench-setup all $(BENCHES)	## as root: what tracing costs; BENCH_QUICK=1 only tries it
	$(Q)tests/bench/run trace

bench-inject: all $(DRIVERS)	## as root: how exactly delays are kept; BENCH_QUICK=1 only tries it
	$(Q)tests/bench/run inject

bench-solve: $(BENCHES)	## what the search for cut sets costs; BENCH_QUICK=1 only tries it
	$(Q)tests/bench/run solve

# a quick run takes what is there
bench-setup:
	$(Q)$(if $(BENCH_QUICK),:,scripts/setup bench)

fuzz:			## each parser's fuzzer, 20 seconds each (clang)
	$(Q)tests/fuzz/run $(FUZZ_SRCS)

install: all		## to PREFIX (default /usr/local)
	install -D -m 755 $(B)/cutset $(DESTDIR)$(PREFIX)/bin/cutset
	install -D -m 644 docs/cutset.1 $(DESTDIR)$(PREFIX)/share/man/man1/cutset.1

clean:			## remove build/
	rm -rf $(B)

format:			## clang-format over our sources
	clang-format -i $$(git ls-files '*.c' '*.h' '*.cc')

$(B)/cutset: $(MAIN_OBJS) $(B)/libcutset.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(SANFLAGS) $(LDFLAGS) -o $@ $(MAIN_OBJS) $(B)/libcutset.a $(LDLIBS)

$(B)/libcutset.a: $(LIB_OBJS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar qcs $@ $^

$(B)/userspace/%.o: userspace/%.c | $(B)/cutset.skel.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# carries these within itself
$(B)/userspace/report/page.o: userspace/report/page.css userspace/report/page.js

$(B)/userspace/%.o: userspace/%.cc
	$(call say,CXX,$@)
	$(Q)mkdir -p $(@D) && $(CXX) $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/unit/%.o: tests/unit/%.c | $(B)/cutset.skel.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(KIT_OBJS) $(B)/libcutset.a
	$(call say,TEST,$@)
	$(Q)$(CXX) $(SANFLAGS) $(LDFLAGS) -o $@ $< $(KIT_OBJS) $(B)/libcutset.a -lcmocka $(LDLIBS)

$(B)/tests/bench/%: tests/bench/%.c $(KIT_OBJS) $(B)/libcutset.a
	$(call say,BENCH,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -MT $@ -MF $@.d -c -o $@.o $< && \
		$(CXX) $(SANFLAGS) $(LDFLAGS) -o $@ $@.o $(KIT_OBJS) $(B)/libcutset.a $(LDLIBS)

$(B)/tests/system/%: tests/system/%.c $(KIT_OBJS) $(B)/libcutset.a | $(B)/cutset.skel.h
	$(call say,DRIVER,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -MT $@ -MF $@.d -c -o $@.o $< && \
		$(CXX) $(SANFLAGS) $(LDFLAGS) -o $@ $@.o $(KIT_OBJS) $(B)/libcutset.a $(LDLIBS)

# the suite's programs run anywhere, also in containers that hold nothing else
SUITE_CFLAGS = -std=gnu11 $(WARN) -D_GNU_SOURCE $(CFLAGS)

$(B)/suite/%.o: containers/suite/%.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(SUITE_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/suite/metronome: $(B)/suite/metronome.o $(B)/suite/carrier.o
$(B)/suite/driver: $(B)/suite/driver.o $(B)/suite/judge.o
$(suite-y:%=$(B)/suite/%): $(B)/suite/%: $(B)/suite/%.o $(B)/suite/node.o $(B)/suite/carrier.o
$(SUITE):
	$(call say,LINK,$@)
	$(Q)$(CC) -static $(LDFLAGS) -o $@ $^

HUNT_OBJS = $(patsubst %,$(B)/tests/suite/%.o,hunts fake_lab lockstep)

$(B)/tests/suite/%.o: tests/suite/%.c | $(B)/cutset.skel.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(SIMULATIONS): $(B)/tests/suite/simulate-%: $(B)/suite/%.o $(B)/suite/judge.o $(B)/tests/suite/simulate.o
	$(call say,TEST,$@)
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^

# the real loop in a laboratory that is none; what stands in is found before the library's own
$(SUITE_HUNTS): $(B)/tests/suite/hunt-%: $(B)/suite/%.o $(B)/suite/judge.o $(HUNT_OBJS) $(B)/libcutset.a
	$(call say,TEST,$@)
	$(Q)$(CXX) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# kernel side: vmlinux.h from this kernel's BTF; CO-RE makes the result run on others
$(B)/vmlinux.h:
	$(call say,BTF,$@)
	$(Q)mkdir -p $(@D) && $(BPFTOOL) btf dump file /sys/kernel/btf/vmlinux format c > $@

$(B)/bpf/%.bpf.o: bpf/%.bpf.c $(B)/vmlinux.h
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D) && $(CLANG) -O2 -g -mcpu=v3 -target bpf -D__TARGET_ARCH_x86 -Wall -Wno-missing-declarations \
		-I$(B) -Ibpf -MMD -MP -c -o $@ $<

$(B)/bpf/cutset.bpf.o: $(BPF_OBJS)
	$(call say,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(B)/cutset.skel.h: $(B)/bpf/cutset.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name cutset_bpf > $@

-include $(shell find $(B) -name '*.d' 2>/dev/null)
