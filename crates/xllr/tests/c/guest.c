/* A guest without a descriptor, as a C author or an older tool makes it. It counts how often it was loaded and unloaded
 * in files beside it, which outlive it. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOREIGN(name) \
    void name(const void *in, uint64_t in_len, void **out_params, uint64_t *out_params_len, void **out, \
              uint64_t *out_len, uint8_t *is_error)

/* One byte more in the file COUNTER.what. */
static void add(const char *file)
{
    FILE *counter = fopen(file, "a");
    if (counter) {
        fputc('x', counter);
        fclose(counter);
    }
}

__attribute__((constructor)) static void loaded(void) { add(COUNTER ".loaded"); }
__attribute__((destructor)) static void unloaded(void) { add(COUNTER ".unloaded"); }

static void give(const void *bytes, uint64_t len, void **out, uint64_t *out_len)
{
    *out = len ? malloc(len) : NULL;
    *out_len = len;
    if (len) {
        memcpy(*out, bytes, len);
    }
}

FOREIGN(Foreignhello_world)
{
    (void)in, (void)in_len, (void)out_params, (void)out_params_len;
    *out = NULL;
    *out_len = 0;
    *is_error = 0;
}

/* Gives back what it got, also as changed parameters. */
FOREIGN(ForeignEcho)
{
    if (out_params) {
        give(in, in_len, out_params, out_params_len);
    }
    give(in, in_len, out, out_len);
    *is_error = 0;
}

FOREIGN(Foreigndiv)
{
    static const char text[] = "divided by zero";
    (void)in, (void)in_len, (void)out_params, (void)out_params_len;
    give(text, sizeof text - 1, out, out_len);
    *is_error = 1;
}

/* Two services with one rpc. */
FOREIGN(ForeignFirst_run)
{
    (void)in, (void)in_len, (void)out_params, (void)out_params_len;
    give("first", 5, out, out_len);
    *is_error = 0;
}

FOREIGN(ForeignSecond_run)
{
    (void)in, (void)in_len, (void)out_params, (void)out_params_len;
    give("second", 6, out, out_len);
    *is_error = 0;
}

/* More than a response may be. */
FOREIGN(Foreignhuge)
{
    (void)in, (void)in_len, (void)out_params, (void)out_params_len;
    *out_len = (16u << 20) + 1;
    *out = calloc(1, *out_len);
    *is_error = 0;
}
