/* Host functions: the library asks, the host answers: at once, later, twice, never, wrongly. */

#include "suite.h"

static uint64_t make_asker(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t asker = 0;
    CHECK_STATUS(GP_OK, faults_asker_make_asker(&asker, &call), &call);
    return asker;
}

static void close_asker(uint64_t asker)
{
    gp_call call = GP_CALL_INIT;
    CHECK_STATUS(GP_OK, faults_asker_close(asker, &call), &call);
    gp_call_reset(&call);
}

/* Asks and expects an answer, or an error with this text. */
static void expect_fetch(uint64_t asker, gp_string key, int32_t status, const char *text)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    gp_string answer = { 0, 0 };
    CHECK_STATUS(status, gp_wait(&waiter, faults_asker_fetch(asker, key, &answer, &call, gp_wake, &waiter)), &call);
    gp_string found = status == GP_OK ? answer : call.message;
    check_str(__FILE__, __LINE__, "fetch", gp_str(text), found);
    gp_call_reset(&call);
}

/* Answers inline with the key in brackets. */
static void in_brackets(uint64_t call_id, const faults_asker_fetch_request *request, void *user_data)
{
    char text[64];
    snprintf(text, sizeof(text), "[%.*s]", GP_ARG(request->key));
    CHECK_INT(GP_OK, faults_asker_answer_fetch(call_id, gp_str(text)));
    if (user_data) {
        counter_add((counter *)user_data, 1);
    }
}

static void value_round_trip(void)
{
    counter asked = COUNTER_INIT;
    uint64_t asker = make_asker();
    CHECK_INT(GP_OK, faults_asker_set_fetch(asker, in_brackets, NULL, &asked, NULL));
    expect_fetch(asker, GP_STR("key"), GP_OK, "[key]");
    expect_fetch(asker, GP_STR(""), GP_OK, "[]");
    CHECK_INT(2, counter_get(&asked));
    close_asker(asker);
}

static void not_registered(void)
{
    uint64_t asker = make_asker();
    expect_fetch(asker, GP_STR("key"), GP_ERR, "host fn 'fetch' not registered");
    CHECK_INT(GP_OK, faults_asker_set_fetch(asker, in_brackets, NULL, NULL, NULL));
    expect_fetch(asker, GP_STR("key"), GP_OK, "[key]");
    CHECK_INT(GP_OK, faults_asker_set_fetch(asker, NULL, NULL, NULL, NULL));
    expect_fetch(asker, GP_STR("key"), GP_ERR, "host fn 'fetch' not registered");
    CHECK_INT(GP_NOT_FOUND, faults_register_host_fn(asker, GP_STR("nothing"), faults_queue_host_fn, NULL, NULL, NULL));
    close_asker(asker);
    CHECK_INT(GP_CLOSED, faults_asker_set_fetch(asker, in_brackets, NULL, NULL, NULL));
}

/* Answers as the key says. */
static void as_told(uint64_t call_id, const faults_asker_fetch_request *request, void *user_data)
{
    gp_string key = request->key;
    (void)user_data;
    if (gp_str_eq(key, GP_STR("fail"))) {
        faults_asker_fail_fetch(call_id, GP_STR("no"));
    } else if (gp_str_eq(key, GP_STR("panic"))) {
        faults_host_complete(call_id, GP_HOST_PANIC, "boom", 4);
    } else if (gp_str_eq(key, GP_STR("other"))) {
        faults_host_complete(call_id, GP_HOST_ERROR, "odd", 3);
    } else if (gp_str_eq(key, GP_STR("cancel"))) {
        faults_host_complete(call_id, GP_CANCELLED, NULL, 0);
    } else if (gp_str_eq(key, GP_STR("bad"))) {
        faults_asker_answer_fetch(call_id, GP_STR("\xff"));
    } else if (gp_str_eq(key, GP_STR("short"))) {
        faults_host_complete(call_id, GP_OK, "x", 1);
    } else if (gp_str_eq(key, GP_STR("null"))) {
        faults_host_complete(call_id, GP_OK, NULL, sizeof(gp_string));
    } else if (gp_str_eq(key, GP_STR("twice"))) {
        CHECK_INT(GP_OK, faults_asker_answer_fetch(call_id, GP_STR("first")));
        CHECK_INT(GP_NOT_FOUND, faults_asker_answer_fetch(call_id, GP_STR("second")));
    } else {
        faults_host_complete(call_id, 12345, "strange", 7);
    }
}

