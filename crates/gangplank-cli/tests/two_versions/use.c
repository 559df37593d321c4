/* The part of the program that knows one VERSION of the library, by its header; compiled once for each. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper.h"

#define JOIN(a, b) a##b
#define NAMED(name, version) JOIN(name, version)
#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            printf("version %d, line %d: %s\n", VERSION, __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

static void *library;
/* The function of this version; both libraries have one of this name. */
#define FN(name) ((__typeof__(&name))dlsym(library, #name))

void NAMED(open_, VERSION)(const char *path)
{
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CHECK(library != NULL);
}

uint64_t NAMED(make_, VERSION)(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t counter = 0;
    CHECK(FN(keeper_counter_open)(&counter, &call) == GP_OK);
    return counter;
}

/* One round of calls; `stranger` is an object of the other version. */
void NAMED(use_, VERSION)(uint64_t counter, uint64_t stranger)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    gp_string text;
    int64_t total = 0;
#if VERSION == 1
    keeper_note note = { GP_STR("x") };
    const char *expected = "text x";
#else
    keeper_note note = { 3, GP_STR("x"), { 0, 0 } };
    const char *expected = "stars 3 text x tags []";
#endif
    CHECK(FN(keeper_describe)(&note, &text, &call) == GP_OK);
    CHECK(gp_str_eq(gp_str(expected), text));
    gp_call_reset(&call);

    int64_t now = FN(keeper_counter_add)(counter, 1).value;
    CHECK(now % VERSION == 0);
    CHECK(gp_wait(&waiter, FN(keeper_counter_later)(counter, &total, &call, gp_wake, &waiter)) == GP_OK);
    CHECK(total >= now);
    gp_call_reset(&call);

    int32_t status = FN(keeper_counter_add)(stranger, 1).status;
    CHECK(status != GP_OK);

    gp_return_i64 failed = FN(keeper_fail)();
    CHECK(failed.status == GP_PANIC);
    FN(keeper_take_error)(failed.error, &call);
    CHECK(gp_str_eq(gp_str(VERSION == 1 ? "of version 1" : "of version 2"), call.message));
    gp_call_reset(&call);
}

/* Closes the counter and says what it had come to. */
int64_t NAMED(end_, VERSION)(uint64_t counter)
{
    gp_call call = GP_CALL_INIT;
    gp_stats stats;
    int64_t total = FN(keeper_counter_add)(counter, 0).value;
    CHECK(FN(keeper_close)(counter, &call) == GP_OK);
    gp_call_reset(&call);
    FN(keeper_stats)(&stats);
    CHECK(stats.handles == 0 && stats.pending_calls == 0);
    return total;
}
