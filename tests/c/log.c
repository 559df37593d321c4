/* The library's log, as calls of a function of the host. */

#include "suite.h"

/* What a function of the host was told. */
typedef struct heard {
    counter released;   /* first: what count_release takes */
    atomic_int records; /* at each level, in the level's four bits */
    atomic_int wrong;
} heard;

static int32_t write_to_the_log(gp_string text)
{
    gp_call call = GP_CALL_INIT;
    return faults_say(text, &call);
}

static int32_t say(void)
{
    return write_to_the_log(GP_STR("h\u00e9llo \"you\""));
}

static void hear(uint32_t level, gp_string target, gp_string message, void *user_data)
{
    heard *to = user_data;
    if (level < 1 || level > 5 || !gp_str_eq(target, GP_STR("faults::voice")) ||
        !gp_str_eq(message, GP_STR("h\u00e9llo \"you\""))) {
        atomic_fetch_add(&to->wrong, 1);
        return;
    }
    atomic_fetch_add(&to->records, 1 << (4 * (level - 1)));
    /* The library may be called from here; what it writes meanwhile is dropped. */
    if (write_to_the_log(GP_STR("again")) != GP_OK) {
        atomic_fetch_add(&to->wrong, 1);
    }
}

static void levels(void)
{
    heard to = { COUNTER_INIT, 0, 0 };
    static const int records[] = { 0x1, 0x11, 0x111, 0x1111, 0x11111 };
    CHECK_INT(GP_OK, say());
    for (uint32_t level = 1; level <= 5; level++) {
        atomic_store(&to.records, 0);
        CHECK_INT(GP_OK, faults_set_log(level, hear, &to, count_release)); /* replaces the one before */
        CHECK_INT(level - 1, counter_get(&to.released));
        CHECK_INT(GP_OK, say());
        CHECK_INT(records[level - 1], atomic_load(&to.records));
    }
    CHECK_INT(GP_OK, faults_set_log(0, NULL, NULL, NULL));
    CHECK_INT(5, counter_get(&to.released));
    atomic_store(&to.records, 0);
    CHECK_INT(GP_OK, say());
    CHECK_INT(0, atomic_load(&to.records));
    CHECK_INT(0, atomic_load(&to.wrong));
}

static void bad_levels(void)
{
    heard to = { COUNTER_INIT, 0, 0 };
    CHECK_INT(GP_BAD_ARGUMENT, faults_set_log(0, hear, &to, count_release));
    CHECK_INT(GP_BAD_ARGUMENT, faults_set_log(6, hear, &to, count_release));
    CHECK_INT(2, counter_get(&to.released));
    CHECK_INT(GP_OK, faults_set_log(9, NULL, &to, count_release));
    CHECK_INT(3, counter_get(&to.released));
    CHECK_INT(GP_OK, say());
    CHECK_INT(0, atomic_load(&to.records));
}

static void *says(void *argument)
{
    (void)argument;
    for (int i = 0; i < 200; i++) {
        CHECK_INT(GP_OK, say());
    }
    return NULL;
}

static void *sets(void *argument)
{
    for (int i = 0; i < 200; i++) {
        CHECK_INT(GP_OK, faults_set_log(1, hear, argument, count_release));
    }
    return says(NULL);
}

/* Functions are replaced while others are in use: each is released once, and after its last invocation. */
static void threads(void)
{
    static heard to = { COUNTER_INIT, 0, 0 };
    on_threads(8, sets, &to, 0);
    CHECK_INT(GP_OK, faults_set_log(0, NULL, NULL, NULL));
    CHECK_INT(8 * 200, counter_get(&to.released));
    CHECK_INT(0, atomic_load(&to.wrong));
}

const test log_tests[] = {
    { "levels", levels },
    { "bad levels", bad_levels },
    { "threads", threads },
    { NULL, NULL },
};
