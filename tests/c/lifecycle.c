/* Objects: made, used, closed, from any thread and at the wrong time. */

#include "suite.h"

#include <sys/wait.h>
#include <unistd.h>

/* Runs first, when neither library has been used. */
static void *use_both(void *argument)
{
    (void)argument;
    uint64_t timer = open_timer("first");
    echo_once(timer, "first", "hello", 2);
    CHECK_INT(3, faults_echo_i64(3).value);
    close_timer(timer);
    return NULL;
}

static void first_use_from_eight_threads(void)
{
    on_threads(8, use_both, NULL, 0);
}

static void create_and_destroy(void)
{
    uint64_t timer = open_timer("one");
    CHECK(timer != 0);
    close_timer(timer);
}

static uint64_t open_worker(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t worker = 0;
    CHECK_STATUS(GP_OK, faults_worker_open_worker(&worker, &call), &call);
    return worker;
}

static void objects_keep_their_own_state(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t a = open_worker();
    uint64_t b = open_worker();
    faults_worker_add(a, 1);
    faults_worker_add(b, 10);
    CHECK_INT(3, faults_worker_add(a, 2).value);
    CHECK_INT(30, faults_worker_add(b, 20).value);
    CHECK_STATUS(GP_OK, faults_worker_close(a, &call), &call);
    CHECK_INT(31, faults_worker_add(b, 1).value);
    CHECK_STATUS(GP_OK, faults_worker_close(b, &call), &call);
}

static void an_error_leaves_all_usable(void)
{
    uint64_t timers[5];
    for (int i = 0; i < 5; i++) {
        timers[i] = open_timer("five");
    }
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    my_timer_job_spec job = { { 0, 0 }, { 0, 0 }, 0 };
    my_timer_retry_policy retry = { 1, 0, { 0, 0 } };
    my_timer_schedule_config when = { 0, 0, { 0, 0 } };
    my_timer_schedule_result result;
    CHECK_STATUS(GP_ERR, gp_wait(&waiter, my_timer_timer_schedule(timers[2], &job, &retry, &when, &result, &call,
                                                                  gp_wake, &waiter)), &call);
    gp_call_reset(&call);
    for (int i = 0; i < 5; i++) {
        echo_once(timers[i], "five", "still here", 0);
        close_timer(timers[i]);
    }
}

static void two_libraries_interleaved(void)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    uint64_t demo;
    gp_string token;
    uint64_t timer = open_timer("a");
    CHECK_STATUS(GP_OK, host_demo_demo_create(&demo, &call), &call);
    for (int i = 0; i < 20; i++) {
        echo_once(timer, "a", "b", 0);
        CHECK_INT(GP_ERR, gp_wait(&waiter, host_demo_demo_use_token(demo, GP_STR("k"), &token, &call, gp_wake, &waiter)));
        gp_call_reset(&call);
    }
    /* A handle of one library means nothing to the other. */
    my_timer_echo_request request = { GP_STR("x"), 0 };
    my_timer_echo_response response;
    int32_t status = gp_wait(&waiter, my_timer_timer_echo(demo, &request, &response, &call, gp_wake, &waiter));
    CHECK_STATUS(GP_STALE_HANDLE, status, &call);
    gp_call_reset(&call);
    CHECK_STATUS(GP_OK, host_demo_demo_close(demo, &call), &call);
    close_timer(timer);
}

static void pipeline(void)
{
    const char *names[] = { "A", "B", "C" };
    gp_call calls[3] = { GP_CALL_INIT, GP_CALL_INIT, GP_CALL_INIT };
    gp_waiter waiter = GP_WAITER_INIT;
    uint64_t timers[3];
    gp_string message = GP_STR("through all of them");
    for (int i = 0; i < 3; i++) {
        my_timer_echo_request request = { message, 1 };
        my_timer_echo_response response;
        timers[i] = open_timer(names[i]);
        int32_t status = gp_wait(&waiter, my_timer_timer_echo(timers[i], &request, &response, &calls[i], gp_wake, &waiter));
        CHECK_STATUS(GP_OK, status, &calls[i]);
        message = response.echoed; /* owned by calls[i] */
    }
    CHECK_STR("through all of them", message);
    for (int i = 0; i < 3; i++) {
        gp_call_reset(&calls[i]);
        close_timer(timers[i]);
    }
}

