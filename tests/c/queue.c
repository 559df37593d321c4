/* The queue: callbacks as records, for hosts with an event loop of their own. */

#include "suite.h"

#include <poll.h>

/* The callbacks of a host that uses the queue; `user_data` is an integer. */
static void *key(uint64_t number)
{
    return (void *)(uintptr_t)number;
}

/* Takes records until one of this kind comes. Event and request data is valid until the next call. */
static gp_record next(uint32_t kind)
{
    gp_record record = { 0, 0, 0, 0, NULL };
    struct pollfd watched = { faults_queue_fd(), POLLIN, 0 };
    for (int64_t until = now_ms() + 40000; now_ms() < until;) {
        while (faults_drain(&record, 1) == 1) {
            if (record.kind == kind) {
                return record;
            }
        }
        poll(&watched, 1, 50);
    }
    failed(__FILE__, __LINE__, "no such record came");
    memset(&record, 0, sizeof(record));
    return record;
}

static void completions(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t worker;
    uint8_t hopped = 0;
    CHECK_STATUS(GP_OK, faults_worker_open_worker(&worker, &call), &call);
    CHECK_INT(GP_PENDING, faults_worker_hop(worker, &hopped, &call, faults_queue_done, key(77)));
    gp_record record = next(GP_RECORD_COMPLETION);
    CHECK_INT(77, record.key);
    CHECK_INT(GP_OK, record.status);
    CHECK_INT(1, hopped);
    CHECK_STATUS(GP_OK, faults_worker_close(worker, &call), &call);
}

static void events(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t speaker, listener;
    CHECK_STATUS(GP_OK, faults_speaker_make_speaker(&speaker, &call), &call);
    CHECK_INT(GP_OK, faults_add_listener(speaker, GP_STR("counted"), faults_queue_listener, key(5),
                                         faults_queue_release, &listener));
    faults_speaker_count(speaker, 2);
    for (int64_t number = 1; number <= 2; number++) {
        gp_record record = next(GP_RECORD_EVENT);
        const faults_speaker_counted_event *event = record.data;
        CHECK_INT(5, record.key);
        CHECK_INT(0, record.id);
        CHECK_INT(number, event ? event->number : -1);
    }
    CHECK_INT(GP_OK, faults_remove_listener(listener));
    CHECK_INT(5, next(GP_RECORD_RELEASE).key);
    CHECK_STATUS(GP_OK, faults_speaker_close(speaker, &call), &call);
}

/* No handle is left for the objects of events: a record tells, where no event comes that would. */
static void lost_events(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t speaker, listener;
    CHECK_STATUS(GP_OK, faults_speaker_make_speaker(&speaker, &call), &call);
    CHECK_INT(GP_OK, faults_add_listener(speaker, GP_STR("hired"), faults_queue_listener, key(8), faults_queue_release,
                                         &listener));
    allow_objects(0);
    CHECK_INT(GP_OK, faults_speaker_hire(speaker, 3).status);
    gp_record record = next(GP_RECORD_LOST);
    CHECK_INT(8, record.key);
    CHECK_INT(3, record.id);
    CHECK(record.data == NULL);
    /* An event that waits tells of those that are lost before it is read. */
    allow_objects(-1);
    CHECK_INT(GP_OK, faults_speaker_hire(speaker, 1).status);
    allow_objects(0);
    CHECK_INT(GP_OK, faults_speaker_hire(speaker, 2).status);
    record = next(GP_RECORD_EVENT);
    CHECK_INT(8, record.key);
    CHECK_INT(2, record.id);
    /* And where none comes any more, it is told before the end. */
    CHECK_INT(GP_OK, faults_speaker_hire(speaker, 1).status);
    allow_objects(-1);
    CHECK_STATUS(GP_OK, faults_speaker_close(speaker, &call), &call);
    CHECK_INT(1, next(GP_RECORD_LOST).id);
    CHECK_INT(8, next(GP_RECORD_RELEASE).key);
}

