/* Runs all tests, or those whose names contain the first argument. Prints each failure, then `N passed, M failed`. */

#include "suite.h"

#include <signal.h>
#include <unistd.h>

atomic_int failures;
const char *program;

static const struct group {
    const char *name;
    const test *tests;
} groups[] = {
    { "lifecycle", lifecycle_tests }, /* its first test needs libraries that were never used */
    { "calls", call_tests },
    { "values", value_tests },
    { "kitchen", kitchen_tests },
    { "large", large_tests },
    { "pending", pending_tests },
    { "events", event_tests },
    { "host", host_tests },
    { "panics", panic_tests },
    { "queue", queue_tests },
    { "log", log_tests },
    { "load", load_tests },
    { "sanitized", sanitized_tests },
};

/* The test that runs, for the message when it hangs. */
static char current[128];

static void hung(int signal)
{
    static const char text[] = " hangs\n";
    (void)signal;
    if (write(STDERR_FILENO, current, strlen(current)) < 0 || write(STDERR_FILENO, text, sizeof(text) - 1) < 0) {
        _exit(3);
    }
    _exit(2);
}

/* A panic's payload that panics again when it is dropped is leaked by the library: nothing else is safe. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}
const char *__lsan_default_suppressions(void)
{
    return "leak:Bomb\n";
}

int main(int argc, char **argv)
{
    const char *filter = argc > 1 ? argv[1] : "";
    int passed = 0;
    int bad = 0;
    program = argv[0];
    if (strcmp(filter, READ_FREED) == 0) {
        return faults_read_freed().value; /* a watched library does not come back from it */
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* what failed before a test hangs is told, too */
    signal(SIGALRM, hung);
    for (size_t group = 0; group < sizeof(groups) / sizeof(*groups); group++) {
        for (const test *test = groups[group].tests; test->name; test++) {
            snprintf(current, sizeof(current), "%s: %s", groups[group].name, test->name);
            if (!strstr(current, filter)) {
                continue;
            }
            atomic_store(&failures, 0);
            alarm(soak() ? 900 : 300); /* busy machines are slow */
            test->run();
            alarm(0);
            if (atomic_load(&failures) == 0) {
                passed++;
            } else {
                bad++;
                printf("FAILED %s\n", current);
            }
        }
    }
    printf("%d passed, %d failed\n", passed, bad);
    fflush(stdout); /* what looks for leaks at the exit may not come back */
    return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
