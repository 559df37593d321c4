/* A caller that knows only the header: loads the plugin and calls it on good and bad input.
 *
 * plugin PLUGIN FOLDER CALC: the library, an empty folder to work in, the definition of the five functions.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler_plugin_interface.h"

typedef __typeof__(compile_to_guest) compile_fn;

enum { DOORS = 3, THREADS = 20 };

static const char *const names[DOORS] = {"compile_to_guest", "compile_from_host", "compile_serialization"};
static compile_fn *doors[DOORS];
static const char *folder;
static const char *calc;
static int failures;

static void check(int holds, const char *what, const char *said) {
	if (!holds) {
		failures++;
		fprintf(stderr, "FAILED %s: %s\n", what, said ? said : "(success)");
	}
}

/* The error, or NULL. The paths are passed without a NUL behind them. */
static char *call(compile_fn *door, const char *idl, const char *out) {
	char *error = NULL;
	uint32_t length = 12345;
	uint32_t idl_length = (uint32_t)strlen(idl), out_length = (uint32_t)strlen(out);
	char *idl_bytes = malloc(idl_length + 1), *out_bytes = malloc(out_length + 1);
	memcpy(idl_bytes, idl, idl_length);
	memcpy(out_bytes, out, out_length);
	idl_bytes[idl_length] = out_bytes[out_length] = 'x';
	door(idl_bytes, idl_length, out_bytes, out_length, &error, &length);
	free(idl_bytes);
	free(out_bytes);
	if (error != NULL && strlen(error) != length) check(0, "the length of the text", error);
	return error;
}

static void fails(int at, const char *idl, const char *out, const char *words) {
	char *error = call(doors[at], idl, out);
	char what[512];
	snprintf(what, sizeof what, "%s should say \"%s\"", names[at], words);
	check(error != NULL && strstr(error, words) != NULL, what, error);
	free(error);
}

/* A path in the folder; four of them may be in use. */
static const char *in(const char *name) {
	static char paths[4][1024];
	static int next;
	char *path = paths[next++ % 4];
	snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

static const char *file(const char *name, const char *text) {
	const char *path = in(name);
	FILE *f = fopen(path, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0) {
		perror(path);
		exit(2);
	}
	return path;
}

static void *one_of_many(void *result) {
	*(char **)result = call(doors[2], calc, in("many"));
	return NULL;
}

static void bad_input(int at) {
	fails(at, in("absent.proto"), in("none"), "absent.proto");
	fails(at, file("syntax.proto", "syntax = \"proto3\"; message {"), in("none"), "syntax.proto");
	fails(at, file("unknown.proto", "syntax = \"proto3\"; option no_such_option = 1;"), in("none"), "no_such_option");
	file("b.proto", "syntax = \"proto3\"; import \"a.proto\";");
	fails(at, file("a.proto", "syntax = \"proto3\"; import \"b.proto\";"), in("none"), "import each other in a circle");
	fails(at, calc, file("plain", ""), "plain");
	fails(at, "", in("none"), "empty");
	fails(at, calc, "", "empty");
	fails(at, file("empty.proto", "syntax = \"proto3\";"), in("none"), "no service");
	char *error = NULL;
	uint32_t length = 0;
	doors[at](NULL, 7, "x", 1, &error, &length);
	check(error != NULL && strstr(error, "NULL") != NULL, "a path that is NULL", error);
	free(error);
	doors[at](NULL, 0, NULL, 0, NULL, NULL);
	check(access(in("none"), F_OK) != 0, "nothing is written", "the folder is there");
}

static void good_input(void) {
	pthread_t threads[THREADS];
	char *errors[THREADS];
	for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, one_of_many, &errors[i]);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		check(errors[i] == NULL, "20 threads", errors[i]);
		free(errors[i]);
	}
	char *error = call(doors[2], calc, in("deep/out"));
	check(error == NULL && access(in("deep/out/calcpb/calc.pb.go"), R_OK) == 0, "compile_serialization", error);
	free(error);
	char command[2200];
	snprintf(command, sizeof command, "cmp '%s' '%s' && test \"$(ls -A '%s')\" = calc.pb.go",
	         in("many/calcpb/calc.pb.go"), in("deep/out/calcpb/calc.pb.go"), in("many/calcpb"));
	check(system(command) == 0, "one right result of 20", command);
}

/* A guest: compiled twice to the same bytes, loaded, and called. */
static void guest(void) {
	for (int twice = 0; twice < 2; twice++) {
		char *error = call(doors[0], in("guest/calc.proto"), in(twice ? "guest/two" : "guest/one"));
		check(error == NULL, "compile_to_guest", error);
		free(error);
	}
	char command[2200];
	snprintf(command, sizeof command, "diff -r '%s' '%s' && test \"$(ls -A '%s' | tr '\\n' ' ')\" = 'calcMetaFFIGuest.go calcMetaFFIGuest.so '",
	         in("guest/one"), in("guest/two"), in("guest/one"));
	check(system(command) == 0, "the same bytes twice, and nothing else", command);
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

static void unwritable(void) {
	if (geteuid() == 0) return; /* Nothing is unwritable for root. */
	mkdir(in("closed"), 0555);
	fails(2, calc, in("closed"), "closed");
	fails(2, calc, in("closed/below"), "closed");
}

int main(int argc, char **argv) {
	if (argc != 4) return 2;
	folder = argv[2];
	calc = argv[3];
	void *plugin = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	if (plugin == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		return 2;
	}
	char before[4096], after[4096];
	check(getcwd(before, sizeof before) != NULL, "getcwd", "");
	for (int at = 0; at < DOORS; at++) {
		*(void **)&doors[at] = dlsym(plugin, names[at]);
		if (doors[at] == NULL) {
			fprintf(stderr, "%s\n", dlerror());
			return 2;
		}
		bad_input(at);
	}
	if (system("go version > /dev/null 2>&1") == 0) {
		good_input();
		guest();
	} else fprintf(stderr, "SKIPPED: success needs `go`\n");
	unwritable();
	fails(2, calc, "/proc/gangplank/no", "/proc/gangplank");
	check(getcwd(after, sizeof after) != NULL && strcmp(before, after) == 0, "the working directory stays", after);
	check(getenv("GOWORK") == NULL, "the environment stays", getenv("GOWORK"));
	if (failures == 0) puts("ok");
	return failures != 0;
}