static void errors_from_the_host(void)
{
    gp_stats before, after;
    uint64_t asker = make_asker();
    CHECK_INT(GP_OK, faults_asker_set_fetch(asker, as_told, NULL, NULL, NULL));
    expect_fetch(asker, GP_STR("fail"), GP_ERR, "no");
    expect_fetch(asker, GP_STR("panic"), GP_ERR, "host fn 'fetch' panicked: boom");
    expect_fetch(asker, GP_STR("other"), GP_ERR, "host fn 'fetch' failed: odd");
    expect_fetch(asker, GP_STR("cancel"), GP_ERR, "host fn 'fetch' was cancelled");
    expect_fetch(asker, GP_STR("strange"), GP_ERR, "host fn 'fetch' failed: strange");
    faults_stats(&before);
    expect_fetch(asker, GP_STR("twice"), GP_OK, "first");
    faults_stats(&after);
    CHECK_INT(before.late_completions + 1, after.late_completions);
    CHECK_INT(GP_NOT_FOUND, faults_asker_answer_fetch(UINT64_MAX, GP_STR("who?")));
    close_asker(asker);
}

static void expect_bad_value(uint64_t asker, gp_string key)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    gp_string answer;
    CHECK_STATUS(GP_ERR, gp_wait(&waiter, faults_asker_fetch(asker, key, &answer, &call, gp_wake, &waiter)), &call);
    CHECK(contains(call.message, "host fn 'fetch' answered with a bad value"));
    gp_call_reset(&call);
}

static void answers_that_are_no_values(void)
{
    uint64_t asker = make_asker();
    CHECK_INT(GP_OK, faults_asker_set_fetch(asker, as_told, NULL, NULL, NULL));
    expect_bad_value(asker, GP_STR("bad"));
    expect_bad_value(asker, GP_STR("short"));
    expect_bad_value(asker, GP_STR("null"));
    close_asker(asker);
}

/* Keeps the id of each call for somebody else to answer. */
typedef struct inbox {
    uint64_t ids[1024];
    counter arrived;
    counter cancelled;
    counter released;
} inbox;
#define INBOX_INIT { { 0 }, COUNTER_INIT, COUNTER_INIT, COUNTER_INIT }

static void keep(uint64_t call_id, const faults_asker_fetch_request *request, void *user_data)
{
    inbox *inbox = user_data;
    (void)request;
    int64_t at = counter_get(&inbox->arrived);
    inbox->ids[at % 1024] = call_id;
    counter_add(&inbox->arrived, 1);
}

static void count_cancel(uint64_t call_id, void *user_data)
{
    (void)call_id;
    counter_add(&((inbox *)user_data)->cancelled, 1);
}

static void count_release_of_inbox(void *user_data)
{
    counter_add(&((inbox *)user_data)->released, 1);
}

static void *answer_first(void *argument)
{
    inbox *inbox = argument;
    CHECK(counter_reaches(&inbox->arrived, 1));
    sleep_ms(20);
    CHECK_INT(GP_OK, faults_asker_answer_fetch(inbox->ids[0], GP_STR("from elsewhere")));
    return NULL;
}

static void answer_from_another_thread(void)
{
    static inbox inbox = INBOX_INIT;
    pthread_t thread;
    uint64_t asker = make_asker();
    CHECK_INT(GP_OK, faults_asker_set_fetch(asker, keep, count_cancel, &inbox, count_release_of_inbox));
    pthread_create(&thread, NULL, answer_first, &inbox);
    expect_fetch(asker, GP_STR("key"), GP_OK, "from elsewhere");
    pthread_join(thread, NULL);
    CHECK_INT(0, counter_get(&inbox.released));
    close_asker(asker);
    CHECK(counter_reaches(&inbox.released, 1));
    CHECK_INT(0, counter_get(&inbox.cancelled));
}

