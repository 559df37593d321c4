/* Under load: many calls at once with cancels and closes, host functions that answer as nobody should, objects that come
 * and go. Short counts, or with GANGPLANK_SOAK the full ones. */

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
    call.timeout_ns = PATIENCE_NS;
    CHECK_STATUS(GP_OK, faults_worker_close(worker, &call), &call);
    gp_call_reset(&call);
}

/* A number that looks random; each thread has a seed of its own. */
static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Calls, cancels and closes meet at random; whatever wins, each call ends once. */

enum { THREADS = 32, WORKERS = 16 };

typedef struct one_call {
    gp_call call;
    union {
        uint64_t ms;
        int64_t value;
        uint32_t times;
        uint8_t hopped;
    } out;
    int32_t returned;
    atomic_int status; /* that `done` was told */
    atomic_int runs;   /* of `done` */
} one_call;

static struct {
    _Atomic uint64_t workers[WORKERS];
    counter ended;
} crowd = { .ended = COUNTER_INIT };

typedef struct caller {
    one_call *calls;
    int count;
    uint32_t seed;
} caller;

static void note_end(void *user_data, gp_call *call, int32_t status)
{
    one_call *one = user_data;
    CHECK(call == &one->call);
    CHECK_INT(status, call->status);
    atomic_store(&one->status, status);
    atomic_fetch_add(&one->runs, 1);
    counter_add(&crowd.ended, 1);
}

static int32_t any_call(one_call *one, uint64_t worker, uint32_t *seed)
{
    switch (next_random(seed) % 5) {
    case 0: return faults_worker_forever(worker, &one->call, note_end, one);
    case 1: return faults_worker_wait(worker, next_random(seed) % 10, &one->out.ms, &one->call, note_end, one);
    case 2: return faults_worker_hop(worker, &one->out.hopped, &one->call, note_end, one);
    case 3: return faults_worker_ready(worker, 1, &one->out.value, &one->call, note_end, one);
    default:
        return faults_worker_yielding(worker, next_random(seed) % 10, &one->out.times, &one->call, note_end, one);
    }
}

static void *call_at_random(void *argument)
{
    caller *caller = argument;
    for (int i = 0; i < caller->count; i++) {
        one_call *one = &caller->calls[i];
        _Atomic uint64_t *place = &crowd.workers[next_random(&caller->seed) % WORKERS];
        one->returned = any_call(one, atomic_load(place), &caller->seed);
        uint32_t chance = next_random(&caller->seed) % 100;
        if (chance == 0) {
            close_worker(atomic_exchange(place, open_worker()));
        } else if (chance < 40) {
            /* This one or an earlier one: it runs, waits, is about to answer, or has ended. */
            one_call *victim = &caller->calls[i - (int)(next_random(&caller->seed) % (uint32_t)(i + 1))];
            if (victim->returned == GP_PENDING) {
                int32_t status = faults_cancel(victim->call.id);
                CHECK(status == GP_OK || status == GP_NOT_FOUND);
            }
        }
    }
    return NULL;
}

