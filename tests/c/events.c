/* Events: each listener gets each event, apart from calls, until it is removed. */

#include "suite.h"

static uint64_t open_speaker(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t speaker = 0;
    CHECK_STATUS(GP_OK, faults_speaker_make_speaker(&speaker, &call), &call);
    return speaker;
}

static void close_speaker(uint64_t speaker)
{
    gp_call call = GP_CALL_INIT;
    CHECK_STATUS(GP_OK, faults_speaker_close(speaker, &call), &call);
    gp_call_reset(&call);
}

/* What a listener heard. */
typedef struct ear {
    counter entered;
    counter heard;
    counter released;
    int64_t last;
    uint64_t dropped;
    int64_t pause_ms;
    uint64_t remove; /* a listener to remove from inside */
    int holds;       /* it does not come back before `go` */
    int restarts;    /* the numbers begin again */
    counter go;
} ear;
#define EAR_INIT { COUNTER_INIT, COUNTER_INIT, COUNTER_INIT, 0, 0, 0, 0, 0, 0, COUNTER_INIT }

static void release_ear(void *user_data)
{
    counter_add(&((ear *)user_data)->released, 1);
}

static void hear_number(const faults_speaker_counted_event *event, uint64_t dropped, void *user_data)
{
    ear *ear = user_data;
    counter_add(&ear->entered, 1);
    CHECK(event->number > ear->last || ear->restarts); /* in order */
    ear->last = event->number;
    ear->dropped += dropped;
    if (ear->remove) {
        CHECK_INT(GP_OK, faults_remove_listener(ear->remove));
    }
    if (ear->holds) {
        CHECK(counter_reaches(&ear->go, 1));
    }
    if (ear->pause_ms) {
        sleep_ms(ear->pause_ms);
    }
    counter_add(&ear->heard, 1);
}

static uint64_t listen(uint64_t speaker, ear *ear)
{
    uint64_t listener = 0;
    CHECK_INT(GP_OK, faults_speaker_on_counted(speaker, hear_number, ear, release_ear, &listener));
    CHECK(listener != 0);
    return listener;
}

static void hear_echo(const my_timer_timer_echo_fired_event *event, uint64_t dropped, void *user_data)
{
    CHECK_INT(0, dropped);
    CHECK_STR("listen", event->event.message);
    CHECK_INT(1, event->event.echo_count);
    counter_add((counter *)user_data, 1);
}

static void fires_with_its_payload(void)
{
    counter heard = COUNTER_INIT;
    uint64_t listener;
    uint64_t timer = open_timer("ears");
    CHECK_INT(GP_OK, my_timer_timer_on_echo_fired(timer, hear_echo, &heard, NULL, &listener));
    echo_once(timer, "ears", "listen", 1);
    CHECK(counter_reaches(&heard, 1));
    CHECK_INT(GP_OK, my_timer_remove_listener(listener));
    CHECK_INT(GP_NOT_FOUND, my_timer_remove_listener(listener));
    close_timer(timer);
    CHECK_INT(1, counter_get(&heard));
}

static void hear_said(const faults_speaker_said_event *event, uint64_t dropped, void *user_data)
{
    CHECK_INT(0, dropped);
    CHECK_STR("n\xc3\xa9", event->text);
    CHECK_INT(FAULTS_FIGURE_RECTANGLE, event->figure.tag);
    CHECK(event->figure.as.rectangle.height == 2.0);
    counter_add((counter *)user_data, 1);
}

static void hear_ping(const void *event, uint64_t dropped, void *user_data)
{
    (void)event;
    CHECK_INT(0, dropped);
    counter_add((counter *)user_data, 1);
}

static void several_parameters_and_none(void)
{
    gp_call call = GP_CALL_INIT;
    counter said = COUNTER_INIT;
    counter pinged = COUNTER_INIT;
    uint64_t a, b;
    uint64_t speaker = open_speaker();
    faults_figure figure = { FAULTS_FIGURE_RECTANGLE, { { 0 } } };
    figure.as.rectangle.width = 1.0;
    figure.as.rectangle.height = 2.0;
    CHECK_INT(GP_OK, faults_speaker_on_said(speaker, hear_said, &said, NULL, &a));
    CHECK_INT(GP_OK, faults_speaker_on_pinged(speaker, hear_ping, &pinged, NULL, &b));
    CHECK_STATUS(GP_OK, faults_speaker_say(speaker, GP_STR("n\xc3\xa9"), &figure, &call), &call);
    CHECK_INT(GP_OK, faults_speaker_ping(speaker).status);
    CHECK(counter_reaches(&said, 1) && counter_reaches(&pinged, 1));
    close_speaker(speaker);
}

