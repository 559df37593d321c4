/* A host that knows only xllr.h: every function, with good and with bad input. It gets libxllr, the C guest (whose folder is
 * also in GANGPLANK_PATH) and a Gangplank library. Prints what does not hold. */

#include "xllr.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures;
#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            failures++; \
        } \
    } while (0)

/* Every function of the header, found by name. */
#define EACH(X) \
    X(xllr_load_runtime) X(xllr_free_runtime) X(xllr_load_module) X(xllr_load_module_with) X(xllr_free_module) \
    X(xllr_call) X(xllr_free) X(xllr_prepare) X(xllr_release) X(xllr_abi_version) X(xllr_functions)
#define POINTER(name) static __typeof__(name) *p_##name;
EACH(POINTER)

#define TEXT(text) (text), (uint32_t)strlen(text)

static const char *guest, *library;

/* What a call left. */
static struct {
    char *err;
    uint32_t err_len;
    void *params, *ret;
    uint64_t params_len, ret_len;
    uint8_t is_error;
} r;

static void clear(void)
{
    p_xllr_free(r.err);
    p_xllr_free(r.params);
    p_xllr_free(r.ret);
    memset(&r, 0, sizeof r);
    r.is_error = 7;
}

/* Whether there is an error that holds this text; NULL: whether there is none. */
static int err(const char *text)
{
    int found = text ? r.err && memmem(r.err, r.err_len, text, strlen(text)) != NULL : !r.err && !r.err_len;
    if (!found) {
        printf("error: %.*s\n", (int)r.err_len, r.err ? r.err : "");
    }
    return found;
}

static int ret(const void *bytes, uint64_t len, int is_error)
{
    int same = r.is_error == is_error && r.ret_len == len && (len ? !memcmp(r.ret, bytes, len) : r.ret == NULL);
    if (!same) {
        printf("%d: %.*s\n", r.is_error, (int)r.ret_len, r.ret ? (char *)r.ret : "");
    }
    return same;
}

static int ret_holds(const char *text)
{
    return r.is_error == 1 && r.ret && memmem(r.ret, r.ret_len, text, strlen(text)) != NULL;
}

static void call(const char *runtime, const char *module, const char *function, const void *in, uint64_t in_len)
{
    clear();
    p_xllr_call(TEXT(runtime), TEXT(module), TEXT(function), in, in_len, &r.params, &r.params_len, &r.ret, &r.ret_len,
                &r.is_error);
}

static void load(const char *runtime, const char *module)
{
    clear();
    p_xllr_load_module(TEXT(runtime), TEXT(module), &r.err, &r.err_len);
}

static int32_t prepare(const char *module, const char *function, const xllr_expect *expect, xllr_function *out)
{
    clear();
    return p_xllr_prepare(TEXT("native"), TEXT(module), TEXT(function), NULL, expect, out, &r.err, &r.err_len);
}

static long size_of(const char *suffix)
{
    char path[4096];
    snprintf(path, sizeof path, "%s.%s", guest, suffix);
    FILE *file = fopen(path, "r");
    if (!file) {
        return 0;
    }
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fclose(file);
    return size;
}

static void runtimes(void)
{
    CHECK(p_xllr_abi_version() == XLLR_ABI);
    for (int i = 0; i < 2; i++) {
        clear();
        p_xllr_load_runtime(TEXT("native"), &r.err, &r.err_len);
        CHECK(err(NULL));
    }
    for (int i = 0; i < 2; i++) {
        p_xllr_free_runtime(TEXT("native"), &r.err, &r.err_len);
        CHECK(err(NULL));
    }
    p_xllr_load_runtime(TEXT("cobol"), &r.err, &r.err_len);
    CHECK(err("runtime `cobol` not found"));
    clear();
    p_xllr_load_runtime(NULL, 0, &r.err, &r.err_len);
    CHECK(err("the name of the runtime is empty"));
    clear();
    p_xllr_load_runtime("\xff", 1, &r.err, &r.err_len);
    CHECK(err("not UTF-8"));
    /* Nobody has to take the error. */
    p_xllr_load_runtime(TEXT("cobol"), NULL, NULL);
    p_xllr_free(NULL);
}

