/* Libraries that are watched, too (SANITIZED): what they do wrong ends the program, with a report. */

#include "suite.h"

#ifdef SANITIZED
static void a_read_of_freed_memory_is_reported(void)
{
    char command[4096];
    static char report[64 * 1024];
    snprintf(command, sizeof(command), "'%s' " READ_FREED " 2>&1", program);
    FILE *child = popen(command, "r");
    CHECK(child != NULL);
    size_t len = child ? fread(report, 1, sizeof(report) - 1, child) : 0;
    report[len] = 0;
    CHECK(child && pclose(child) != 0);
    if (!strstr(report, "heap-use-after-free") || !strstr(report, "read_freed")) {
        failed(__FILE__, __LINE__, "the report names the mistake and its place");
        printf("%s\n", report);
    }
}
#endif

const test sanitized_tests[] = {
#ifdef SANITIZED
    { "a read of freed memory is reported", a_read_of_freed_memory_is_reported },
#endif
    { NULL, NULL },
};
