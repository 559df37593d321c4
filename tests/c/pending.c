/* Async calls: ready at once, later, cancelled, too late. Each ends exactly once. */

#include "suite.h"

static uint64_t open_worker(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t worker = 0;
    CHECK_STATUS(GP_OK, faults_worker_open_worker(&worker, &call), &call);
    return worker;
}

static void close_worker(uint64_t worker)
{
    gp_call call = GP_CALL_INIT;
    CHECK_STATUS(GP_OK, faults_worker_close(worker, &call), &call);
    gp_call_reset(&call);
    CHECK_INT(GP_CLOSED, faults_worker_add(worker, 0).status);
}

static void never_done(void *user_data, gp_call *call, int32_t status)
{
    (void)user_data;
    (void)call;
    (void)status;
    failed(__FILE__, __LINE__, "done ran although the call returned at once");
}

static void ready_at_once(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t worker = open_worker();
    int64_t value = 0;
    uint32_t times = 0;
    CHECK_STATUS(GP_OK, faults_worker_ready(worker, 7, &value, &call, never_done, NULL), &call);
    CHECK_INT(7, value);
    CHECK_INT(0, call.id);
    /* A future that wakes itself is polled again at once. */
    CHECK_STATUS(GP_OK, faults_worker_yielding(worker, 2, &times, &call, never_done, NULL), &call);
    CHECK_INT(2, times);
    close_worker(worker);
}

static void later(void)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    uint64_t worker = open_worker();
    uint32_t times = 0;
    uint8_t hopped = 0;
    CHECK_STATUS(GP_OK, gp_wait(&waiter, faults_worker_yielding(worker, 50, &times, &call, gp_wake, &waiter)), &call);
    CHECK_INT(50, times);
    int32_t status = faults_worker_hop(worker, &hopped, &call, gp_wake, &waiter);
    CHECK_INT(GP_PENDING, status);
    CHECK_STATUS(GP_OK, gp_wait(&waiter, status), &call);
    CHECK_INT(1, hopped);
    close_worker(worker);
}

static void cancelled(void)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    uint64_t worker = open_worker();
    int64_t dropped = faults_forevers_dropped().value;
    int32_t status = faults_worker_forever(worker, &call, gp_wake, &waiter);
    CHECK_INT(GP_PENDING, status);
    uint64_t id = call.id;
    CHECK_INT(GP_OK, faults_cancel(id));
    CHECK_STATUS(GP_CANCELLED, gp_wait(&waiter, status), &call);
    CHECK_INT(GP_CANCELLED, call.status);
    CHECK_INT(dropped + 1, faults_forevers_dropped().value); /* before `done` ran */
    CHECK_INT(GP_NOT_FOUND, faults_cancel(id));
    CHECK_INT(GP_NOT_FOUND, faults_cancel(0));
    CHECK_INT(GP_NOT_FOUND, faults_cancel(UINT64_MAX));
    gp_call_reset(&call);
    close_worker(worker);
}

static void deadlines(void)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    uint64_t worker = open_worker();
    uint64_t ms;
    int64_t start = now_ms();
    call.timeout_ns = 40 * 1000 * 1000;
    CHECK_STATUS(GP_DEADLINE, gp_wait(&waiter, faults_worker_wait(worker, 20000, &ms, &call, gp_wake, &waiter)), &call);
    CHECK(now_ms() - start >= 35 && now_ms() - start < 15000);
    gp_call_reset(&call);
    CHECK_STATUS(GP_OK, gp_wait(&waiter, faults_worker_wait(worker, 1, &ms, &call, gp_wake, &waiter)), &call);
    CHECK_INT(1, ms);
    gp_call_reset(&call);
    call.timeout_ns = -1; /* spent before it began */
    CHECK_STATUS(GP_DEADLINE, gp_wait(&waiter, faults_worker_wait(worker, 5, &ms, &call, gp_wake, &waiter)), &call);
    gp_call_reset(&call);
    close_worker(worker);
}

static void without_done(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t worker = open_worker();
    int64_t value = 0;
    int64_t dropped = faults_forevers_dropped().value;
    CHECK_STATUS(GP_BAD_ARGUMENT, faults_worker_forever(worker, &call, NULL, NULL), &call);
    gp_call_reset(&call);
    CHECK(faults_forevers_dropped().value - dropped <= 1);
    (void)faults_worker_ready(worker, 1, &value, &call, NULL, NULL); /* either is fine, both return */
    gp_call_reset(&call);
    close_worker(worker);
}

