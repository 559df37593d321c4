/* A caller that knows only the header: loads a plugin and calls it on good and bad input. What is the same for every
 * language is here; a language's program includes this, says in `good` what success is, and hands it to `plugin_main`.
 *
 * program PLUGIN FOLDER CALC: the library, an empty folder to work in, the definition of the five functions.
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

enum { TO_GUEST, FROM_HOST, SERIALIZATION, DOORS };
enum { THREADS = 20 };

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
	*(char **)result = call(doors[SERIALIZATION], calc, in("many"));
	return NULL;
}

/* The same output from many threads at once. */
static void many(void) {
	pthread_t threads[THREADS];
	char *errors[THREADS];
	for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, one_of_many, &errors[i]);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		check(errors[i] == NULL, "20 threads", errors[i]);
		free(errors[i]);
	}
}

/* Calls a door, which must succeed. */
static void succeeds(int at, const char *idl, const char *out) {
	char *error = call(doors[at], idl, out);
	check(error == NULL, names[at], error);
	free(error);
}

/* A command of the shell, which must succeed. */
static void shell(const char *what, const char *command) {
	check(system(command) == 0, what, command);
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

static void unwritable(void) {
	if (geteuid() == 0) return; /* Nothing is unwritable for root. */
	mkdir(in("closed"), 0555);
	fails(SERIALIZATION, calc, in("closed"), "closed");
	fails(SERIALIZATION, calc, in("closed/below"), "closed");
}

static int plugin_main(int argc, char **argv, void (*good)(void)) {
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
	good();
	unwritable();
	fails(SERIALIZATION, calc, "/proc/gangplank/no", "/proc/gangplank");
	check(getcwd(after, sizeof after) != NULL && strcmp(before, after) == 0, "the working directory stays", after);
	check(getenv("GOWORK") == NULL, "the environment stays", getenv("GOWORK"));
	if (failures == 0) puts("ok");
	return failures != 0;
}
