// SPDX-License-Identifier: GPL-2.0-only
#include "target/executable.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENTS_MAX 256
#define NOTES_MAX 65536 /* bytes of one segment */
#define NT_GO_BUILD_ID 4

static void print_hex(const uint8_t *bytes, size_t len, char ret[BUILD_ID_BYTES])
{
	size_t at = 0;

	for (size_t i = 0; i < len && at + 3 <= BUILD_ID_BYTES; i++)
		at += snprintf(ret + at, BUILD_ID_BYTES - at, "%02x", bytes[i]);
}

/* Letters, digits and what else Go puts between them; anything else is no id. */
static void copy_text(const uint8_t *bytes, size_t len, char ret[BUILD_ID_BYTES])
{
	len = len < BUILD_ID_BYTES ? len : BUILD_ID_BYTES - 1;
	for (size_t i = 0; i < len; i++)
		if (bytes[i] <= ' ' || bytes[i] >= 0x7f)
			return;
	memcpy(ret, bytes, len);
	ret[len] = '\0';
}

static void take_note(const GElf_Nhdr *note, const char *name, const uint8_t *bytes,
		      char ret[BUILD_ID_BYTES])
{
	if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && !memcmp(name, "GNU", 4))
		print_hex(bytes, note->n_descsz, ret);
	else if (note->n_type == NT_GO_BUILD_ID && note->n_namesz == 4 && !memcmp(name, "Go\0", 4) &&
		 !ret[0])
		copy_text(bytes, note->n_descsz, ret);
}

static void read_notes(Elf *elf, const GElf_Phdr *segment, char ret[BUILD_ID_BYTES])
{
	Elf_Data *data = elf_getdata_rawchunk(elf, segment->p_offset, segment->p_filesz,
					      segment->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
	size_t at = 0, name, bytes;
	GElf_Nhdr note;

	while (data && at < data->d_size && (at = gelf_getnote(data, at, &note, &name, &bytes)) > 0)
		take_note(&note, (const char *)data->d_buf + name,
			  (const uint8_t *)data->d_buf + bytes, ret);
}

void executable__build_id(int fd, char ret[BUILD_ID_BYTES])
{
	GElf_Phdr segment;
	size_t cnt = 0;
	Elf *elf;

	ret[0] = '\0';
	if (elf_version(EV_CURRENT) == EV_NONE)
		return;
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || elf_getphdrnum(elf, &cnt))
		cnt = 0;
	for (size_t i = 0; i < cnt && i < SEGMENTS_MAX; i++)
		if (gelf_getphdr(elf, i, &segment) && segment.p_type == PT_NOTE &&
		    segment.p_filesz <= NOTES_MAX)
			read_notes(elf, &segment, ret);
	elf_end(elf);
}

int executable__of(pid_t pid, struct executable *ret)
{
	char link[40];
	struct stat stat;
	ssize_t len;
	int fd;

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	len = readlink(link, ret->path, sizeof(ret->path) - 1);
	if (len < 0)
		return -errno;
	ret->path[len] = '\0';
	fd = open(link, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &stat)) {
		len = -errno;
		close(fd);
		return len;
	}
	ret->dev = stat.st_dev;
	ret->ino = stat.st_ino;
	executable__build_id(fd, ret->build_id);
	close(fd);
	return 0;
}
