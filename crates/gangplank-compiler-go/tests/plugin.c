/* The plugin for Go. */
#include "plugin.h"

static void good_input(void) {
	many();
	succeeds(SERIALIZATION, calc, in("deep/out"));
	char command[2200];
	snprintf(command, sizeof command, "cmp '%s' '%s' && test \"$(ls -A '%s')\" = calc.pb.go",
	         in("many/calcpb/calc.pb.go"), in("deep/out/calcpb/calc.pb.go"), in("many/calcpb"));
	shell("one right result of 20", command);
}

/* A guest: compiled twice to the same bytes, loaded, and called. */
static void guest(void) {
	for (int twice = 0; twice < 2; twice++) {
		succeeds(TO_GUEST, in("guest/calc.proto"), in(twice ? "guest/two" : "guest/one"));
	}
	char command[2200];
	snprintf(command, sizeof command, "diff -r '%s' '%s' && test \"$(ls -A '%s' | tr '\\n' ' ')\" = 'calcMetaFFIGuest.go calcMetaFFIGuest.so '",
	         in("guest/one"), in("guest/two"), in("guest/one"));
	shell("the same bytes twice, and nothing else", command);
	void *library = dlopen(in("guest/one/calcMetaFFIGuest.so"), RTLD_NOW | RTLD_LOCAL);
	check(library != NULL, "the guest is loaded", "dlopen");
	if (library == NULL) return;
	typedef void foreign(const void *, uint64_t, void **, uint64_t *, void **, uint64_t *, uint8_t *);
	foreign *divide;
	*(void **)&divide = dlsym(library, "Foreigndiv");
	check(divide != NULL, "the guest exports Foreigndiv", "dlsym");
	if (divide == NULL) return;
	void *params = library, *result = library;
	uint64_t params_length = 1, length = 1;
	uint8_t is_error = 7;
	divide("\x08\x0a\x10\x02", 4, &params, &params_length, &result, &length, &is_error);
	check(is_error == 0 && length == 5 && memcmp(result, "\x0d\0\0\xa0\x40", 5) == 0, "10 / 2 is 5", "Foreigndiv");
	check(params_length == 4 && memcmp(params, "\x08\x0a\x10\x02", 4) == 0, "the parameters", "Foreigndiv");
	free(params);
	free(result);
	divide("\x08\x0a", 2, NULL, NULL, &result, &length, &is_error);
	check(is_error == 1 && length == 16 && memcmp(result, "division by zero", 16) == 0, "y = 0 is an error", "Foreigndiv");
	free(result);
}

static void good(void) {
	if (system("go version > /dev/null 2>&1") != 0) {
		fprintf(stderr, "SKIPPED: success needs `go`\n");
		return;
	}
	good_input();
	guest();
}

int main(int argc, char **argv) {
	return plugin_main(argc, argv, good);
}