static void never_answered(void)
{
    static inbox inbox = INBOX_INIT;
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    gp_string answer;
    int64_t sum;
    uint64_t asker = make_asker();
    CHECK_INT(GP_OK, faults_asker_set_fetch(asker, keep, count_cancel, &inbox, NULL));
    /* The caller's deadline: the call ends, and the host hears of it. */
    call.timeout_ns = 30 * 1000 * 1000;
    int32_t status = gp_wait(&waiter, faults_asker_fetch(asker, GP_STR("k"), &answer, &call, gp_wake, &waiter));
    CHECK_STATUS(GP_DEADLINE, status, &call);
    gp_call_reset(&call);
    CHECK(counter_reaches(&inbox.cancelled, 1));
    CHECK_INT(GP_NOT_FOUND, faults_asker_answer_fetch(inbox.ids[0], GP_STR("late")));
    /* The library gives up by itself. */
    call.timeout_ns = 0;
    status = gp_wait(&waiter, faults_asker_fetch_within(asker, GP_STR("k"), 20, &answer, &call, gp_wake, &waiter));
    CHECK_STATUS(GP_ERR, status, &call);
    gp_call_reset(&call);
    CHECK(counter_reaches(&inbox.cancelled, 2));
    /* The deadline that the library declares. */
    CHECK_INT(GP_OK, faults_register_host_fn(asker, GP_STR("soon"), (gp_host_fn)keep, count_cancel, &inbox, NULL));
    status = gp_wait(&waiter, faults_asker_soon(asker, 1, 2, &sum, &call, gp_wake, &waiter));
    CHECK_STATUS(GP_ERR, status, &call);
    CHECK(contains(call.message, "host fn 'soon' missed its deadline"));
    gp_call_reset(&call);
    CHECK(counter_reaches(&inbox.cancelled, 3));
    close_asker(asker);
}

static void closed_while_outstanding(void)
{
    static inbox inbox = INBOX_INIT;
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    gp_string answer;
    uint64_t asker = make_asker();
    CHECK_INT(GP_OK, faults_asker_set_fetch(asker, keep, count_cancel, &inbox, count_release_of_inbox));
    int32_t status = faults_asker_fetch(asker, GP_STR("k"), &answer, &call, gp_wake, &waiter);
    CHECK_INT(GP_PENDING, status);
    CHECK(counter_reaches(&inbox.arrived, 1));
    close_asker(asker);
    CHECK_STATUS(GP_CLOSED, gp_wait(&waiter, status), &call);
    gp_call_reset(&call);
    CHECK(counter_reaches(&inbox.cancelled, 1));
    CHECK(counter_reaches(&inbox.released, 1));
    CHECK_INT(GP_NOT_FOUND, faults_asker_answer_fetch(inbox.ids[0], GP_STR("late")));
    CHECK_INT(1, counter_get(&inbox.cancelled));
    CHECK_INT(1, counter_get(&inbox.released));
}

static void a_thousand_outstanding(void)
{
    enum { CALLS = 1000 };
    static inbox inbox = INBOX_INIT;
    static gp_call calls[CALLS];
    static gp_waiter waiters[CALLS];
    static gp_string answers[CALLS];
    gp_stats stats;
    uint64_t asker = make_asker();
    CHECK_INT(GP_OK, faults_asker_set_fetch(asker, keep, count_cancel, &inbox, NULL));
    for (int i = 0; i < CALLS; i++) {
        gp_call call = GP_CALL_INIT;
        gp_waiter waiter = GP_WAITER_INIT;
        calls[i] = call;
        waiters[i] = waiter;
        CHECK_INT(GP_PENDING, faults_asker_fetch(asker, GP_STR("k"), &answers[i], &calls[i], gp_wake, &waiters[i]));
    }
    CHECK(counter_reaches(&inbox.arrived, CALLS));
    faults_stats(&stats);
    CHECK_INT(CALLS, stats.pending_host_calls);
    for (int i = CALLS - 1; i >= 0; i--) {
        char text[16];
        snprintf(text, sizeof(text), "%d", i);
        CHECK_INT(GP_OK, faults_asker_answer_fetch(inbox.ids[i], gp_str(text)));
    }
    for (int i = 0; i < CALLS; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%d", i);
        CHECK_STATUS(GP_OK, gp_wait(&waiters[i], GP_PENDING), &calls[i]);
        CHECK(gp_str_eq(gp_str(text), answers[i]));
        gp_call_reset(&calls[i]);
    }
    close_asker(asker);
    CHECK_INT(0, counter_get(&inbox.cancelled));
}