static void modules(void)
{
    load("native", guest);
    CHECK(err(NULL));
    load("native", guest);
    CHECK(err(NULL));
    CHECK(size_of("loaded") == 1);
    clear();
    p_xllr_free_runtime(TEXT("native"), &r.err, &r.err_len);
    CHECK(err(NULL) && size_of("unloaded") == 1);
    /* By name, from GANGPLANK_PATH, with the runtime. */
    load("native", "guest");
    CHECK(err(NULL) && size_of("loaded") == 2);
    for (int i = 0; i < 2; i++) {
        p_xllr_free_module(TEXT("native"), TEXT("guest"), &r.err, &r.err_len);
        CHECK(err(NULL) && size_of("unloaded") == 2);
    }
    load("native", "absent");
    CHECK(err("module `absent` not found: looked for absent, absent.so, libabsent.so in /"));
    load("native", "");
    CHECK(err("the name of the module is empty"));
    /* The working directory holds libguest.so as well: it is only looked at when asked for. */
    CHECK(chdir(getenv("GANGPLANK_PATH")) == 0 && unsetenv("GANGPLANK_PATH") == 0);
    load("native", "libguest.so");
    CHECK(err("not found"));
    load("native", "./libguest.so");
    CHECK(err(NULL));
}

static void options(void)
{
    xllr_options o = { .size = sizeof o };
    char folder[4096];
    CHECK(getcwd(folder, sizeof folder) != NULL);
    o.package_dir = folder;
    o.package_dir_len = (uint32_t)strlen(folder);
    clear();
    p_xllr_load_module_with(TEXT("native"), TEXT("guest"), &o, &r.err, &r.err_len);
    CHECK(err(NULL));
    p_xllr_load_module_with(TEXT("native"), TEXT(guest), NULL, &r.err, &r.err_len);
    CHECK(err(NULL));
    o.flags = XLLR_ISOLATE;
    p_xllr_load_module_with(TEXT("native"), TEXT("guest"), &o, &r.err, &r.err_len);
    CHECK(err("needs a helper process: it was asked for"));
    o.flags = 64;
    clear();
    p_xllr_load_module_with(TEXT("native"), TEXT("guest"), &o, &r.err, &r.err_len);
    CHECK(err("unknown flags in xllr_options: 0x40"));
    o.size = 3;
    clear();
    p_xllr_load_module_with(TEXT("native"), TEXT("guest"), &o, &r.err, &r.err_len);
    CHECK(err("xllr_options has size 3"));
    o = (xllr_options){ .size = sizeof o, .source_dir = "relative", .source_dir_len = 8 };
    clear();
    p_xllr_load_module_with(TEXT("native"), TEXT("guest"), &o, &r.err, &r.err_len);
    CHECK(err("source_dir is not an absolute path"));
}

static void calls(void)
{
    call("test", "echo", "echo", "a\0b", 3);
    CHECK(ret("a\0b", 3, 0) && !r.params && !r.params_len);
    call("test", "echo", "echo", NULL, 0);
    CHECK(ret(NULL, 0, 0));
    call("test", "echo", "fail", "no", 2);
    CHECK(ret("no", 2, 1));
    call("test", "echo", "count", NULL, 0);
    CHECK(ret("\x08\x01", 2, 0));
    call("native", guest, "Echo", "xyz", 3);
    CHECK(ret("xyz", 3, 0) && r.params_len == 3 && !memcmp(r.params, "xyz", 3));
    call("native", guest, "Second.run", NULL, 0);
    CHECK(ret("second", 6, 0));
    call("native", guest, "div", NULL, 0);
    CHECK(ret("divided by zero", 15, 1) && !r.params);
    call("native", guest, "nothing", NULL, 0);
    CHECK(ret_holds("has no function `nothing`; there are Echo, "));
    call("native", "absent", "f", NULL, 0);
    CHECK(ret_holds("module `absent` not found"));
    call("cobol", "m", "f", NULL, 0);
    CHECK(ret_holds("runtime `cobol` not found"));
    call("test", "echo", "", NULL, 0);
    CHECK(ret_holds("the name of the function is empty"));
    call("test", "echo", "echo", NULL, 5);
    CHECK(ret_holds("in_params is NULL, but in_params_len is 5"));
    call("test", "echo", "echo", "x", UINT64_MAX);
    CHECK(ret_holds("in_params_len is no length"));
    call("native", library, "Timer.version", NULL, 0);
    CHECK(ret_holds("cannot be called in protobuf"));
    /* No place for any result. */
    p_xllr_call(TEXT("native"), TEXT(guest), TEXT("Echo"), "x", 1, NULL, NULL, NULL, NULL, NULL);
    p_xllr_call(TEXT("native"), TEXT(guest), TEXT("nothing"), "x", 1, NULL, NULL, NULL, NULL, NULL);
}

static void lists(void)
{
    uint32_t len = 0;
    clear();
    char *names = p_xllr_functions(TEXT("test"), TEXT("echo"), &len, &r.err, &r.err_len);
    CHECK(err(NULL) && len == 16 && names && !memcmp(names, "count\necho\nfail\n", 16));
    p_xllr_free(names);
    CHECK(!p_xllr_functions(TEXT("test"), TEXT("other"), &len, &r.err, &r.err_len) && !len);
    CHECK(err("runtime `test` has only `echo`"));
}

