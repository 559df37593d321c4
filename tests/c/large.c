/* Large values: copied, moved, and all of them freed. */

#include "suite.h"

static void text_of(size_t size, int async)
{
    gp_call call = GP_CALL_INIT;
    char *text = malloc(size);
    gp_string back;
    memset(text, 'x', size);
    text[size - 1] = 'y';
    if (async) {
        gp_waiter waiter = GP_WAITER_INIT;
        my_timer_echo_request request = { gp_str_n(text, size), 1 };
        my_timer_echo_response response;
        uint64_t timer = open_timer("large");
        int32_t status = gp_wait(&waiter, my_timer_timer_echo(timer, &request, &response, &call, gp_wake, &waiter));
        CHECK_STATUS(GP_OK, status, &call);
        back = response.echoed;
        close_timer(timer);
    } else {
        CHECK_STATUS(GP_OK, faults_echo_text(gp_str_n(text, size), &back, &call), &call);
    }
    CHECK(gp_str_eq(gp_str_n(text, size), back));
    gp_call_reset(&call);
    free(text);
}

static void texts(void)
{
    static const size_t sizes[] = { (64 << 10) - 1, 64 << 10, 1 << 20, 64 << 20 };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        text_of(sizes[i], 0);
        text_of(sizes[i], 1);
    }
}

static void octets(void)
{
    size_t size = 1 << 20;
    gp_call call = GP_CALL_INIT;
    gp_bytes back;
    uint8_t *data = calloc(size, 1);
    CHECK_STATUS(GP_OK, faults_echo_bytes(gp_bytes_n(data, size), &back, &call), &call);
    CHECK(back.len == size && memcmp(back.ptr, data, size) == 0);
    gp_call_reset(&call);
    free(data);
}

static void hundred_thousand_records(void)
{
    enum { COUNT = 100000 };
    gp_call call = GP_CALL_INIT;
    gp_call deep = GP_CALL_INIT;
    faults_list_node rows;
    uint32_t depth = 0;
    CHECK_STATUS(GP_OK, faults_make_rows(COUNT, &rows, &call), &call);
    CHECK_INT(COUNT, rows.len);
    if (rows.len == COUNT) {
        CHECK_STR("row 0", rows.ptr[0].label);
        CHECK_STR("row 99999", rows.ptr[COUNT - 1].label);
    }
    faults_node all = { GP_STR("all"), rows, NULL };
    CHECK_STATUS(GP_OK, faults_depth(&all, &depth, &deep), &deep);
    CHECK_INT(2, depth);
    gp_call_reset(&deep);
    gp_call_reset(&call);
}

const test large_tests[] = {
    { "texts of 64 KiB, 1 MiB and 64 MiB", texts },
    { "1 MiB of octets", octets },
    { "100 000 records", hundred_thousand_records },
    { NULL, NULL },
};