static void host_calls(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t asker;
    gp_string answer = { 0, 0 };
    CHECK_STATUS(GP_OK, faults_asker_make_asker(&asker, &call), &call);
    CHECK_INT(GP_OK, faults_register_host_fn(asker, GP_STR("fetch"), faults_queue_host_fn, faults_queue_host_cancel,
                                             key(9), faults_queue_release));
    CHECK_INT(GP_PENDING, faults_asker_fetch(asker, GP_STR("question"), &answer, &call, faults_queue_done, key(1)));
    gp_record record = next(GP_RECORD_HOST_CALL);
    const faults_asker_fetch_request *request = record.data;
    CHECK_INT(9, record.key);
    CHECK(request && gp_str_eq(request->key, GP_STR("question")));
    CHECK_INT(GP_OK, faults_asker_answer_fetch(record.id, GP_STR("answer")));
    CHECK_INT(1, next(GP_RECORD_COMPLETION).key);
    CHECK_STR("answer", answer);
    gp_call_reset(&call);
    /* A cancelled call tells the host which of its calls is no longer wanted. */
    CHECK_INT(GP_PENDING, faults_asker_fetch(asker, GP_STR("x"), &answer, &call, faults_queue_done, key(2)));
    uint64_t asked = next(GP_RECORD_HOST_CALL).id;
    CHECK_INT(GP_OK, faults_cancel(call.id));
    gp_record cancel = next(GP_RECORD_HOST_CANCEL);
    CHECK_INT(9, cancel.key);
    CHECK(cancel.id == asked);
    CHECK_INT(GP_CANCELLED, next(GP_RECORD_COMPLETION).status);
    gp_call_reset(&call);
    CHECK_STATUS(GP_OK, faults_asker_close(asker, &call), &call);
    CHECK_INT(9, next(GP_RECORD_RELEASE).key);
}

static void log_records(void)
{
    CHECK_INT(GP_OK, faults_set_log(3, faults_queue_log, key(6), faults_queue_release));
    CHECK_INT(GP_OK, faults_count_aloud(2).status);
    for (int number = 1; number <= 2; number++) {
        gp_record record = next(GP_RECORD_LOG);
        const gp_log_record *log = record.data;
        CHECK_INT(6, record.key);
        CHECK_INT(0, record.id);
        CHECK_INT(3, log ? log->level : 0);
        CHECK_STR("faults::log", log ? log->target : gp_str(""));
        CHECK(log && gp_str_eq(log->message, gp_str(number == 1 ? "counted number=1" : "counted number=2")));
    }
    /* At most 1024 wait; the next that finds a place says how many did not. */
    CHECK_INT(GP_OK, faults_count_aloud(1030).status);
    for (int number = 1; number <= 1024; number++) {
        CHECK_INT(0, next(GP_RECORD_LOG).id);
    }
    CHECK_INT(0, faults_drain(&(gp_record){ 0, 0, 0, 0, NULL }, 1));
    CHECK_INT(GP_OK, faults_count_aloud(1).status);
    CHECK_INT(6, next(GP_RECORD_LOG).id);
    CHECK_INT(GP_OK, faults_set_log(0, NULL, NULL, NULL));
    CHECK_INT(6, next(GP_RECORD_RELEASE).key);
}

static void silence_is_silent(void)
{
    struct pollfd watched = { faults_queue_fd(), POLLIN, 0 };
    gp_record records[8];
    CHECK(watched.fd >= 0);
    while (faults_drain(records, 8) > 0) {
    }
    CHECK_INT(0, faults_drain(records, 8));
    CHECK_INT(0, faults_drain(records, 0));
    CHECK_INT(0, faults_drain(NULL, 8));
}

const test queue_tests[] = {
    { "completions", completions },
    { "events", events },
    { "lost events", lost_events },
    { "host calls", host_calls },
    { "log", log_records },
    { "silence is silent", silence_is_silent },
    { NULL, NULL },
};