static void *live_and_die(void *argument)
{
    (void)argument;
    for (int i = 0; i < 20; i++) {
        uint64_t timer = open_timer("short");
        echo_once(timer, "short", "life", 0);
        close_timer(timer);
    }
    return NULL;
}

static void create_call_destroy_in_16_threads(void)
{
    on_threads(16, live_and_die, NULL, 0);
}

static void *echo_many(void *timer)
{
    for (int i = 0; i < 30; i++) {
        echo_once(*(uint64_t *)timer, "shared", "hello", i % 3 == 0);
    }
    return NULL;
}

static void threads_32_on_one_object(void)
{
    uint64_t timer = open_timer("shared");
    on_threads(32, echo_many, &timer, 0);
    close_timer(timer);
}

static void *hammer(void *argument)
{
    uint64_t shared = *(uint64_t *)argument;
    for (int i = 0; i < 50; i++) {
        gp_call call = GP_CALL_INIT;
        gp_string version;
        switch (i % 4) {
        case 0: echo_once(shared, "shared", "hammer", i % 2); break;
        case 1: CHECK_STATUS(GP_OK, my_timer_timer_version(shared, &version, &call), &call); break;
        case 2: CHECK_INT(GP_ERR, faults_divide(1, 0).status); break;
        default: close_timer(open_timer("own")); break;
        }
        gp_call_reset(&call);
    }
    return NULL;
}

static void mixed_hammer(void)
{
    uint64_t timer = open_timer("shared");
    on_threads(8, hammer, &timer, 0);
    close_timer(timer);
    /* Nobody took the errors of `divide`: the table of them is bounded, and still works. */
    gp_call call = GP_CALL_INIT;
    gp_return_i64 result = faults_divide(1, 0);
    faults_take_error(result.error, &call);
    CHECK_STATUS(GP_ERR, call.status, &call);
    CHECK_STR("division by zero", call.message);
    gp_call_reset(&call);
}

static void *one_echo(void *timer)
{
    echo_once(*(uint64_t *)timer, "fresh", "hello", 1);
    return NULL;
}

static void every_call_from_a_fresh_thread(void)
{
    uint64_t timer = open_timer("fresh");
    for (int i = 0; i < 100; i++) {
        on_threads(1, one_echo, &timer, 0);
    }
    close_timer(timer);
}

static void call_after_close(void)
{
    gp_call call = GP_CALL_INIT;
    gp_string version;
    uint64_t timer = open_timer("gone");
    close_timer(timer);
    CHECK_STATUS(GP_CLOSED, my_timer_timer_version(timer, &version, &call), &call);
    CHECK(contains(call.message, "closed"));
    gp_call_reset(&call);
}

static void double_close(void)
{
    uint64_t timer = open_timer("twice");
    close_timer(timer);
    close_timer(timer);
    my_timer_timer_release(timer);
}

static void forged_handles(void)
{
    gp_call call = GP_CALL_INIT;
    gp_string version;
    uint64_t timer = open_timer("real");
    /* Nothing, another tag, a slot and a generation that were never issued. */
    const uint64_t forged[] = { 0, 1, UINT64_MAX, timer ^ (UINT64_C(1) << 50), timer | 0xffffff, timer ^ (UINT64_C(1) << 46) };
    for (size_t i = 0; i < sizeof(forged) / sizeof(*forged); i++) {
        CHECK_STATUS(GP_STALE_HANDLE, my_timer_timer_version(forged[i], &version, &call), &call);
        gp_call_reset(&call);
        CHECK_STATUS(GP_STALE_HANDLE, my_timer_timer_close(forged[i], &call), &call);
        gp_call_reset(&call);
        my_timer_timer_release(forged[i]);
    }
    CHECK_STATUS(GP_OK, my_timer_timer_version(timer, &version, &call), &call);
    gp_call_reset(&call);
    close_timer(timer);
}

static void handle_of_another_type(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t worker = open_worker();
    gp_return_unit result = faults_speaker_count(worker, 1);
    CHECK_INT(GP_WRONG_TYPE, result.status);
    faults_take_error(result.error, &call);
    CHECK(contains(call.message, "Worker") && contains(call.message, "Speaker"));
    gp_call_reset(&call);
    CHECK_STATUS(GP_OK, faults_worker_close(worker, &call), &call);
}