static void prepared(void)
{
    xllr_function f = { .size = sizeof f };
    CHECK(prepare(library, "Timer.version", NULL, &f) == 0 && err(NULL));
    CHECK(f.size == sizeof f && f.formats == XLLR_NATIVE && f.call && f.direct && f.free && f.take_error && f.cancel);
    CHECK(f.flags == 4 && !f.foreign && f.module && !xllr_forked(&f));
    p_xllr_release(&f);
    p_xllr_release(&f);
    CHECK(prepare(guest, "Echo", NULL, &f) == 0 && err(NULL));
    CHECK(f.formats == XLLR_PROTO && !f.call && f.foreign);
    clear();
    p_xllr_free_module(TEXT("native"), TEXT(guest), &r.err, &r.err_len);
    f.foreign("pq", 2, NULL, NULL, &r.ret, &r.ret_len, &r.is_error);
    CHECK(ret("pq", 2, 0));
    long before = size_of("unloaded");
    p_xllr_release(&f);
    CHECK(size_of("unloaded") == before + 1);
    p_xllr_release(NULL);
}

static void mismatches(void)
{
    xllr_function f = { .size = sizeof f };
    xllr_item item = { "my_timer::Timer", "object of another time", 15, 22, 1, 0 };
    xllr_expect expect = { sizeof expect, 1, &item, 1 };
    CHECK(prepare(library, "Timer.echo", &expect, &f) == -1);
    CHECK(err("my_timer::Timer") && err("object of another time") && err(library));
    CHECK(f.size == sizeof f && !f.formats && !f.call && !f.module);
    expect.items_len = 0;
    CHECK(prepare(library, "Timer.echo", &expect, &f) == 0);
    p_xllr_release(&f);
    expect.abi = 9;
    CHECK(prepare(library, "Timer.echo", &expect, &f) == -1 && err("the host speaks version 9"));
    expect = (xllr_expect){ sizeof expect, 1, NULL, 2 };
    CHECK(prepare(library, "Timer.echo", &expect, &f) == -1 && err("xllr_expect.items is NULL"));
    expect.items_len = 0;
    CHECK(prepare(guest, "Echo", &expect, &f) == -1 && err("says nothing of the interface of `Echo`"));
    expect.size = 1;
    CHECK(prepare(guest, "Echo", &expect, &f) == -1 && err("xllr_expect has size 1"));
    CHECK(prepare(library, "Timer.nothing", NULL, &f) == -1 && err("there are Timer.complex, "));
    CHECK(prepare(library, "Timer.echo", NULL, NULL) == -1 && err("the place for the function is NULL"));
    f.size = 8;
    CHECK(prepare(library, "Timer.echo", NULL, &f) == -1 && err("xllr_function has size 8"));
}

/* In a child each call is an error, and none hangs. */
static int in_child(const xllr_function *f)
{
    alarm(20);
    CHECK(xllr_forked(f));
    call("test", "echo", "echo", "x", 1);
    CHECK(ret_holds("forked: "));
    call("native", library, "Timer.version", NULL, 0);
    CHECK(ret_holds("forked: "));
    load("native", guest);
    CHECK(err("forked: "));
    clear();
    p_xllr_free_runtime(TEXT("native"), &r.err, &r.err_len);
    CHECK(err("forked: "));
    xllr_function g = { .size = sizeof g };
    CHECK(prepare(library, "Timer.version", NULL, &g) == -1 && err("forked: "));
    return failures;
}

static void forks(void)
{
    xllr_function f = { .size = sizeof f };
    CHECK(prepare(library, "Timer.version", NULL, &f) == 0);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int failed = in_child(&f);
        fflush(stdout);
        _exit(failed != 0);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(!xllr_forked(&f));
    p_xllr_release(&f);
}

int main(int count, char **arguments)
{
    if (count != 4) {
        return 2;
    }
    void *xllr = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    if (!xllr) {
        puts(dlerror());
        return 2;
    }
    guest = arguments[2];
    library = arguments[3];
#define FIND(name) \
    *(void **)&p_##name = dlsym(xllr, #name); \
    CHECK(p_##name != NULL);
    EACH(FIND)
    if (failures) {
        return 1;
    }
    runtimes();
    modules();
    options();
    calls();
    lists();
    prepared();
    mismatches();
    forks();
    clear();
    dlclose(xllr);
    CHECK(dlopen(arguments[1], RTLD_NOW | RTLD_NOLOAD) != NULL); /* it stays: it has a fork handler */
    return failures != 0;
}