static void calls_end_once(void)
{
    static caller callers[THREADS];
    int each = (soak() ? 10000 : 1000) / THREADS + 1;
    int64_t begun = faults_calls_begun().value, finished = faults_calls_finished().value;
    int64_t ended = faults_calls_ended().value;
    int64_t pending = 0, at_once = 0, ok = 0, refused = 0, stopped = 0;
    gp_stats before, after;
    one_call *calls = calloc((size_t)(each * THREADS), sizeof(*calls));
    CHECK(calls != NULL);
    faults_stats(&before);
    for (int i = 0; i < WORKERS; i++) {
        atomic_store(&crowd.workers[i], open_worker());
    }
    for (int i = 0; i < each * THREADS; i++) {
        calls[i].call = (gp_call)GP_CALL_INIT;
    }
    for (int i = 0; i < THREADS; i++) {
        callers[i] = (caller){ calls + i * each, each, (uint32_t)(i + 1) * 2654435761u };
    }
    on_threads(THREADS, call_at_random, callers, sizeof(*callers));
    for (int i = 0; i < WORKERS; i++) {
        close_worker(atomic_load(&crowd.workers[i]));
    }
    for (int i = 0; i < each * THREADS; i++) {
        pending += calls[i].returned == GP_PENDING;
    }
    CHECK(counter_reaches(&crowd.ended, pending));
    sleep_ms(20); /* for those that would end twice */
    for (int i = 0; i < each * THREADS; i++) {
        one_call *one = &calls[i];
        int waited = one->returned == GP_PENDING;
        int32_t status = waited ? atomic_load(&one->status) : one->returned;
        CHECK_INT(waited, atomic_load(&one->runs));
        at_once += !waited;
        ok += status == GP_OK;
        refused += !waited && status == GP_CLOSED;
        stopped += waited && (status == GP_CLOSED || status == GP_CANCELLED);
        gp_call_reset(&one->call);
    }
    CHECK_INT(pending, counter_get(&crowd.ended));
    CHECK_INT(each * THREADS, ok + refused + stopped);
    /* The library's own count: what has begun is gone, and everything that came to an answer is a result, unless it was
     * stopped on the last inch. A call that was stopped before its first poll never began. */
    begun = faults_calls_begun().value - begun;
    finished = faults_calls_finished().value - finished;
    CHECK_INT(begun, faults_calls_ended().value - ended);
    CHECK(ok <= finished && finished <= begun && begun <= ok + stopped);
    faults_stats(&after);
    CHECK_INT(0, after.pending_calls);
    CHECK_INT(before.handles, after.handles);
    CHECK_INT(before.dropped_completions, after.dropped_completions);
    CHECK(at_once > 0 && stopped > 0 && ok > 0);
    crowd.ended.value = 0;
    free(calls);
}

/* A thousand host functions are outstanding; each is answered once, twice, late, or never. */

enum { ASKED = 1000, ANSWERERS = 4, ONCE = 0, TWICE = 1, LATE = 2, NEVER = 3 };

static struct {
    uint64_t ids[ASKED];
    atomic_int taken[ASKED]; /* answers that the library took */
    counter arrived;
    counter cancelled;
} asked;

static int fate(int i)
{
    return i % 4;
}

static void remember(uint64_t call_id, const faults_asker_fetch_request *request, void *user_data)
{
    char text[16];
    (void)user_data;
    snprintf(text, sizeof(text), "%.*s", GP_ARG(request->key));
    asked.ids[atoi(text)] = call_id;
    counter_add(&asked.arrived, 1);
}

static void count_cancelled(uint64_t call_id, void *user_data)
{
    (void)call_id;
    (void)user_data;
    counter_add(&asked.cancelled, 1);
}

static void answer(int i)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", i);
    int32_t status = faults_asker_answer_fetch(asked.ids[i], gp_str(text));
    CHECK(status == GP_OK || status == GP_NOT_FOUND);
    atomic_fetch_add(&asked.taken[i], status == GP_OK);
}

/* Two threads for the even places and two for the odd ones, so that the answers of one function meet. */
static void *answer_some(void *number)
{
    for (int i = 0; i < ASKED; i++) {
        int first = *(int *)number < ANSWERERS / 2;
        if (fate(i) == TWICE || (fate(i) == ONCE && first == (i % 8 < 4) && *(int *)number % 2 == 0)) {
            answer(i);
        }
    }
    return NULL;
}

