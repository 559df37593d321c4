/* The smallest test runner: a test is a function, a check prints where it failed and goes on. */

#ifndef SUITE_H
#define SUITE_H

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "faults.h"
#include "host_demo.h"
#include "kitchen_sink.h"
#include "my_timer.h"

/* A test; a table of them ends with one without a name. */
typedef struct test {
    const char *name;
    void (*run)(void);
} test;

extern const test lifecycle_tests[], call_tests[], value_tests[], kitchen_tests[], large_tests[], pending_tests[], event_tests[],
    host_tests[], panic_tests[], queue_tests[], log_tests[], load_tests[], sanitized_tests[];

/* Checks that failed in the test that runs. Any thread. */
extern atomic_int failures;

/* How this program was called, and what makes it read freed memory of a library instead of testing. */
extern const char *program;
#define READ_FREED "--read-freed"

/* Whether the long counts are wanted. */
int soak(void);

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            failed(__FILE__, __LINE__, #condition); \
        } \
    } while (0)
#define CHECK_INT(expected, found) check_int(__FILE__, __LINE__, #found, (int64_t)(expected), (int64_t)(found))
#define CHECK_STR(expected, found) check_str(__FILE__, __LINE__, #found, GP_STR(expected), found)
/* The status, and for errors the text beside it. */
#define CHECK_STATUS(expected, found, call) check_status(__FILE__, __LINE__, #found, expected, found, call)

void failed(const char *file, int line, const char *what);
void check_int(const char *file, int line, const char *what, int64_t expected, int64_t found);
void check_str(const char *file, int line, const char *what, gp_string expected, gp_string found);
void check_status(const char *file, int line, const char *what, int32_t expected, int32_t found, const gp_call *call);

/* Whether `text` contains `part`. */
int contains(gp_string text, const char *part);

/* Milliseconds on a clock that only goes forward, and a pause. */
int64_t now_ms(void);
void sleep_ms(int64_t ms);

/* Waits until `condition` holds, for a minute at most: who asks for it checks it then. */
#define AWAIT(condition) \
    for (int64_t until_ = now_ms() + 60000; !(condition) && now_ms() < until_;) \
    sleep_ms(1)

/* Runs `body(argument + i * stride)` on `count` threads at once and waits for all. */
void on_threads(int count, void *(*body)(void *), void *arguments, size_t stride);

/* A number that threads wait for. */
typedef struct counter {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int64_t value;
} counter;
#define COUNTER_INIT { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 }
void counter_add(counter *counter, int64_t amount);
int64_t counter_get(counter *counter);
/* Waits until the value is at least `target`; 0 after 40 seconds without that. */
int counter_reaches(counter *counter, int64_t target);

/* A gp_release: adds 1 to the counter that is the user_data. */
void count_release(void *user_data);

/* Lets the faults have at most so many objects; -1: as many as usual. */
void allow_objects(int most);

/* How long a close waits for other threads' calls, each of which may wait for a processor. */
#define PATIENCE_NS (INT64_C(40) * 1000 * 1000 * 1000)

/* A timer; fails the test when there is none. */
uint64_t open_timer(const char *name);
void close_timer(uint64_t timer);
/* Echoes and checks the answer. */
void echo_once(uint64_t timer, const char *name, const char *message, int64_t delay_ms);

#endif
