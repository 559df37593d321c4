/* Two libraries in one program: both panic, both survive, twice. */
#include <inttypes.h>
#include <stdio.h>

#include "one.h"
#include "two.h"

static void use(gp_return_i64 (*element)(uint64_t), void (*take_error)(uint32_t, gp_call *)) {
    gp_call call = GP_CALL_INIT;
    gp_return_i64 bad = element(9);
    take_error(bad.error, &call);
    printf("%s: %.*s\n", bad.status == GP_PANIC ? "panic" : "no panic", (int)call.message.len,
           (const char *)call.message.ptr);
    printf("at %.*s\n", (int)call.location.len, (const char *)call.location.ptr);
    gp_call_reset(&call);
    printf("%" PRId64 "\n", element(1).value);
}

int main(void) {
    for (int round = 0; round < 2; round++) {
        use(one_element, one_take_error);
        use(two_element, two_take_error);
    }
    return 0;
}
