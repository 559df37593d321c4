/* Calls of the timer and of functions without an object: what goes in comes out. */

#include "suite.h"

static void string_constant(void)
{
    gp_call call = GP_CALL_INIT;
    gp_string text;
    uint64_t timer = open_timer("t");
    CHECK_STATUS(GP_OK, my_timer_timer_version(timer, &text, &call), &call);
    CHECK_STR("gangplank-timer v0.1.0", text);
    gp_call_reset(&call);
    close_timer(timer);
    CHECK(strcmp(my_timer_version(), "0.1.0") == 0);
    CHECK_INT(1, my_timer_abi_version());
}

static void record_in_record_out(void)
{
    uint64_t timer = open_timer("state");
    echo_once(timer, "state", "hello", 0);
    echo_once(timer, "state", "", 0);
    close_timer(timer);
}

static void delay_is_honoured(void)
{
    uint64_t timer = open_timer("slow");
    int64_t start = now_ms();
    echo_once(timer, "slow", "later", 150);
    CHECK(now_ms() - start >= 130);
    echo_once(timer, "slow", "now", -5); /* without its sign it would take for ever */
    close_timer(timer);
}

static void three_delayed_calls_in_flight(void)
{
    static const char *const messages[] = { "one", "two", "three" };
    static const int64_t delays[] = { 450, 150, 300 };
    gp_call calls[3] = { GP_CALL_INIT, GP_CALL_INIT, GP_CALL_INIT };
    gp_waiter waiters[3] = { GP_WAITER_INIT, GP_WAITER_INIT, GP_WAITER_INIT };
    my_timer_echo_response responses[3];
    int32_t statuses[3];
    uint64_t timer = open_timer("three");
    for (int i = 0; i < 3; i++) {
        my_timer_echo_request request = { gp_str(messages[i]), delays[i] };
        statuses[i] = my_timer_timer_echo(timer, &request, &responses[i], &calls[i], gp_wake, &waiters[i]);
        CHECK_INT(GP_PENDING, statuses[i]);
        CHECK(calls[i].id != 0);
    }
    for (int i = 0; i < 3; i++) {
        CHECK_STATUS(GP_OK, gp_wait(&waiters[i], statuses[i]), &calls[i]);
        CHECK(gp_str_eq(gp_str(messages[i]), responses[i].echoed));
        gp_call_reset(&calls[i]);
    }
    close_timer(timer);
}

static void complex_with(const my_timer_complex_request *request, int64_t count, int has_note, const char *summary)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    my_timer_complex_response response;
    uint64_t timer = open_timer("complex");
    int32_t status = gp_wait(&waiter, my_timer_timer_complex(timer, request, &response, &call, gp_wake, &waiter));
    CHECK_STATUS(GP_OK, status, &call);
    CHECK_INT(count, response.item_count);
    CHECK_INT(has_note, response.has_note);
    CHECK(gp_str_eq(gp_str(summary), response.summary));
    gp_call_reset(&call);
    close_timer(timer);
}

static void lists_and_options(void)
{
    my_timer_echo_request messages[] = { { GP_STR("a"), 1 }, { GP_STR("b"), 2 }, { GP_STR("c"), 3 } };
    my_timer_complex_request full = { { messages, 3 }, { 0, 0 }, { 1, GP_STR("n") }, { 1, INT64_MIN } };
    my_timer_complex_request absent = { { 0, 0 }, { 0, 0 }, { 0, { 0, 0 } }, { 0, 0 } };
    my_timer_complex_request empty = { { 0, 0 }, { 0, 0 }, { 1, { 0, 0 } }, { 1, 0 } };
    complex_with(&full, 3, 1, "received 3 messages, note=n, retries=-9223372036854775808");
    complex_with(&absent, 0, 0, "received 0 messages, note=<none>, retries=0");
    complex_with(&empty, 0, 1, "received 0 messages, note=, retries=0");
}

/* The job that is fine; tests change one thing. */
typedef struct plan {
    my_timer_job_spec job;
    my_timer_retry_policy retry;
    my_timer_schedule_config when;
} plan;

static plan a_plan(void)
{
    static gp_string payload[1];
    payload[0] = GP_STR("p");
    plan plan = {
        { GP_STR("nightly"), { payload, 1 }, 2 },
        { 3, 250, { payload, 1 } },
        { 1000, 5000, { 1, 7 } },
    };
    return plan;
}

static int32_t schedule(const plan *plan, my_timer_schedule_result *result, gp_call *call)
{
    gp_waiter waiter = GP_WAITER_INIT;
    uint64_t timer = open_timer("planner");
    int32_t status = gp_wait(&waiter, my_timer_timer_schedule(timer, &plan->job, &plan->retry, &plan->when, result,
                                                              call, gp_wake, &waiter));
    close_timer(timer); /* the results do not need the object */
    return status;
}

