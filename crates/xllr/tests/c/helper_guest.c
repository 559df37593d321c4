/* A guest that does what guests must not do: it dies in every way that there is, never returns, and takes all memory. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FOREIGN(name) \
    void name(const void *in, uint64_t in_len, void **out_params, uint64_t *out_params_len, void **out, \
              uint64_t *out_len, uint8_t *is_error)
#define UNUSED (void)in, (void)in_len, (void)out_params, (void)out_params_len

static void give(const void *bytes, uint64_t len, void **out, uint64_t *out_len)
{
    *out = len ? malloc(len) : NULL;
    *out_len = len;
    if (len) {
        memcpy(*out, bytes, len);
    }
}

/* The number that the request's bytes spell. */
static unsigned long number(const void *in, uint64_t in_len)
{
    char text[32] = {0};
    memcpy(text, in, in_len < sizeof text - 1 ? in_len : sizeof text - 1);
    return strtoul(text, NULL, 10);
}

FOREIGN(ForeignEcho)
{
    if (out_params) {
        give(in, in_len, out_params, out_params_len);
    }
    give(in, in_len, out, out_len);
    *is_error = 0;
}

FOREIGN(ForeignFail)
{
    (void)out_params, (void)out_params_len;
    give(in, in_len, out, out_len);
    *is_error = 1;
}

FOREIGN(ForeignPid)
{
    char text[32];
    UNUSED;
    give(text, (uint64_t)snprintf(text, sizeof text, "%d", (int)getpid()), out, out_len);
    *is_error = 0;
}

/* How often it was called in this process. */
FOREIGN(ForeignCount)
{
    static int calls;
    char text[32];
    UNUSED;
    give(text, (uint64_t)snprintf(text, sizeof text, "%d", ++calls), out, out_len);
    *is_error = 0;
}

FOREIGN(ForeignCrash)
{
    UNUSED, (void)out, (void)out_len, (void)is_error;
    fputs("about to crash\n", stderr);
    abort();
}

FOREIGN(ForeignExit)
{
    (void)out_params, (void)out_params_len, (void)out, (void)out_len, (void)is_error;
    exit((int)number(in, in_len));
}

FOREIGN(ForeignSleep)
{
    unsigned long ms = number(in, in_len);
    struct timespec time = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)out_params, (void)out_params_len;
    nanosleep(&time, NULL);
    *out = NULL;
    *out_len = 0;
    *is_error = 0;
}

/* Takes so many MiB, and gives them back. */
FOREIGN(ForeignTake)
{
    size_t size = number(in, in_len) << 20;
    void *memory = malloc(size);
    (void)out_params, (void)out_params_len;
    if (!memory) {
        fputs("no memory left\n", stderr);
        abort();
    }
    memset(memory, 1, size);
    free(memory);
    *out = NULL;
    *out_len = 0;
    *is_error = 0;
}

/* Writes to the socket of its own call: no frame. The host's sockets come after the standard streams. */
FOREIGN(ForeignGarbage)
{
    char bytes[64];
    int fd;
    (void)in, (void)out_params, (void)out_params_len;
    memset(bytes, 7, sizeof bytes);
    if (in_len) {
        /* A frame's header that claims 1 GiB. */
        memset(bytes, 0, sizeof bytes);
        memcpy(bytes, "xll1", 4);
        bytes[7] = 0x40;
    }
    for (fd = 3; fd < 64; fd++) {
        (void)!write(fd, bytes, in_len ? 48 : sizeof bytes);
    }
    *out = NULL;
    *out_len = 0;
    *is_error = 0;
}
