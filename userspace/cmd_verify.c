// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "model/verify.h"
#include "report/audit.h"

#define FILE_MAX_BYTES (256UL << 20)

static const char usage[] =
	"usage: cutset verify DIR | CERTIFICATE\n"
	"\n"
	"Checks that a hunt's certificate holds: that its formula follows from the runs, the budget and the\n"
	"assumptions that it states, and that no fault set within the budget is left, by an enumerator of\n"
	"hitting sets and by MiniSat. Of DIR, a hunt's folder, also that the runs are the journal's, and that\n"
	"their traces rest on nothing that the certificate leaves out. A certificate is a DIMACS file, too:\n"
	"any SAT solver says that it is unsatisfiable.\n"
	"\n"
	"  cutset verify result\n"
	"  cutset verify result/certificate.cnf && cadical result/certificate.cnf\n"
	"\n"
	"exit codes: 0 it holds, 1 it does not, 2 wrong usage, or no certificate, 4 too much to look at\n";

struct input {
	char path[PATH_MAX];
	const char *dir; /* NULL: the file alone */
	char *text;
	size_t len;
};

static int find(const char *arg, struct input *input, struct err *err)
{
	struct stat st;

	if (stat(arg, &st))
		return err__set(err, EXIT_USAGE, "cannot open %s: %s", arg, strerror(errno));
	input->dir = S_ISDIR(st.st_mode) ? arg : NULL;
	if (snprintf(input->path, sizeof(input->path), "%s%s", arg, input->dir ? "/certificate.cnf" : "") >=
	    (int)sizeof(input->path))
		return err__set(err, EXIT_USAGE, "the path is too long");
	return 0;
}

static int read_text(struct input *input, struct err *err)
{
	FILE *file = fopen(input->path, "re");
	size_t size;
	FILE *out;
	char part[65536];
	size_t n;

	if (!file)
		return err__set(err, EXIT_USAGE, "cannot open %s: %s%s", input->path, strerror(errno),
				input->dir && errno == ENOENT ?
					"; only a tolerant hunt by lineage, or one with --all that came to its end, has one" :
					"");
	out = open_memstream(&input->text, &size);
	while (out && (n = fread(part, 1, sizeof(part), file)) > 0 && input->len <= FILE_MAX_BYTES) {
		fwrite(part, 1, n, out);
		input->len += n;
	}
	n = ferror(file);
	fclose(file);
	if (!out || fclose(out))
		return err__set(err, EXIT_MACHINE, "cannot read %s: out of memory", input->path);
	if (n)
		return err__set(err, EXIT_USAGE, "cannot read %s", input->path);
	if (input->len > FILE_MAX_BYTES)
		return err__set(err, EXIT_USAGE, "%s is larger than %lu MB", input->path, FILE_MAX_BYTES >> 20);
	return 0;
}

static const char *mode_name(const struct certificate *certificate)
{
	return certificate->opts.lockstep ? "lockstep" : certificate->mode == CLAUSE_EXACT ? "exact" : "monotone";
}

static size_t parked(const struct certificate *certificate)
{
	size_t cnt = 0;

	for (size_t i = 0; i < certificate->cnt; i++)
		cnt += certificate->records[i].lesson == LESSON_PARKED;
	return cnt;
}

static size_t foretold(const struct certificate *certificate)
{
	size_t cnt = 0;

	for (size_t i = 0; i < certificate->cnt; i++)
		cnt += certificate->records[i].foretold;
	return cnt;
}

static void tell(const struct input *input, const struct certificate *certificate,
		 const struct verification *verification, const struct audit *audit)
{
	if (cmd__json) {
		cmd__print_json(json_pack("{s:b, s:s, s:s, s:i, s:i, s:i, s:i, s:I, s:I, s:o, s:o}", "valid", 1,
					  "certificate", input->path, "mode", mode_name(certificate), "runs",
					  (int)(certificate->cnt - foretold(certificate)), "parked", (int)parked(certificate), "variables",
					  (int)verification->variables, "clauses", (int)verification->clauses,
					  "nodes", (json_int_t)verification->nodes, "foretold", (json_int_t)foretold(certificate),
					  "journal_runs",
					  input->dir ? json_integer((json_int_t)audit->runs) : json_null(),
					  "traces",
					  input->dir ? json_integer((json_int_t)audit->traces) : json_null()));
		return;
	}
	printf("%s holds: within the budget no fault set is left\n", input->path);
	printf("  formula  %zu variables, %zu clauses; it follows from the budget, the assumptions (%s) and %zu runs\n",
	       verification->variables, verification->clauses, mode_name(certificate),
	       certificate->cnt - foretold(certificate));
	printf("  left     none, by the enumerator of hitting sets (%ld nodes) and by MiniSat\n", verification->nodes);
	if (!input->dir)
		printf("  runs     not looked at: give the hunt's folder for that\n");
	else
		printf("  runs     as in the journal; %zu traces read again rest on nothing else%s\n", audit->traces,
		       audit->untraced ? "; other traces are gone" : "");
	if (foretold(certificate))
		printf("  foretold %zu sets more%s\n", foretold(certificate),
		       !input->dir		   ? ", from these runs" :
		       audit->foretold == foretold(certificate) ? "; all follow from the traces again" :
								  "; traces are gone that some would follow from");
	if (parked(certificate))
		printf("  parked   %zu fault sets could not be judged: while there are any nothing is shown to be "
		       "tolerant\n",
		       parked(certificate));
}

static int audit_folder(const struct input *input, const struct certificate *certificate, struct audit *ret,
			struct err *err)
{
	struct hunt_folder folder;
	int bad;

	*ret = (struct audit){ 0 };
	if (!input->dir)
		return 0;
	if (hunt_folder__load(input->dir, &folder, err))
		return -1;
	bad = audit__certificate(certificate, &folder, input->path, ret, err);
	hunt_folder__free(&folder);
	return bad;
}

static int verify(const char *arg)
{
	struct certificate *certificate = NULL;
	struct verification verification;
	struct input input = { .text = NULL };
	struct audit audit;
	struct err err = { 0 };
	int bad;

	bad = find(arg, &input, &err) || read_text(&input, &err);
	if (!bad) {
		certificate = certificate__read(input.text, input.len, input.path, &err);
		bad = !certificate ||
		      certificate__verify(certificate, input.text, input.len, input.path, &verification, &err) ||
		      audit_folder(&input, certificate, &audit, &err);
	}
	if (!bad)
		tell(&input, certificate, &verification, &audit);
	certificate__free(certificate);
	free(input.text);
	if (!bad)
		return EXIT_DONE;
	if (err.code != EXIT_VIOLATION)
		return cmd__fail(&err);
	if (cmd__json)
		cmd__print_json(json_pack("{s:b, s:s, s:s}", "valid", 0, "certificate", input.path, "why", err.msg));
	else
		printf("does not hold: %s\n", err.msg);
	return EXIT_VIOLATION;
}

int cmd_verify(int argc, char **argv)
{
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")))
		return cmd__help(usage);
	if (argc != 2)
		return cmd__misuse(usage, "verify: give the folder of one hunt, or one certificate");
	if (argv[1][0] == '-')
		return cmd__misuse(usage, "verify takes no option %s", argv[1]);
	return verify(argv[1]);
}