static void three_records_in_one_call(void)
{
    gp_call call = GP_CALL_INIT;
    my_timer_schedule_result result;
    plan plan = a_plan();
    CHECK_STATUS(GP_OK, schedule(&plan, &result, &call), &call);
    CHECK_STR("planner:nightly", result.job_id);
    CHECK_INT(12, result.will_run_count);
    CHECK_INT(1007, result.first_run_at_ms);
    CHECK_INT(250, result.effective_backoff_ms);
    gp_call_reset(&call);
    plan.when.start_at_ms = INT64_MAX;
    plan.when.interval_ms = 0;
    CHECK_STATUS(GP_OK, schedule(&plan, &result, &call), &call);
    CHECK_INT(INT64_MAX, result.first_run_at_ms);
    CHECK_INT(1, result.will_run_count);
    gp_call_reset(&call);
}

static void typed_errors(void)
{
    gp_call call = GP_CALL_INIT;
    my_timer_schedule_result result;
    plan plan = a_plan();
    plan.job.name = gp_str("");
    CHECK_STATUS(GP_ERR, schedule(&plan, &result, &call), &call);
    CHECK_STR("job name must not be empty", call.message);
    const my_timer_schedule_error *error = call.payload;
    CHECK_INT(sizeof(*error), call.payload_len);
    CHECK_INT(MY_TIMER_SCHEDULE_ERROR_EMPTY_JOB_NAME, error->tag);
    gp_call_reset(&call);

    plan = a_plan();
    plan.retry.max_attempts = 0;
    CHECK_STATUS(GP_ERR, schedule(&plan, &result, &call), &call);
    CHECK_STR("max attempts must be positive, not 0", call.message);
    error = call.payload;
    CHECK_INT(MY_TIMER_SCHEDULE_ERROR_BAD_MAX_ATTEMPTS, error->tag);
    CHECK_INT(0, error->as.bad_max_attempts.value);
    CHECK_INT(0, call.location.len);
    gp_call_reset(&call);
}

static void scratch_holds_small_results(void)
{
    _Alignas(16) uint8_t scratch[256];
    gp_call call = GP_CALL_INIT;
    gp_string text;
    call.scratch = scratch;
    call.scratch_len = sizeof(scratch);
    for (int i = 0; i < 3; i++) {
        CHECK_STATUS(GP_OK, faults_echo_text(GP_STR("small"), &text, &call), &call);
        CHECK_STR("small", text);
        CHECK(text.ptr >= scratch && text.ptr < scratch + sizeof(scratch));
        CHECK(call.owned == NULL);
        gp_call_reset(&call);
    }
    call.scratch_len = 3; /* too small: the library allocates */
    CHECK_STATUS(GP_OK, faults_echo_text(GP_STR("small"), &text, &call), &call);
    CHECK_STR("small", text);
    CHECK(call.owned != NULL);
    gp_call_reset(&call);
    CHECK(call.owned == NULL);
}

static void errors_in_scratch(void)
{
    _Alignas(16) uint8_t scratch[512];
    gp_call call = GP_CALL_INIT;
    faults_parse_results results;
    call.scratch = scratch;
    call.scratch_len = sizeof(scratch);
    CHECK_STATUS(GP_ERR, faults_parse(GP_STR("x"), &results, &call), &call);
    CHECK_STR("not a number: x", call.message);
    const faults_math_error *error = call.payload;
    CHECK_INT(FAULTS_MATH_ERROR_NOT_A_NUMBER, error->tag);
    CHECK_STR("x", error->as.not_a_number.text);
    gp_call_reset(&call);
    CHECK_STATUS(GP_OK, faults_parse(GP_STR("12"), &results, &call), &call);
    CHECK_INT(12, results.r0);
    CHECK_STR("12", results.r1);
    CHECK_INT(0, call.message.len);
    gp_call_reset(&call);
}

static void a_smaller_call_is_another_abi(void)
{
    gp_call call = GP_CALL_INIT;
    gp_string text;
    call.size = 16;
    CHECK_INT(GP_ABI_MISMATCH, faults_echo_text(GP_STR("x"), &text, &call));
    call.size = sizeof(call) + 8; /* a host of a later version */
    CHECK_INT(GP_OK, faults_echo_text(GP_STR("x"), &text, &call));
    gp_call_reset(&call);
}

static void scalar_errors(void)
{
    gp_call call = GP_CALL_INIT;
    CHECK_INT(5, faults_divide(10, 2).value);
    gp_return_i64 zero = faults_divide(1, 0);
    gp_return_i64 overflow = faults_divide(INT64_MIN, -1);
    CHECK_INT(GP_ERR, zero.status);
    CHECK_INT(GP_ERR, overflow.status);
    CHECK(zero.error != overflow.error);
    faults_take_error(overflow.error, &call);
    CHECK_STATUS(GP_ERR, call.status, &call);
    CHECK_STR("-9223372036854775808 / -1 does not fit", call.message);
    const faults_math_error *error = call.payload;
    CHECK_INT(FAULTS_MATH_ERROR_OVERFLOW, error->tag);
    CHECK_INT(-1, error->as.overflow.right);
    gp_call_reset(&call);
    faults_take_error(zero.error, &call);
    CHECK_STR("division by zero", call.message);
    gp_call_reset(&call);
    gp_return_i64 again = faults_divide(INT64_MIN, -1);
    faults_take_payload(again.error, &call); /* for hosts that have the text themselves */
    CHECK_STATUS(GP_ERR, call.status, &call);
    error = call.payload;
    CHECK_INT(FAULTS_MATH_ERROR_OVERFLOW, error->tag);
    CHECK_INT(-1, error->as.overflow.right);
    CHECK_INT(0, call.message.len);
    CHECK_INT(0, call.causes_len);
    gp_call_reset(&call);
    faults_take_payload(again.error, &call); /* taken already, which is no error of the function's: with its text */
    CHECK_INT(GP_NOT_FOUND, call.status);
    CHECK(call.message.len > 0);
    gp_call_reset(&call);
    faults_take_error(zero.error, &call); /* taken already */
    CHECK_INT(GP_NOT_FOUND, call.status);
    gp_call_reset(&call);
}

