/* A runtime as a library of its own: any module whose name does not start with "no" is there, and has the function `name`,
 * which returns the module's name and what it got. */

#include "xllr_runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *copy(const char *text, size_t len)
{
    char *memory = malloc(len ? len : 1);
    memcpy(memory, text, len);
    return memory;
}

static void fail(const char *text, char **out_err, uint32_t *out_err_len)
{
    *out_err = copy(text, strlen(text));
    *out_err_len = (uint32_t)strlen(text);
}

static int started, opened;

static void *load(char **out_err, uint32_t *out_err_len)
{
    if (getenv("XLLR_STUB_BROKEN")) {
        fail("it was told to", out_err, out_err_len);
        return NULL;
    }
    started++;
    return &started;
}

static void unload(void *runtime)
{
    (void)runtime;
    started--;
    printf("unloaded with %d open\n", opened);
    fflush(stdout);
}

static char *locate(void *runtime, const char *name, uint32_t name_len, const xllr_options *options, uint32_t *out_len,
                    char **out_err, uint32_t *out_err_len)
{
    (void)runtime;
    if (options->size != sizeof *options || !strncmp(name, "no", 2)) {
        fail("no such module in the stub", out_err, out_err_len);
        return NULL;
    }
    *out_len = name_len;
    return copy(name, name_len);
}

typedef struct module {
    uint32_t len;
    char name[64];
} module;

static void *open_module(void *runtime, const char *location, uint32_t location_len, const xllr_options *options,
                         char **out_err, uint32_t *out_err_len)
{
    (void)runtime, (void)options;
    if (location_len > 60) {
        fail("too long for the stub", out_err, out_err_len);
        return NULL;
    }
    module *m = calloc(1, sizeof *m);
    memcpy(m->name, location, location_len);
    m->len = location_len;
    opened++;
    return m;
}

static void close_module(void *runtime, void *m)
{
    (void)runtime;
    free(m);
    opened--;
}

static char *functions(void *m, uint32_t *out_len)
{
    (void)m;
    *out_len = 5;
    return copy("name\n", 5);
}

static void foreign(void *context, const void *in, uint64_t in_len, void **out_params, uint64_t *out_params_len, void **out,
                    uint64_t *out_len, uint8_t *is_error)
{
    module *m = context;
    char *text = malloc(m->len + in_len + 1);
    (void)out_params, (void)out_params_len;
    memcpy(text, m->name, m->len);
    if (in_len) {
        memcpy(text + m->len, in, in_len);
    }
    *out = text;
    *out_len = m->len + in_len;
    *is_error = in_len > 100;
}

/* Natively it takes nothing and leaves the length of the module's name: `self` says which. */
static int32_t call(uint64_t self, const void *params, void *out, struct gp_call *gp,
                    void (*done)(void *, struct gp_call *, int32_t), void *user_data)
{
    (void)params, (void)gp, (void)done, (void)user_data;
    *(uint32_t *)out = ((module *)(uintptr_t)self)->len;
    return 0;
}

static int32_t find(void *m, const char *function, uint32_t function_len, xllr_plugin_function *out, char **out_err,
                    uint32_t *out_err_len)
{
    if (out->size != sizeof *out || function_len != 4 || memcmp(function, "name", 4)) {
        fail("the stub has only `name`", out_err, out_err_len);
        return -1;
    }
    out->self = (uintptr_t)m;
    out->context = m;
    out->call = call;
    out->foreign = foreign;
    return 0;
}

const xllr_plugin xllr_runtime = {
    sizeof(xllr_plugin), XLLR_RUNTIME_ABI, load, unload, locate, open_module, close_module, functions, find,
};