/* Calls until the object is closed; nothing but results and GP_CLOSED may come. */
static void *until_closed(void *argument)
{
    uint64_t timer = *(uint64_t *)argument;
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    int32_t status;
    do {
        my_timer_echo_request request = { GP_STR("race"), 1 };
        my_timer_echo_response response;
        status = gp_wait(&waiter, my_timer_timer_echo(timer, &request, &response, &call, gp_wake, &waiter));
        CHECK(status == GP_OK || status == GP_CLOSED || status == GP_CANCELLED);
        gp_call_reset(&call);
    } while (status == GP_OK);
    return NULL;
}

static void *close_soon(void *timer)
{
    sleep_ms(10);
    close_timer(*(uint64_t *)timer);
    return NULL;
}

static void close_races_calls(void)
{
    for (int round = 0; round < 10; round++) {
        pthread_t closer;
        uint64_t timer = open_timer("race");
        pthread_create(&closer, NULL, close_soon, &timer);
        on_threads(8, until_closed, &timer, 0);
        pthread_join(closer, NULL);
    }
}

static void close_while_a_call_is_pending(void)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    uint64_t timer = open_timer("pending");
    my_timer_echo_request request = { GP_STR("never"), 60000 };
    my_timer_echo_response response;
    int32_t status = my_timer_timer_echo(timer, &request, &response, &call, gp_wake, &waiter);
    CHECK_INT(GP_PENDING, status);
    int64_t start = now_ms();
    close_timer(timer);
    CHECK_STATUS(GP_CLOSED, gp_wait(&waiter, status), &call);
    CHECK(now_ms() - start < 30000); /* half of what the call would take */
    gp_call_reset(&call);
}

/* What is closed by a callback. */
typedef struct closing {
    uint64_t object;
    counter closed;
} closing;

/* `done` closes the object whose call has ended. */
static void close_in_done(void *user_data, gp_call *call, int32_t status)
{
    closing *closing = user_data;
    gp_call own = GP_CALL_INIT;
    CHECK_STATUS(GP_OK, status, call);
    CHECK_STATUS(GP_OK, faults_worker_close(closing->object, &own), &own);
    gp_call_reset(&own);
    counter_add(&closing->closed, 1);
}

static void close_inside_a_callback(void)
{
    gp_call call = GP_CALL_INIT;
    closing closing = { open_worker(), COUNTER_INIT };
    uint8_t hopped = 0;
    /* Pending whatever the time is: it is never polled here. */
    CHECK_INT(GP_PENDING, faults_worker_hop(closing.object, &hopped, &call, close_in_done, &closing));
    CHECK(counter_reaches(&closing.closed, 1));
    gp_call_reset(&call);
    CHECK_INT(GP_CLOSED, faults_worker_add(closing.object, 1).status);
}

static void close_in_event(const my_timer_timer_echo_fired_event *event, uint64_t dropped, void *user_data)
{
    closing *closing = user_data;
    CHECK_INT(0, dropped);
    CHECK_STR("bye", event->event.message);
    close_timer(closing->object);
    counter_add(&closing->closed, 1);
}

static void close_inside_a_listener(void)
{
    closing closing = { open_timer("self"), COUNTER_INIT };
    uint64_t listener;
    CHECK_INT(GP_OK, my_timer_timer_on_echo_fired(closing.object, close_in_event, &closing, NULL, &listener));
    echo_once(closing.object, "self", "bye", 0);
    CHECK(counter_reaches(&closing.closed, 1));
    my_timer_remove_listener(listener);
}

static void failed_constructor_leaves_nothing(void)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    gp_stats before, after;
    uint64_t fragile = 0;
    faults_stats(&before);
    CHECK_STATUS(GP_ERR, faults_fragile_make_fragile(FAULTS_TROUBLE_FAIL, &fragile, &call), &call);
    CHECK_STR("too fragile", call.message);
    gp_call_reset(&call);
    int32_t status = gp_wait(&waiter, faults_fragile_make_fragile_later(FAULTS_TROUBLE_FAIL, 2, &fragile, &call, gp_wake, &waiter));
    CHECK_STATUS(GP_ERR, status, &call);
    gp_call_reset(&call);
    faults_stats(&after);
    CHECK_INT(before.handles, after.handles);
}