static void several_listeners_each_once(void)
{
    ear ears[3] = { EAR_INIT, EAR_INIT, EAR_INIT };
    uint64_t speaker = open_speaker();
    for (int i = 0; i < 3; i++) {
        listen(speaker, &ears[i]);
    }
    faults_speaker_count(speaker, 5);
    for (int i = 0; i < 3; i++) {
        CHECK(counter_reaches(&ears[i].heard, 5));
    }
    close_speaker(speaker);
    for (int i = 0; i < 3; i++) {
        CHECK(counter_reaches(&ears[i].released, 1));
        CHECK_INT(5, counter_get(&ears[i].heard));
    }
}

static void other_objects_are_not_heard(void)
{
    ear ear = EAR_INIT;
    uint64_t a = open_speaker();
    uint64_t b = open_speaker();
    listen(a, &ear);
    faults_speaker_count(b, 3);
    faults_speaker_count(a, 1);
    CHECK(counter_reaches(&ear.heard, 1));
    sleep_ms(20);
    CHECK_INT(1, counter_get(&ear.heard));
    close_speaker(a);
    close_speaker(b);
    CHECK(counter_reaches(&ear.released, 1));
}

static void removed_listener_hears_nothing(void)
{
    ear ear = EAR_INIT;
    uint64_t speaker = open_speaker();
    uint64_t listener = listen(speaker, &ear);
    faults_speaker_count(speaker, 1);
    CHECK(counter_reaches(&ear.heard, 1));
    CHECK_INT(GP_OK, faults_remove_listener(listener));
    faults_speaker_count(speaker, 5);
    sleep_ms(30);
    CHECK_INT(1, counter_get(&ear.heard));
    CHECK(counter_reaches(&ear.released, 1));
    close_speaker(speaker);
    CHECK_INT(1, counter_get(&ear.released));
}

static void removal_waits(void)
{
    ear ear = EAR_INIT;
    ear.pause_ms = 80;
    uint64_t speaker = open_speaker();
    uint64_t listener = listen(speaker, &ear);
    faults_speaker_count(speaker, 1);
    CHECK(counter_reaches(&ear.entered, 1)); /* now it is running */
    CHECK_INT(GP_OK, faults_remove_listener(listener));
    CHECK_INT(1, counter_get(&ear.heard));
    close_speaker(speaker);
    CHECK(counter_reaches(&ear.released, 1));
}

static void removal_from_inside(void)
{
    ear ear = EAR_INIT;
    uint64_t speaker = open_speaker();
    ear.remove = listen(speaker, &ear);
    faults_speaker_count(speaker, 5);
    CHECK(counter_reaches(&ear.heard, 1));
    CHECK(counter_reaches(&ear.released, 1));
    CHECK_INT(1, counter_get(&ear.heard));
    close_speaker(speaker);
}

static void slow_listener_delays_no_call(void)
{
    ear slow = EAR_INIT;
    slow.holds = slow.restarts = 1;
    uint64_t speaker = open_speaker();
    uint64_t listener = listen(speaker, &slow);
    faults_speaker_count(speaker, 2);
    CHECK(counter_reaches(&slow.entered, 1));
    faults_speaker_count(speaker, 100);
    uint64_t timer = open_timer("other");
    echo_once(timer, "other", "not delayed", 0);
    close_timer(timer);
    CHECK_INT(0, counter_get(&slow.heard));
    counter_add(&slow.go, 1);
    CHECK_INT(GP_OK, faults_remove_listener(listener));
    close_speaker(speaker);
    CHECK(counter_reaches(&slow.released, 1));
}

static void call_inside(const faults_speaker_counted_event *event, uint64_t dropped, void *user_data)
{
    (void)event;
    (void)dropped;
    uint64_t timer = open_timer("inside");
    echo_once(timer, "inside", "a listener", 2); /* waits, which only delays other events */
    close_timer(timer);
    counter_add((counter *)user_data, 1);
}

