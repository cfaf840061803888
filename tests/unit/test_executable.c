// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/executable.h"

/* The note as the loader has mapped it: found without libelf. */
static int own_note(struct dl_phdr_info *info, size_t size, void *ret)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const char *at = (const char *)info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
		const char *end = at + info->dlpi_phdr[i].p_memsz;

		while (info->dlpi_phdr[i].p_type == PT_NOTE && at + sizeof(ElfW(Nhdr)) <= end) {
			const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
			const uint8_t *bytes = (const uint8_t *)(note + 1) + 4;

			if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4)
				for (size_t k = 0; k < note->n_descsz; k++)
					sprintf((char *)ret + 2 * k, "%02x", bytes[k]);
			at += sizeof(*note) + ((note->n_namesz + 3) & ~3U) +
			      ((note->n_descsz + 3) & ~3U);
		}
	}
	return 1; /* the first is the program itself */
}

static void tells_its_own(void **state)
{
	char expected[BUILD_ID_BYTES] = "", path[PATH_MAX] = "";
	struct executable own;

	dl_iterate_phdr(own_note, expected);
	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	assert_int_equal(executable__of(getpid(), &own), 0);
	assert_string_equal(own.path, path);
	assert_true(strlen(expected) >= 16);
	assert_string_equal(own.build_id, expected);
}

static void nobody_has_none(void **state)
{
	struct executable none;

	assert_true(executable__of(2147483646, &none) < 0);
}

static int file_of(const uint8_t *bytes, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	return fd;
}

static void what_is_no_program_has_none(void **state)
{
	char id[BUILD_ID_BYTES] = "?";
	int fd = file_of((const uint8_t *)"#!/bin/sh\n", 10);

	executable__build_id(fd, id);
	assert_string_equal(id, "");
	close(fd);
}

/* A Go program's: "Go\0\0" and a text. */
static void knows_gos(void **state)
{
	struct {
		Elf64_Ehdr head;
		Elf64_Phdr segment;
		Elf64_Nhdr note;
		char name[4], text[8];
	} file = {
		.head = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				       EV_CURRENT },
			  .e_type = ET_EXEC,
			  .e_machine = EM_X86_64,
			  .e_version = EV_CURRENT,
			  .e_phoff = sizeof(Elf64_Ehdr),
			  .e_ehsize = sizeof(Elf64_Ehdr),
			  .e_phentsize = sizeof(Elf64_Phdr),
			  .e_phnum = 1 },
		.segment = { .p_type = PT_NOTE,
			     .p_offset = offsetof(__typeof__(file), note),
			     .p_filesz = sizeof(Elf64_Nhdr) + 12,
			     .p_align = 4 },
		.note = { 4, 8, 4 },
		.name = "Go",
	};
	char id[BUILD_ID_BYTES];
	int fd;

	memcpy(file.text, "abc/d_-9", 8);
	fd = file_of((uint8_t *)&file, sizeof(file));
	executable__build_id(fd, id);
	assert_string_equal(id, "abc/d_-9");
	close(fd);
	file.text[3] = '\n';
	fd = file_of((uint8_t *)&file, sizeof(file));
	executable__build_id(fd, id);
	assert_string_equal(id, "");
	close(fd);
}

/* Whatever a target's file holds: cut off anywhere, with bytes of its head changed. */
static void bears_any_file(void **state)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct stat stat;
	char id[BUILD_ID_BYTES];
	uint8_t *bytes, old;

	assert_int_equal(fstat(fd, &stat), 0);
	bytes = malloc(stat.st_size);
	assert_int_equal(pread(fd, bytes, stat.st_size, 0), stat.st_size);
	close(fd);
	for (size_t len = 0; len < 4096 && len < (size_t)stat.st_size; len += 7) {
		fd = file_of(bytes, len);
		executable__build_id(fd, id);
		close(fd);
	}
	srand(1);
	for (size_t i = 0; i < 2000; i++) {
		size_t at = rand() % 1024;

		old = bytes[at];
		bytes[at] = rand();
		fd = file_of(bytes, stat.st_size < 16384 ? stat.st_size : 16384);
		executable__build_id(fd, id);
		assert_true(strnlen(id, sizeof(id)) < sizeof(id));
		close(fd);
		bytes[at] = i % 2 ? old : bytes[at];
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_its_own),
		cmocka_unit_test(nobody_has_none),
		cmocka_unit_test(what_is_no_program_has_none),
		cmocka_unit_test(knows_gos),
		cmocka_unit_test(bears_any_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
