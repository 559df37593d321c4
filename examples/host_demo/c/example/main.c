/* A library that asks its host, from C, top to bottom. The host function `fetch_token` is registered in five ways; each
 * is asked once. It must return at once: it answers before it returns, or keeps the call's id and answers later from any
 * thread. The lines are those of ../../expected.txt, which all languages print. */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "host_demo.h"

/* Answers before it returns. */
static void answer(uint64_t call_id, const host_demo_demo_fetch_token_request *request, void *user_data)
{
    char token[64];
    (void)user_data;
    snprintf(token, sizeof(token), "TOK-%.*s", GP_ARG(request->key));
    host_demo_demo_answer_fetch_token(call_id, gp_str(token)); /* copied before it returns */
}

/* Fails with the error that the function declares. */
static void refuse(uint64_t call_id, const host_demo_demo_fetch_token_request *request, void *user_data)
{
    char text[64];
    (void)user_data;
    snprintf(text, sizeof(text), "no token for %.*s", GP_ARG(request->key));
    host_demo_demo_fail_fetch_token(call_id, gp_str(text));
}

/* Works on a thread of its own, and says so when it is too late. */
static void *work(void *call_id)
{
    struct timespec deadline = { 0, 20 * 1000 * 1000 };
    nanosleep(&deadline, NULL);
    host_demo_host_complete(*(uint64_t *)call_id, GP_DEADLINE, NULL, 0);
    free(call_id);
    return NULL;
}

static void work_elsewhere(uint64_t call_id, const host_demo_demo_fetch_token_request *request, void *user_data)
{
    pthread_t thread;
    uint64_t *id = malloc(sizeof(*id));
    (void)request;
    (void)user_data;
    if (id && (*id = call_id, pthread_create(&thread, NULL, work, id)) == 0) {
        pthread_detach(thread);
        return;
    }
    free(id);
    host_demo_host_complete(call_id, GP_HOST_ERROR, "no thread", 9);
}

/* What a host in a language with panics reports when its function panicked. */
static void go_wrong(uint64_t call_id, const host_demo_demo_fetch_token_request *request, void *user_data)
{
    (void)request;
    (void)user_data;
    host_demo_host_complete(call_id, GP_HOST_PANIC, "boom", 4);
}

/* Asks for the token of `session` and prints what comes of it. */
static void show(const char *what, uint64_t demo)
{
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    gp_string token;
    int32_t status =
        gp_wait(&waiter, host_demo_demo_use_token(demo, GP_STR("session"), &token, &call, gp_wake, &waiter));
    if (status == GP_OK) {
        printf("%s%.*s\n", what, GP_ARG(token));
    } else {
        printf("%s%.*s\n", what, GP_ARG(call.message));
    }
    gp_call_reset(&call);
}

int main(void)
{
    gp_call call = GP_CALL_INIT;
    uint64_t demo;
    if (host_demo_demo_create(&demo, &call) != GP_OK) {
        fprintf(stderr, "create: %.*s\n", GP_ARG(call.message));
        return EXIT_FAILURE;
    }

    host_demo_demo_set_fetch_token(demo, answer, NULL, NULL, NULL);
    show("", demo);
    host_demo_demo_set_fetch_token(demo, NULL, NULL, NULL, NULL); /* takes it back */
    show("unregistered: ", demo);
    host_demo_demo_set_fetch_token(demo, refuse, NULL, NULL, NULL);
    show("failing: ", demo);
    host_demo_demo_set_fetch_token(demo, work_elsewhere, NULL, NULL, NULL);
    show("slow: ", demo);
    host_demo_demo_set_fetch_token(demo, go_wrong, NULL, NULL, NULL);
    show("panicking: ", demo);

    host_demo_demo_close(demo, &call);
    gp_call_reset(&call);
    return EXIT_SUCCESS;
}