static void calls_from_inside_a_listener(void)
{
    counter heard = COUNTER_INIT;
    uint64_t listener;
    uint64_t speaker = open_speaker();
    CHECK_INT(GP_OK, faults_speaker_on_counted(speaker, call_inside, &heard, NULL, &listener));
    faults_speaker_count(speaker, 3);
    CHECK(counter_reaches(&heard, 3));
    close_speaker(speaker);
}

static void overflow_is_reported(void)
{
    enum { EVENTS = 5000 };
    gp_stats before, after;
    ear ear = EAR_INIT;
    ear.holds = 1;
    uint64_t speaker = open_speaker();
    faults_stats(&before);
    listen(speaker, &ear);
    faults_speaker_count(speaker, EVENTS);
    counter_add(&ear.go, 1);
    /* The last one is never dropped: the oldest are. */
    AWAIT(counter_get(&ear.heard) + (int64_t)ear.dropped >= EVENTS);
    CHECK_INT(EVENTS, counter_get(&ear.heard) + (int64_t)ear.dropped);
    CHECK_INT(EVENTS, ear.last);
    CHECK(ear.dropped > 0);
    faults_stats(&after);
    CHECK_INT(ear.dropped, after.dropped_events - before.dropped_events);
    ear.last = 0;
    faults_speaker_count(speaker, 1);
    CHECK(counter_reaches(&ear.heard, EVENTS - (int64_t)ear.dropped + 1)); /* still works */
    close_speaker(speaker);
    CHECK(counter_reaches(&ear.released, 1));
}

/* Counts what it hears and what it is told of. */
static void hear_worker(const faults_speaker_hired_event *event, uint64_t dropped, void *user_data)
{
    ear *ear = user_data;
    ear->dropped += dropped;
    if (event) {
        CHECK(event->worker != 0);
        counter_add(&ear->heard, 1);
    } else {
        CHECK(dropped > 0);
    }
    counter_add(&ear->entered, 1);
}

/* No handle is left for the objects of events: the next one tells, and who asks is told at once. */
static void lost_for_want_of_handles(void)
{
    ear patient = EAR_INIT, asking = EAR_INIT;
    uint64_t a, b;
    uint64_t speaker = open_speaker();
    CHECK_INT(GP_OK, faults_speaker_on_hired(speaker, hear_worker, &patient, release_ear, &a));
    CHECK_INT(GP_OK, faults_speaker_on_hired(speaker, hear_worker, &asking, release_ear, &b));
    CHECK_INT(GP_OK, faults_tell_lost(b));
    allow_objects(0);
    faults_speaker_hire(speaker, 1);
    CHECK(counter_reaches(&asking.entered, 1));
    CHECK_INT(0, counter_get(&asking.heard));
    CHECK_INT(1, asking.dropped);
    CHECK_INT(0, counter_get(&patient.entered));
    allow_objects(-1);
    faults_speaker_hire(speaker, 1);
    CHECK(counter_reaches(&patient.heard, 1) && counter_reaches(&asking.heard, 1));
    CHECK_INT(1, patient.dropped);
    CHECK_INT(1, asking.dropped); /* once */
    close_speaker(speaker);
    CHECK(counter_reaches(&patient.released, 1) && counter_reaches(&asking.released, 1));
    CHECK_INT(GP_NOT_FOUND, faults_tell_lost(b));
}

static void unknown_event(void)
{
    counter released = COUNTER_INIT;
    uint64_t listener = 0;
    uint64_t speaker = open_speaker();
    CHECK_INT(GP_NOT_FOUND, faults_add_listener(speaker, GP_STR("nothing"), faults_queue_listener, NULL, NULL, &listener));
    close_speaker(speaker);
    CHECK_INT(GP_CLOSED, faults_speaker_on_counted(speaker, hear_number, &released, NULL, &listener));
}

const test event_tests[] = {
    { "fires with its payload", fires_with_its_payload },
    { "several parameters and none", several_parameters_and_none },
    { "several listeners, each once", several_listeners_each_once },
    { "other objects are not heard", other_objects_are_not_heard },
    { "removed listener hears nothing", removed_listener_hears_nothing },
    { "removal waits", removal_waits },
    { "removal from inside", removal_from_inside },
    { "slow listener delays no call", slow_listener_delays_no_call },
    { "calls from inside a listener", calls_from_inside_a_listener },
    { "overflow is reported", overflow_is_reported },
    { "lost for want of handles", lost_for_want_of_handles },
    { "unknown event", unknown_event },
    { NULL, NULL },
};
