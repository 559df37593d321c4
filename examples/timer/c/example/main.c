/* The timer from C, top to bottom. Every function may take its time, so each call ends in gp_wait; a program with an
 * event loop would pass its own `done` instead. The names are those of ../../expected.txt, which all languages print. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "my_timer.h"

/* Leaves the program when a call has failed. */
static void must(const char *what, int32_t status, const gp_call *call)
{
    if (status != GP_OK) {
        fprintf(stderr, "%s: %s: %.*s\n", what, gp_status_text(status), GP_ARG(call->message));
        exit(EXIT_FAILURE);
    }
}

int main(void)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    int32_t status;

    my_timer_timer_config config = { GP_STR("go-native-demo") };
    uint64_t timer;
    status = gp_wait(&waiter, my_timer_timer_create(&config, &timer, &call, gp_wake, &waiter));
    must("create", status, &call);
    printf("created timer\n");

    gp_string version;
    must("version", my_timer_timer_version(timer, &version, &call), &call);
    printf("version: %.*s\n", GP_ARG(version));
    gp_call_reset(&call); /* `version` was valid until here */

    my_timer_echo_request hello = { .message = GP_STR("hello from Go"), .delay_ms = 5 };
    my_timer_echo_response echo;
    status = gp_wait(&waiter, my_timer_timer_echo(timer, &hello, &echo, &call, gp_wake, &waiter));
    must("echo", status, &call);
    printf("echo: echoed=\"%.*s\" timerName=\"%.*s\"\n", GP_ARG(echo.echoed), GP_ARG(echo.timer_name));
    gp_call_reset(&call);

    my_timer_echo_request messages[] = {
        { .message = GP_STR("first"), .delay_ms = 1 },
        { .message = GP_STR("second"), .delay_ms = 2 },
    };
    gp_string tags[] = { GP_STR("a"), GP_STR("b") };
    my_timer_complex_request request = {
        .messages = { messages, 2 },
        .tags = { tags, 2 },
        .note = { .has = 1, .value = GP_STR("a note") },
        .retries = { .has = 1, .value = 3 },
    };
    my_timer_complex_response complex;
    status = gp_wait(&waiter, my_timer_timer_complex(timer, &request, &complex, &call, gp_wake, &waiter));
    must("complex", status, &call);
    printf("complex: itemCount=%" PRId64 " hasNote=%s summary=\"%.*s\"\n", complex.item_count,
           complex.has_note ? "true" : "false", GP_ARG(complex.summary));
    gp_call_reset(&call);

    gp_string payload[] = { GP_STR("report"), GP_STR("cleanup") };
    my_timer_job_spec job = { .name = GP_STR("nightly"), .payload = { payload, 2 }, .priority = 1 };
    gp_string retry_on[] = { GP_STR("timeout") };
    my_timer_retry_policy retry = { .max_attempts = 3, .backoff_ms = 250, .retry_on = { retry_on, 1 } };
    my_timer_schedule_config when = { .start_at_ms = 1000, .interval_ms = 5000, .jitter = { .has = 1, .value = 10 } };
    my_timer_schedule_result plan;
    status = gp_wait(&waiter, my_timer_timer_schedule(timer, &job, &retry, &when, &plan, &call, gp_wake, &waiter));
    must("schedule", status, &call);
    printf("schedule: jobId=\"%.*s\" willRunCount=%" PRId64 "\n", GP_ARG(plan.job_id), plan.will_run_count);
    gp_call_reset(&call);

    must("close", my_timer_timer_close(timer, &call), &call);
    gp_call_reset(&call);
    printf("done\n");
    return EXIT_SUCCESS;
}