static void a_hundred_objects(void)
{
    uint64_t timers[100];
    for (int i = 0; i < 100; i++) {
        timers[i] = open_timer("many");
    }
    for (int i = 0; i < 100; i++) {
        for (int j = 0; j < i; j++) {
            CHECK(timers[i] != timers[j]);
        }
        echo_once(timers[i], "many", "hello", 0);
    }
    for (int i = 0; i < 100; i++) {
        close_timer(timers[i]);
    }
}

/* A thread inside a sync call. */
typedef struct blocked {
    uint64_t worker;
    counter ended;
} blocked;

static void *block(void *argument)
{
    blocked *blocked = argument;
    faults_worker_block(blocked->worker, 60000);
    counter_add(&blocked->ended, 1);
    return NULL;
}

static pthread_t block_elsewhere(blocked *blocked)
{
    pthread_t thread;
    int64_t begun = faults_calls_begun().value;
    pthread_create(&thread, NULL, block, blocked);
    AWAIT(faults_calls_begun().value != begun);
    CHECK_INT(begun + 1, faults_calls_begun().value);
    return thread;
}

static void let_go(pthread_t thread)
{
    faults_unblock();
    pthread_join(thread, NULL);
}

static void close_gives_up_waiting(void)
{
    gp_call call = GP_CALL_INIT;
    blocked blocked = { open_worker(), COUNTER_INIT };
    pthread_t thread = block_elsewhere(&blocked);
    call.timeout_ns = 50 * 1000 * 1000;
    CHECK_STATUS(GP_STUCK, faults_worker_close(blocked.worker, &call), &call);
    CHECK(contains(call.message, "block"));
    gp_call_reset(&call);
    CHECK_INT(GP_CLOSED, faults_worker_add(blocked.worker, 1).status);
    let_go(thread);
    /* The last call to leave has finalized the object. */
    CHECK_INT(0, faults_workers_alive().value);
}

static void release_does_not_wait(void)
{
    blocked blocked = { open_worker(), COUNTER_INIT };
    pthread_t thread = block_elsewhere(&blocked);
    faults_worker_release(blocked.worker);
    CHECK_INT(0, counter_get(&blocked.ended));
    let_go(thread);
    CHECK_INT(0, faults_workers_alive().value);
}

static void a_forked_child_gets_an_error(void)
{
    uint64_t timer = open_timer("parent");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(40); /* one that hangs keeps nobody who reads what it prints */
        gp_call call = GP_CALL_INIT;
        gp_string version;
        _exit(my_timer_timer_version(timer, &version, &call) == GP_FORKED ? 42 : 1);
    }
    int state = 0;
    CHECK(child > 0 && waitpid(child, &state, 0) == child);
    CHECK(WIFEXITED(state));
    CHECK_INT(42, WEXITSTATUS(state));
    echo_once(timer, "parent", "still here", 1);
    close_timer(timer);
}

const test lifecycle_tests[] = {
    { "first use from 8 threads", first_use_from_eight_threads },
    { "create and destroy", create_and_destroy },
    { "objects keep their own state", objects_keep_their_own_state },
    { "an error leaves all usable", an_error_leaves_all_usable },
    { "two libraries interleaved", two_libraries_interleaved },
    { "pipeline", pipeline },
    { "create, call, destroy in 16 threads", create_call_destroy_in_16_threads },
    { "32 threads on one object", threads_32_on_one_object },
    { "mixed hammer 8 x 50", mixed_hammer },
    { "every call from a fresh thread", every_call_from_a_fresh_thread },
    { "call after close", call_after_close },
    { "double close", double_close },
    { "forged handles", forged_handles },
    { "handle of another type", handle_of_another_type },
    { "close races calls", close_races_calls },
    { "close while a call is pending", close_while_a_call_is_pending },
    { "close inside a callback", close_inside_a_callback },
    { "close inside a listener", close_inside_a_listener },
    { "failed constructor leaves nothing", failed_constructor_leaves_nothing },
    { "a hundred objects", a_hundred_objects },
    { "close gives up waiting", close_gives_up_waiting },
    { "release does not wait", release_does_not_wait },
    { "a forked child gets an error", a_forked_child_gets_an_error },
    { NULL, NULL },
};
