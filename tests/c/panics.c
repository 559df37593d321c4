/* Panics of the library are errors of the call, and the library stays usable. */

#include "suite.h"

static void still_usable(void)
{
    CHECK_INT(7, faults_echo_i64(7).value);
}

/* The call has ended by a panic with this text. */
static void expect_panic(const gp_call *call, int32_t status, const char *text)
{
    CHECK_STATUS(GP_PANIC, status, call);
    if (!contains(call->message, text)) {
        check_str(__FILE__, __LINE__, "message", gp_str(text), call->message);
    }
    CHECK(contains(call->location, ".rs:"));
    still_usable();
}

static void in_a_scalar_function(void)
{
    gp_call call = GP_CALL_INIT;
    gp_return_i64 result = faults_panic_text();
    faults_take_error(result.error, &call);
    expect_panic(&call, result.status, "boom");
    CHECK(contains(call.location, "panics.rs:"));
    gp_call_reset(&call);
}

static void with_every_payload(void)
{
    gp_call call = GP_CALL_INIT;
    gp_string text;
    expect_panic(&call, faults_panic_code(41, &text, &call), "boom 41");
    gp_call_reset(&call);
    expect_panic(&call, faults_panic_value(&text, &call), "");
    gp_call_reset(&call);
    expect_panic(&call, faults_panic_twice(&text, &call), "");
    gp_call_reset(&call);
}

static void in_async_functions(void)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    gp_string text;
    expect_panic(&call, faults_panic_later(0, &text, &call, gp_wake, &waiter), "boom later"); /* in the first poll */
    gp_call_reset(&call);
    int32_t status = faults_panic_later(300, &text, &call, gp_wake, &waiter);
    CHECK_INT(GP_PENDING, status);
    expect_panic(&call, gp_wait(&waiter, status), "boom later");
    gp_call_reset(&call);
}

static void in_constructors(void)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    gp_stats before, after;
    uint64_t fragile = 0;
    faults_stats(&before);
    int32_t status = faults_fragile_make_fragile(FAULTS_TROUBLE_PANIC_IN_CONSTRUCTOR, &fragile, &call);
    expect_panic(&call, status, "boom in the constructor");
    gp_call_reset(&call);
    status = faults_fragile_make_fragile_later(FAULTS_TROUBLE_PANIC_IN_CONSTRUCTOR, 2, &fragile, &call, gp_wake, &waiter);
    expect_panic(&call, gp_wait(&waiter, status), "boom in the constructor");
    gp_call_reset(&call);
    faults_stats(&after);
    CHECK_INT(before.handles, after.handles);
}

static uint64_t make_fragile(int32_t trouble)
{
    gp_call call = GP_CALL_INIT;
    uint64_t fragile = 0;
    CHECK_STATUS(GP_OK, faults_fragile_make_fragile(trouble, &fragile, &call), &call);
    return fragile;
}

static void in_a_method(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t fragile = make_fragile(FAULTS_TROUBLE_NOWHERE);
    for (int i = 0; i < 3; i++) {
        gp_return_i64 result = faults_fragile_burst(fragile);
        faults_take_error(result.error, &call);
        expect_panic(&call, result.status, "boom in a method of Nowhere");
        gp_call_reset(&call);
        CHECK_INT(FAULTS_TROUBLE_NOWHERE, faults_fragile_trouble(fragile).value);
    }
    CHECK_STATUS(GP_OK, faults_fragile_close(fragile, &call), &call);
}

static void in_drop(void)
{
    gp_call call = GP_CALL_INIT;
    gp_stats before, after;
    faults_stats(&before);
    uint64_t fragile = make_fragile(FAULTS_TROUBLE_PANIC_IN_DROP);
    int32_t status = faults_fragile_close(fragile, &call);
    CHECK(status == GP_PANIC || status == GP_OK);
    gp_call_reset(&call);
    still_usable();
    CHECK_INT(GP_CLOSED, faults_fragile_trouble(fragile).status);
    faults_fragile_release(make_fragile(FAULTS_TROUBLE_PANIC_IN_DROP));
    still_usable();
    faults_stats(&after);
    CHECK_INT(before.handles, after.handles);
}

static void *panic_often(void *argument)
{
    (void)argument;
    for (int i = 0; i < 100; i++) {
        gp_call call = GP_CALL_INIT;
        gp_string text;
        CHECK_INT(GP_PANIC, faults_panic_code(i, &text, &call));
        gp_call_reset(&call);
    }
    return NULL;
}

static void in_many_threads(void)
{
    on_threads(8, panic_often, NULL, 0);
    still_usable();
}

const test panic_tests[] = {
    { "in a scalar function", in_a_scalar_function },
    { "with every payload", with_every_payload },
    { "in async functions", in_async_functions },
    { "in constructors", in_constructors },
    { "in a method", in_a_method },
    { "in drop", in_drop },
    { "in many threads", in_many_threads },
    { NULL, NULL },
};