static void close_cancels_all(void)
{
    enum { CALLS = 100 };
    static gp_call calls[CALLS];
    static gp_waiter waiters[CALLS];
    uint64_t worker = open_worker();
    int64_t dropped = faults_forevers_dropped().value;
    gp_stats stats;
    for (int i = 0; i < CALLS; i++) {
        gp_call call = GP_CALL_INIT;
        gp_waiter waiter = GP_WAITER_INIT;
        calls[i] = call;
        waiters[i] = waiter;
        CHECK_INT(GP_PENDING, faults_worker_forever(worker, &calls[i], gp_wake, &waiters[i]));
    }
    faults_stats(&stats);
    CHECK_INT(CALLS, stats.pending_calls);
    close_worker(worker);
    for (int i = 0; i < CALLS; i++) {
        CHECK_STATUS(GP_CLOSED, gp_wait(&waiters[i], GP_PENDING), &calls[i]);
        gp_call_reset(&calls[i]);
    }
    CHECK_INT(dropped + CALLS, faults_forevers_dropped().value);
    faults_stats(&stats);
    CHECK_INT(0, stats.pending_calls);
}

/* Cancels race completions: whoever wins, `done` runs once. */
typedef struct race {
    counter ended;
    atomic_int runs;
} race;

static void count_done(void *user_data, gp_call *call, int32_t status)
{
    race *race = user_data;
    CHECK(status == GP_OK || status == GP_CANCELLED);
    CHECK_INT(status, call->status);
    atomic_fetch_add(&race->runs, 1);
    counter_add(&race->ended, 1);
}

static void cancel_races_completion(void)
{
    enum { ROUNDS = 300 };
    static gp_call calls[ROUNDS];
    static uint64_t results[ROUNDS];
    race race = { COUNTER_INIT, 0 };
    uint64_t worker = open_worker();
    int pending = 0;
    for (int i = 0; i < ROUNDS; i++) {
        gp_call call = GP_CALL_INIT;
        calls[i] = call;
        if (faults_worker_wait(worker, 1, &results[i], &calls[i], count_done, &race) == GP_PENDING) {
            pending++;
            uint64_t id = calls[i].id;
            if (i % 3 == 0) {
                sleep_ms(1);
            }
            faults_cancel(id);
        }
    }
    CHECK(counter_reaches(&race.ended, pending));
    sleep_ms(20);
    CHECK_INT(pending, atomic_load(&race.runs));
    for (int i = 0; i < ROUNDS; i++) {
        gp_call_reset(&calls[i]);
    }
    close_worker(worker);
}

static void cancel_waits_for_a_poll(void)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    uint64_t worker = open_worker();
    int64_t begun = faults_calls_begun().value, ended = faults_calls_ended().value;
    int32_t status = faults_worker_block_later(worker, 150, &call, gp_wake, &waiter);
    CHECK_INT(GP_PENDING, status);
    AWAIT(faults_calls_begun().value != begun);
    CHECK_INT(begun + 1, faults_calls_begun().value); /* it blocks inside a poll */
    faults_cancel(call.id);
    status = gp_wait(&waiter, status);
    CHECK_INT(ended + 1, faults_calls_ended().value);
    CHECK(status == GP_CANCELLED || status == GP_OK);
    gp_call_reset(&call);
    close_worker(worker);
}

static void traceparent_is_carried(void)
{
    gp_call call = GP_CALL_INIT;
    gp_string text;
    call.traceparent = GP_STR("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    CHECK_STATUS(GP_OK, faults_echo_text(GP_STR("x"), &text, &call), &call);
    gp_call_reset(&call);
    CHECK(call.traceparent.len == 55);
}

const test pending_tests[] = {
    { "ready at once", ready_at_once },
    { "later", later },
    { "cancelled", cancelled },
    { "deadlines", deadlines },
    { "without done", without_done },
    { "close cancels all", close_cancels_all },
    { "cancel races completion", cancel_races_completion },
    { "cancel waits for a poll", cancel_waits_for_a_poll },
    { "traceparent is carried", traceparent_is_carried },
    { NULL, NULL },
};