static void uniform_form(void)
{
    gp_call call = GP_CALL_INIT;
    struct {
        int64_t left, right;
    } params = { 12, 4 };
    int64_t out = 0;
    CHECK_INT(sizeof(gp_entry), faults_divide_entry.size);
    CHECK_INT(1, faults_divide_entry.abi);
    CHECK_INT(GP_ENTRY_SCALAR, faults_divide_entry.flags);
    CHECK_INT(GP_ENTRY_CONSTRUCTOR | GP_ENTRY_ASYNC, my_timer_timer_create_entry.flags);
    CHECK_INT(GP_ENTRY_METHOD | GP_ENTRY_ASYNC, my_timer_timer_echo_entry.flags);
    CHECK_STATUS(GP_OK, faults_divide_entry.call(0, &params, &out, &call, NULL, NULL), &call);
    CHECK_INT(3, out);
    params.right = 0;
    CHECK_STATUS(GP_ERR, faults_divide_entry.call(0, &params, &out, &call, NULL, NULL), &call);
    CHECK_STR("division by zero", call.message);
    gp_call_reset(&call);
}

static void explain_item(void *seen, const uint8_t *item, size_t len)
{
    gp_call call = GP_CALL_INIT;
    my_timer_explain(item, len, &call);
    *(int *)seen += contains(call.message, "EchoRequest") ? 1 : 0;
    *(int *)seen += contains(call.message, "delay") ? 100 : 0;
    gp_call_reset(&call);
}

static void a_function_describes_itself(void)
{
    int seen = 0;
    my_timer_timer_echo_entry.describe(explain_item, &seen);
    CHECK(seen >= 102); /* the function and the record name it; the record has the field */
    CHECK(my_timer_timer_echo_entry.item_len > 0);
}

/* A header of another library version: one item that the library has differently. */
static void another_header_is_told_apart(void)
{
    static const gp_item items[] = {
        { "my_timer::Timer::echo", 0 },
        { "my_timer::EchoRequest", 12345 },
    };
    static const gp_entry *const entries[] = { &my_timer_timer_echo_entry };
    gp_call call = GP_CALL_INIT;
    uint8_t seen[2] = { 1, 0 };
    gp_checking checking = { items, seen, 2, entries, 1, my_timer_explain, NULL, GP_CALL_INIT };
    CHECK_STATUS(GP_OK, my_timer_check_header(&call), &call);
    CHECK_STATUS(GP_OK, faults_check_header(&call), &call);
    CHECK_STATUS(GP_OK, host_demo_check_header(&call), &call);
    CHECK_INT(GP_ABI_MISMATCH, gp_check(&checking, 1, &call));
    CHECK(contains(call.message, "my_timer::EchoRequest is not what the header was generated from"));
    CHECK(contains(call.message, "record my_timer::EchoRequest") && contains(call.message, "delay"));
    gp_call_reset(&call);
    CHECK_INT(GP_ABI_MISMATCH, gp_check(&checking, 2, &call));
    gp_call_reset(&call);
}

static void null_pointers(void)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    my_timer_echo_response response;
    uint64_t timer = open_timer("null");
    int32_t status = gp_wait(&waiter, my_timer_timer_echo(timer, NULL, &response, &call, gp_wake, &waiter));
    CHECK_STATUS(GP_BAD_ARGUMENT, status, &call);
    gp_call_reset(&call);
    close_timer(timer);
}

const test call_tests[] = {
    { "string constant", string_constant },
    { "record in, record out", record_in_record_out },
    { "delay is honoured", delay_is_honoured },
    { "three delayed calls in flight", three_delayed_calls_in_flight },
    { "lists and options", lists_and_options },
    { "three records in one call", three_records_in_one_call },
    { "typed errors", typed_errors },
    { "scratch holds small results", scratch_holds_small_results },
    { "errors in scratch", errors_in_scratch },
    { "a smaller call is another ABI", a_smaller_call_is_another_abi },
    { "scalar errors", scalar_errors },
    { "uniform form", uniform_form },
    { "a function describes itself", a_function_describes_itself },
    { "another header is told apart", another_header_is_told_apart },
    { "null pointers", null_pointers },
    { NULL, NULL },
};