static void replaced_while_in_flight(void)
{
    static inbox inbox = INBOX_INIT;
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    gp_string answer;
    uint64_t asker = make_asker();
    CHECK_INT(GP_OK, faults_asker_set_fetch(asker, keep, NULL, &inbox, count_release_of_inbox));
    int32_t status = faults_asker_fetch(asker, GP_STR("k"), &answer, &call, gp_wake, &waiter);
    CHECK_INT(GP_OK, faults_asker_set_fetch(asker, in_brackets, NULL, NULL, NULL));
    expect_fetch(asker, GP_STR("new"), GP_OK, "[new]");
    CHECK_INT(GP_OK, faults_asker_answer_fetch(inbox.ids[0], GP_STR("old")));
    CHECK_STATUS(GP_OK, gp_wait(&waiter, status), &call);
    CHECK_STR("old", answer);
    gp_call_reset(&call);
    CHECK(counter_reaches(&inbox.released, 1));
    close_asker(asker);
    CHECK_INT(1, counter_get(&inbox.released));
}

static void inherited_from_the_library(void)
{
    static inbox inbox = INBOX_INIT;
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    uint64_t early = make_asker();
    uint64_t asker = 0;
    CHECK_INT(GP_OK, faults_asker_set_fetch(0, in_brackets, NULL, &inbox.arrived, count_release));
    /* A constructor may ask already. */
    int32_t status = gp_wait(&waiter, faults_asker_make_asker_with(GP_STR("k"), &asker, &call, gp_wake, &waiter));
    CHECK_STATUS(GP_OK, status, &call);
    gp_call_reset(&call);
    expect_fetch(asker, GP_STR("own"), GP_OK, "[own]");
    expect_fetch(early, GP_STR("own"), GP_ERR, "host fn 'fetch' not registered");
    CHECK_INT(GP_OK, faults_asker_set_fetch(0, NULL, NULL, NULL, NULL));
    expect_fetch(asker, GP_STR("kept"), GP_OK, "[kept]");
    uint64_t later = make_asker();
    expect_fetch(later, GP_STR("own"), GP_ERR, "host fn 'fetch' not registered");
    CHECK_INT(3, counter_get(&inbox.arrived)); /* not released while one object has it */
    close_asker(asker);
    CHECK(counter_reaches(&inbox.arrived, 4));
    close_asker(early);
    close_asker(later);
}

static void call_back(uint64_t call_id, const faults_asker_fetch_request *request, void *user_data)
{
    gp_call call = GP_CALL_INIT;
    gp_string text;
    (void)user_data;
    CHECK_STATUS(GP_OK, faults_echo_text(request->key, &text, &call), &call);
    CHECK_INT(GP_OK, faults_asker_answer_fetch(call_id, text));
    gp_call_reset(&call);
}

static void calls_back_into_the_library(void)
{
    uint64_t asker = make_asker();
    CHECK_INT(GP_OK, faults_asker_set_fetch(asker, call_back, NULL, NULL, NULL));
    expect_fetch(asker, GP_STR("there and back"), GP_OK, "there and back");
    close_asker(asker);
}

static void close_it(uint64_t call_id, const faults_asker_fetch_request *request, void *user_data)
{
    gp_call call = GP_CALL_INIT;
    (void)request;
    CHECK_STATUS(GP_OK, faults_asker_close(*(uint64_t *)user_data, &call), &call);
    gp_call_reset(&call);
    faults_asker_answer_fetch(call_id, GP_STR("too late"));
}

static void close_from_inside_a_call(void)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    gp_string answer;
    uint64_t asker = make_asker();
    CHECK_INT(GP_OK, faults_asker_set_fetch(asker, close_it, NULL, &asker, NULL));
    int32_t status = gp_wait(&waiter, faults_asker_fetch(asker, GP_STR("k"), &answer, &call, gp_wake, &waiter));
    CHECK(status == GP_CLOSED || status == GP_OK || status == GP_ERR);
    gp_call_reset(&call);
    CHECK_STATUS(GP_CLOSED, faults_asker_fetch(asker, GP_STR("k"), &answer, &call, gp_wake, &waiter), &call);
    gp_call_reset(&call);
}