static void ask_a_thousand(void)
{
    static one_call calls[ASKED];
    static gp_string answers[ASKED];
    static gp_waiter waiters[ASKED];
    int numbers[ANSWERERS] = { 0, 1, 2, 3 };
    int each = ASKED / 4;
    gp_call call = GP_CALL_INIT;
    gp_stats before, stats;
    uint64_t asker = 0;
    memset(&asked, 0, sizeof(asked));
    asked.arrived = asked.cancelled = (counter)COUNTER_INIT;
    faults_stats(&before);
    CHECK_STATUS(GP_OK, faults_asker_make_asker(&asker, &call), &call);
    CHECK_INT(GP_OK, faults_asker_set_fetch(asker, remember, count_cancelled, NULL, NULL));
    for (int i = 0; i < ASKED; i++) {
        char key[16];
        snprintf(key, sizeof(key), "%d", i);
        calls[i].call = (gp_call)GP_CALL_INIT;
        waiters[i] = (gp_waiter)GP_WAITER_INIT;
        CHECK_INT(GP_PENDING,
                  faults_asker_fetch(asker, gp_str(key), &answers[i], &calls[i].call, gp_wake, &waiters[i]));
    }
    CHECK(counter_reaches(&asked.arrived, ASKED));
    faults_stats(&stats);
    CHECK_INT(ASKED, stats.pending_host_calls);
    for (int i = LATE; i < ASKED; i += 4) {
        CHECK_INT(GP_OK, faults_cancel(calls[i].call.id));
    }
    on_threads(ANSWERERS, answer_some, numbers, sizeof(*numbers));
    for (int i = 0; i < ASKED; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%d", i);
        if (fate(i) == NEVER) {
            continue;
        }
        int32_t expected = fate(i) == LATE ? GP_CANCELLED : GP_OK;
        CHECK_STATUS(expected, gp_wait(&waiters[i], GP_PENDING), &calls[i].call);
        if (expected == GP_OK) {
            CHECK(gp_str_eq(gp_str(text), answers[i]));
        }
        if (fate(i) == LATE) {
            answer(i);
        }
        CHECK_INT(fate(i) != LATE, atomic_load(&asked.taken[i]));
        gp_call_reset(&calls[i].call);
    }
    faults_stats(&stats);
    CHECK_INT(each, stats.pending_host_calls);
    CHECK_STATUS(GP_OK, faults_asker_close(asker, &call), &call);
    for (int i = NEVER; i < ASKED; i += 4) {
        CHECK_STATUS(GP_CLOSED, gp_wait(&waiters[i], GP_PENDING), &calls[i].call);
        gp_call_reset(&calls[i].call);
        answer(i);
        CHECK_INT(0, atomic_load(&asked.taken[i]));
    }
    CHECK(counter_reaches(&asked.cancelled, 2 * each));
    CHECK_INT(2 * each, counter_get(&asked.cancelled));
    faults_stats(&stats);
    CHECK_INT(0, stats.pending_host_calls);
    CHECK_INT(before.pending_calls, stats.pending_calls);
    CHECK_INT(before.handles, stats.handles);
    /* Four answers to each function with two, of which one counts; one to each that nobody waits for. */
    CHECK_INT((ANSWERERS - 1 + 1 + 1) * each, stats.late_completions - before.late_completions);
}

static void host_functions_answer_twice_late_never(void)
{
    for (int round = 0; round < (soak() ? 20 : 1); round++) {
        ask_a_thousand();
    }
}

static void *live_and_die(void *argument)
{
    for (int i = 0; i < *(int *)argument; i++) {
        uint64_t worker = open_worker();
        CHECK_INT(5, faults_worker_add(worker, 5).value);
        close_worker(worker);
        CHECK_INT(GP_CLOSED, faults_worker_add(worker, 5).status);
    }
    return NULL;
}

static void thousands_of_objects_in_32_threads(void)
{
    int rounds = soak() ? 1000 : 100;
    gp_stats before, after;
    faults_stats(&before);
    on_threads(32, live_and_die, &rounds, 0);
    faults_stats(&after);
    CHECK_INT(before.handles, after.handles);
    CHECK_INT(0, faults_workers_alive().value);
}

const test load_tests[] = {
    { "calls end once", calls_end_once },
    { "host functions answer twice, late, never", host_functions_answer_twice_late_never },
    { "thousands of objects in 32 threads", thousands_of_objects_in_32_threads },
    { NULL, NULL },
};
