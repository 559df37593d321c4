/* What tests share. */

#include "suite.h"

void failed(const char *file, int line, const char *what)
{
    atomic_fetch_add(&failures, 1);
    printf("%s:%d: %s\n", file, line, what);
}

void check_int(const char *file, int line, const char *what, int64_t expected, int64_t found)
{
    if (expected != found) {
        failed(file, line, what);
        printf("    expected %" PRId64 ", found %" PRId64 "\n", expected, found);
    }
}

void check_str(const char *file, int line, const char *what, gp_string expected, gp_string found)
{
    if (!gp_str_eq(expected, found)) {
        failed(file, line, what);
        printf("    expected \"%.*s\"\n    found    \"%.*s\"\n", GP_ARG(expected), GP_ARG(found));
    }
}

void check_status(const char *file, int line, const char *what, int32_t expected, int32_t found, const gp_call *call)
{
    if (expected != found) {
        failed(file, line, what);
        printf("    expected %s, found %s: %.*s\n", gp_status_text(expected), gp_status_text(found),
               GP_ARG(call->message));
    }
}

int soak(void)
{
    return getenv("GANGPLANK_SOAK") != NULL;
}

int contains(gp_string text, const char *part)
{
    size_t len = strlen(part);
    for (size_t start = 0; start + len <= text.len; start++) {
        if (memcmp(gp_chars(text) + start, part, len) == 0) {
            return 1;
        }
    }
    return 0;
}

int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sleep_ms(int64_t ms)
{
    struct timespec pause = { ms / 1000, (ms % 1000) * 1000000 };
    nanosleep(&pause, NULL);
}

void on_threads(int count, void *(*body)(void *), void *arguments, size_t stride)
{
    pthread_t threads[64];
    int started = 0;
    CHECK(count <= 64);
    for (; started < count && started < 64; started++) {
        if (pthread_create(&threads[started], NULL, body, (char *)arguments + (size_t)started * stride) != 0) {
            failed(__FILE__, __LINE__, "pthread_create");
            break;
        }
    }
    while (started-- > 0) {
        pthread_join(threads[started], NULL);
    }
}

void counter_add(counter *counter, int64_t amount)
{
    pthread_mutex_lock(&counter->lock);
    counter->value += amount;
    pthread_cond_broadcast(&counter->changed);
    pthread_mutex_unlock(&counter->lock);
}

int64_t counter_get(counter *counter)
{
    pthread_mutex_lock(&counter->lock);
    int64_t value = counter->value;
    pthread_mutex_unlock(&counter->lock);
    return value;
}

int counter_reaches(counter *counter, int64_t target)
{
    struct timespec until;
    int waited = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 40;
    pthread_mutex_lock(&counter->lock);
    while (counter->value < target && waited == 0) {
        waited = pthread_cond_timedwait(&counter->changed, &counter->lock, &until);
    }
    int reached = counter->value >= target;
    pthread_mutex_unlock(&counter->lock);
    return reached;
}

void count_release(void *user_data)
{
    counter_add((counter *)user_data, 1);
}

void allow_objects(int most)
{
    gp_call call = GP_CALL_INIT;
    faults_option_u32 limit = { most >= 0, (uint32_t)most };
    CHECK_STATUS(GP_OK, faults_allow_objects(&limit, &call), &call);
}

uint64_t open_timer(const char *name)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    my_timer_timer_config config = { gp_str(name) };
    uint64_t timer = 0;
    int32_t status = gp_wait(&waiter, my_timer_timer_create(&config, &timer, &call, gp_wake, &waiter));
    CHECK_STATUS(GP_OK, status, &call);
    gp_call_reset(&call);
    return timer;
}

void close_timer(uint64_t timer)
{
    gp_call call = GP_CALL_INIT;
    call.timeout_ns = PATIENCE_NS;
    CHECK_STATUS(GP_OK, my_timer_timer_close(timer, &call), &call);
    gp_call_reset(&call);
}

void echo_once(uint64_t timer, const char *name, const char *message, int64_t delay_ms)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    my_timer_echo_request request = { gp_str(message), delay_ms };
    my_timer_echo_response response;
    int32_t status = gp_wait(&waiter, my_timer_timer_echo(timer, &request, &response, &call, gp_wake, &waiter));
    CHECK_STATUS(GP_OK, status, &call);
    if (status == GP_OK) {
        CHECK(gp_str_eq(gp_str(message), response.echoed));
        CHECK(gp_str_eq(gp_str(name), response.timer_name));
    }
    gp_call_reset(&call);
}