static void cook_it(uint64_t call_id, const faults_asker_cook_request *request, void *user_data)
{
    if (user_data) {
        faults_math_or_host burnt = { FAULTS_MATH_OR_HOST_BURNT, { { { 0, 0 } } } };
        burnt.as.burnt.minutes = 9;
        faults_asker_fail_cook(call_id, &burnt);
    } else {
        faults_asker_answer_cook(call_id, &request->kitchen);
    }
}

static void records_there_and_back(void)
{
    gp_call made = GP_CALL_INIT;
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    faults_kitchen kitchen, back;
    uint8_t same = 0;
    int burnt = 1;
    uint64_t asker = make_asker();
    CHECK_STATUS(GP_OK, faults_make_kitchen(&kitchen, &made), &made);
    CHECK_INT(GP_OK, faults_asker_set_cook(asker, cook_it, NULL, NULL, NULL));
    int32_t status = gp_wait(&waiter, faults_asker_cook(asker, &kitchen, &back, &call, gp_wake, &waiter));
    CHECK_STATUS(GP_OK, status, &call);
    gp_call again = GP_CALL_INIT;
    CHECK_STATUS(GP_OK, faults_is_kitchen(&back, &same, &again), &again);
    CHECK_INT(1, same);
    gp_call_reset(&call);
    CHECK_INT(GP_OK, faults_asker_set_cook(asker, cook_it, NULL, &burnt, NULL));
    status = gp_wait(&waiter, faults_asker_cook(asker, &kitchen, &back, &call, gp_wake, &waiter));
    CHECK_STATUS(GP_ERR, status, &call);
    CHECK_STR("burnt after 9 minutes", call.message);
    const faults_math_or_host *error = call.payload;
    CHECK_INT(FAULTS_MATH_OR_HOST_BURNT, error->tag);
    CHECK_INT(9, error->as.burnt.minutes);
    gp_call_reset(&call);
    gp_call_reset(&made);
    close_asker(asker);
}

static void be_notified(uint64_t call_id, const void *request, void *user_data)
{
    (void)request;
    (void)user_data;
    CHECK_INT(GP_OK, faults_asker_answer_notify(call_id));
}

static void add_up(uint64_t call_id, const faults_asker_soon_request *request, void *user_data)
{
    (void)user_data;
    faults_asker_answer_soon(call_id, request->left + request->right);
}

static void nothing_and_numbers(void)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    int64_t sum = 0;
    uint64_t asker = make_asker();
    CHECK_INT(GP_OK, faults_asker_set_notify(asker, be_notified, NULL, NULL, NULL));
    CHECK_INT(GP_OK, faults_asker_set_soon(asker, add_up, NULL, NULL, NULL));
    CHECK_STATUS(GP_OK, gp_wait(&waiter, faults_asker_notify(asker, &call, gp_wake, &waiter)), &call);
    CHECK_STATUS(GP_OK, gp_wait(&waiter, faults_asker_soon(asker, 40, 2, &sum, &call, gp_wake, &waiter)), &call);
    CHECK_INT(42, sum);
    close_asker(asker);
}

const test host_tests[] = {
    { "value round trip", value_round_trip },
    { "not registered", not_registered },
    { "errors from the host", errors_from_the_host },
    { "answers that are no values", answers_that_are_no_values },
    { "answer from another thread", answer_from_another_thread },
    { "never answered", never_answered },
    { "closed while outstanding", closed_while_outstanding },
    { "a thousand outstanding", a_thousand_outstanding },
    { "replaced while in flight", replaced_while_in_flight },
    { "inherited from the library", inherited_from_the_library },
    { "calls back into the library", calls_back_into_the_library },
    { "close from inside a call", close_from_inside_a_call },
    { "records there and back", records_there_and_back },
    { "nothing, and numbers", nothing_and_numbers },
    { NULL, NULL },
};
