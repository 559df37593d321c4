/* Every type, there and back, and values that no type has. */

#include "suite.h"

#include <float.h>

static void integers_at_their_limits(void)
{
    CHECK_INT(INT8_MIN, faults_echo_i8(INT8_MIN).value);
    CHECK_INT(INT8_MAX, faults_echo_i8(INT8_MAX).value);
    CHECK_INT(UINT16_MAX, faults_echo_u16(UINT16_MAX).value);
    CHECK_INT(INT64_MIN, faults_echo_i64(INT64_MIN).value);
    CHECK_INT(INT64_MAX, faults_echo_i64(INT64_MAX).value);
    CHECK(faults_echo_u64(UINT64_MAX).value == UINT64_MAX);
    CHECK_INT(GP_OK, faults_nothing().status);
}

static void floats_bit_by_bit(void)
{
    const uint64_t doubles[] = { 0, UINT64_C(1) << 63, 1, UINT64_C(0x7ff0000000000000), UINT64_C(0xfff8000000000001),
                                 UINT64_C(0x7ff8000000abcdef), UINT64_C(0x7fefffffffffffff) };
    const uint32_t floats[] = { 0, 0x80000000u, 1, 0x7f800000u, 0x7fc00001u, 0x7f7fffffu };
    for (size_t i = 0; i < sizeof(doubles) / sizeof(*doubles); i++) {
        double in;
        memcpy(&in, &doubles[i], sizeof(in));
        double out = faults_echo_f64(in).value;
        CHECK(memcmp(&out, &doubles[i], sizeof(out)) == 0);
    }
    for (size_t i = 0; i < sizeof(floats) / sizeof(*floats); i++) {
        float in;
        memcpy(&in, &floats[i], sizeof(in));
        float out = faults_echo_f32(in).value;
        CHECK(memcmp(&out, &floats[i], sizeof(out)) == 0);
    }
}

static void numbers_in_a_record(void)
{
    gp_call call = GP_CALL_INIT;
    faults_numbers numbers = { 1,         INT8_MAX,   INT16_MIN,  INT32_MAX, INT64_MIN, UINT8_MAX,
                               UINT16_MAX, UINT32_MAX, UINT64_MAX, FLT_MIN,   DBL_MAX };
    faults_numbers back;
    CHECK_STATUS(GP_OK, faults_echo_numbers(&numbers, &back, &call), &call);
    CHECK(back.flag == 1 && back.a == numbers.a && back.b == numbers.b && back.c == numbers.c && back.d == numbers.d);
    CHECK(back.e == numbers.e && back.f == numbers.f && back.g == numbers.g && back.h == numbers.h);
    CHECK(back.i == numbers.i && back.j == numbers.j);
}

static void enums_both_ways(void)
{
    gp_call call = GP_CALL_INIT;
    CHECK_INT(FAULTS_COLOR_DARK_GREEN, faults_next_color(FAULTS_COLOR_RED).value);
    CHECK_INT(FAULTS_COLOR_BLUE, faults_next_color(FAULTS_COLOR_DARK_GREEN).value);
    CHECK_INT(FAULTS_COLOR_RED, faults_next_color(FAULTS_COLOR_BLUE).value);
    gp_return_i32 unknown = faults_next_color(7);
    CHECK_INT(GP_BAD_ARGUMENT, unknown.status);
    faults_take_error(unknown.error, &call);
    CHECK(contains(call.message, "Color"));
    gp_call_reset(&call);
}

static void booleans(void)
{
    gp_call call = GP_CALL_INIT;
    CHECK_INT(0, faults_negate(1).value);
    CHECK_INT(1, faults_negate(0).value);
    gp_return_u8 two = faults_negate(2);
    CHECK_INT(GP_BAD_ARGUMENT, two.status);
    faults_take_error(two.error, &call);
    gp_call_reset(&call);
}

static void constants(void)
{
    gp_call call = GP_CALL_INIT;
    gp_string motto;
    CHECK_STATUS(GP_OK, faults_say_motto(&motto, &call), &call);
    CHECK(gp_str_eq(FAULTS_MOTTO, motto));
    gp_call_reset(&call);
    CHECK_INT(INT64_MIN, FAULTS_LIMIT);
    CHECK(FAULTS_RATIO == 0.1);
    CHECK(FAULTS_ENABLED);
}

static void defaults(void)
{
    gp_call call = GP_CALL_INIT;
    faults_settings settings = FAULTS_SETTINGS_DEFAULT;
    faults_settings back;
    CHECK_STR("plain \"text\"", settings.name);
    CHECK_INT(-3, settings.retries);
    CHECK_INT(FAULTS_COLOR_DARK_GREEN, settings.color);
    CHECK(settings.ratio.has && settings.ratio.value == 0.5 && !settings.note.has && settings.tags.len == 0);
    CHECK_STATUS(GP_OK, faults_echo_settings(&settings, &back, &call), &call);
    CHECK_STR("plain \"text\"", back.name);
    gp_call_reset(&call);
}

static void strings(void)
{
    static const char *const texts[] = { "", "a", "n\xc3\xa9", "\xf0\x9f\x98\x80" };
    gp_call call = GP_CALL_INIT;
    gp_string back;
    uint64_t len = 0;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        CHECK_STATUS(GP_OK, faults_echo_text(gp_str(texts[i]), &back, &call), &call);
        CHECK(gp_str_eq(gp_str(texts[i]), back));
        gp_call_reset(&call);
    }
    CHECK_STATUS(GP_OK, faults_echo_text(gp_str_n("a\0b", 3), &back, &call), &call);
    CHECK(gp_str_eq(gp_str_n("a\0b", 3), back));
    gp_call_reset(&call);
    CHECK_STATUS(GP_OK, faults_text_length(gp_str_n("a\0b", 3), &len, &call), &call);
    CHECK_INT(3, len);
    /* Empty is NULL on the way out, and anything with length 0 on the way in. */
    gp_string empty = { (const uint8_t *)"ignored", 0 };
    CHECK_STATUS(GP_OK, faults_echo_text(empty, &back, &call), &call);
    CHECK(back.ptr == NULL && back.len == 0);
    gp_call_reset(&call);
}

static void invalid_utf8(void)
{
    static const char *const bad[] = { "\xff", "a\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80" };
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    gp_string back;
    uint64_t len;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        CHECK_STATUS(GP_BAD_UTF8, faults_echo_text(gp_str(bad[i]), &back, &call), &call);
        CHECK(contains(call.message, "text"));
        gp_call_reset(&call);
        CHECK_STATUS(GP_BAD_UTF8, faults_text_length(gp_str(bad[i]), &len, &call), &call);
        gp_call_reset(&call);
    }
    /* Deep inside, in an async call. */
    my_timer_echo_request messages[] = { { GP_STR("fine"), 0 }, { gp_str("\xff"), 0 } };
    my_timer_complex_request request = { { messages, 2 }, { 0, 0 }, { 0, { 0, 0 } }, { 0, 0 } };
    my_timer_complex_response response;
    uint64_t timer = open_timer("utf8");
    int32_t status = gp_wait(&waiter, my_timer_timer_complex(timer, &request, &response, &call, gp_wake, &waiter));
    CHECK_STATUS(GP_BAD_UTF8, status, &call);
    gp_call_reset(&call);
    close_timer(timer);
}

static void bytes_and_slices(void)
{
    static const uint8_t data[] = { 0, 255, 128, 0 };
    static const double values[] = { 0.5, 0.25, -1.0 };
    gp_call call = GP_CALL_INIT;
    gp_bytes back;
    uint64_t checksum = 0;
    double sum = 0;
    faults_list_f64 list = { values, 3 };
    CHECK_STATUS(GP_OK, faults_echo_bytes(gp_bytes_n(data, 4), &back, &call), &call);
    CHECK(back.len == 4 && memcmp(back.ptr, data, 4) == 0);
    gp_call_reset(&call);
    CHECK_STATUS(GP_OK, faults_echo_bytes(gp_bytes_n(NULL, 0), &back, &call), &call);
    CHECK(back.ptr == NULL && back.len == 0);
    gp_call_reset(&call);
    CHECK_STATUS(GP_OK, faults_checksum(gp_bytes_n(data, 4), &checksum, &call), &call);
    CHECK_INT(383, checksum);
    CHECK_STATUS(GP_OK, faults_sum(&list, &sum, &call), &call);
    CHECK(sum == -0.25);
    list.len = 0;
    CHECK_STATUS(GP_OK, faults_sum(&list, &sum, &call), &call);
    CHECK(sum == 0);
}

static void options(void)
{
    gp_call call = GP_CALL_INIT;
    faults_option_string absent = { 0, { (const uint8_t *)"not read", 8 } };
    faults_option_string empty = { 1, { 0, 0 } };
    faults_option_string bad = { 2, { 0, 0 } };
    faults_option_string back;
    CHECK_STATUS(GP_OK, faults_echo_note(&absent, &back, &call), &call);
    CHECK_INT(0, back.has);
    gp_call_reset(&call);
    CHECK_STATUS(GP_OK, faults_echo_note(&empty, &back, &call), &call);
    CHECK(back.has == 1 && back.value.len == 0);
    gp_call_reset(&call);
    CHECK_STATUS(GP_BAD_ARGUMENT, faults_echo_note(&bad, &back, &call), &call);
    gp_call_reset(&call);
}

static void boxes(void)
{
    gp_call call = GP_CALL_INIT;
    faults_node last = { GP_STR("last"), { 0, 0 }, NULL };
    faults_node first = { GP_STR("first"), { 0, 0 }, &last };
    faults_echo_node_results results;
    CHECK_STATUS(GP_OK, faults_echo_node(&first, &results, &call), &call);
    CHECK_INT(1, results.r1);
    CHECK_STR("first", results.r0->label);
    CHECK_STR("last", results.r0->next->label);
    CHECK(results.r0->next->next == NULL);
    gp_call_reset(&call);
    CHECK_STATUS(GP_OK, faults_echo_node(NULL, &results, &call), &call);
    CHECK(results.r0 == NULL && results.r1 == 0);
    gp_call_reset(&call);
}

static void recursion(void)
{
    enum { DEEP = 60 };
    gp_call call = GP_CALL_INIT;
    faults_node nodes[DEEP];
    uint32_t depth = 0;
    for (int i = 0; i < DEEP; i++) {
        faults_node node = { GP_STR("n"), { 0, 0 }, NULL };
        if (i > 0) {
            node.children.ptr = &nodes[i - 1];
            node.children.len = 1;
        }
        nodes[i] = node;
    }
    CHECK_STATUS(GP_OK, faults_depth(&nodes[DEEP - 1], &depth, &call), &call);
    CHECK_INT(DEEP, depth);
    /* Endless: an error, not an overflow of the stack. */
    nodes[0].next = &nodes[DEEP - 1];
    CHECK_STATUS(GP_LIMIT, faults_depth(&nodes[DEEP - 1], &depth, &call), &call);
    gp_call_reset(&call);
}

static void the_kitchen_sink(void)
{
    gp_call made = GP_CALL_INIT;
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    faults_kitchen kitchen, back;
    uint8_t same = 0;
    CHECK_STATUS(GP_OK, faults_make_kitchen(&kitchen, &made), &made);
    CHECK_INT(FAULTS_FIGURE_LABELLED, kitchen.figure.tag);
    CHECK_STR("round", kitchen.figure.as.labelled.label);
    CHECK(kitchen.nested.has && !kitchen.nested.value.has);
    CHECK(kitchen.maybe_tags.has && kitchen.maybe_tags.value.len == 0);
    CHECK_INT(3, kitchen.gaps.len);
    CHECK(kitchen.rows.len == 3 && kitchen.rows.ptr[0].ptr[1] == 2);
    CHECK(kitchen.counts.len == 2 && kitchen.counts.ptr[1].value == 2);
    CHECK(kitchen.at.seconds == -1 && kitchen.at.nanos == 500000000);
    CHECK_STATUS(GP_OK, faults_is_kitchen(&kitchen, &same, &call), &call);
    CHECK_INT(1, same);
    CHECK_STATUS(GP_OK, faults_echo_kitchen(&kitchen, &back, &call), &call);
    gp_call again = GP_CALL_INIT;
    CHECK_STATUS(GP_OK, faults_is_kitchen(&back, &same, &again), &again);
    CHECK_INT(1, same);
    gp_call_reset(&call);
    int32_t status = gp_wait(&waiter, faults_echo_kitchen_later(&kitchen, 2, &back, &call, gp_wake, &waiter));
    CHECK_STATUS(GP_OK, status, &call);
    CHECK_STATUS(GP_OK, faults_is_kitchen(&back, &same, &again), &again);
    CHECK_INT(1, same);
    gp_call_reset(&again);
    gp_call_reset(&call);
    gp_call_reset(&made);
}

/* One value of the kitchen made wrong. */
static void spoiled(void (*spoil)(faults_kitchen *), int32_t status, const char *part)
{
    gp_call made = GP_CALL_INIT;
    gp_call call = GP_CALL_INIT;
    faults_kitchen kitchen, back;
    CHECK_STATUS(GP_OK, faults_make_kitchen(&kitchen, &made), &made);
    spoil(&kitchen);
    CHECK_STATUS(status, faults_echo_kitchen(&kitchen, &back, &call), &call);
    if (!contains(call.message, part)) {
        check_str(__FILE__, __LINE__, "message", gp_str(part), call.message);
    }
    gp_call_reset(&call);
    gp_call_reset(&made);
}

static void bad_tag(faults_kitchen *kitchen) { kitchen->figure.tag = 9; }
static void bad_nanos(faults_kitchen *kitchen) { kitchen->at.nanos = 1000000000; }
static void bad_flag(faults_kitchen *kitchen) { kitchen->numbers.flag = 7; }
static void bad_color(faults_kitchen *kitchen) { kitchen->color = 1; }
static void null_list(faults_kitchen *kitchen) { kitchen->tags.ptr = NULL; }
static void null_text(faults_kitchen *kitchen) { kitchen->text.ptr = NULL; }
static void key_twice(faults_kitchen *kitchen)
{
    static faults_pair_string_i64 pairs[2];
    pairs[0].key = pairs[1].key = GP_STR("same");
    kitchen->counts.ptr = pairs;
    kitchen->counts.len = 2;
}

static void values_that_no_type_has(void)
{
    spoiled(bad_tag, GP_BAD_ARGUMENT, "figure");
    spoiled(bad_nanos, GP_BAD_ARGUMENT, "at");
    spoiled(bad_flag, GP_BAD_ARGUMENT, "flag");
    spoiled(bad_color, GP_BAD_ARGUMENT, "color");
    spoiled(null_list, GP_BAD_ARGUMENT, "tags");
    spoiled(null_text, GP_BAD_ARGUMENT, "text");
    spoiled(key_twice, GP_BAD_ARGUMENT, "counts");
}

const test value_tests[] = {
    { "integers at their limits", integers_at_their_limits },
    { "floats bit by bit", floats_bit_by_bit },
    { "numbers in a record", numbers_in_a_record },
    { "enums both ways", enums_both_ways },
    { "booleans", booleans },
    { "constants", constants },
    { "defaults", defaults },
    { "strings", strings },
    { "invalid UTF-8", invalid_utf8 },
    { "bytes and slices", bytes_and_slices },
    { "options", options },
    { "boxes", boxes },
    { "recursion", recursion },
    { "the kitchen sink", the_kitchen_sink },
    { "values that no type has", values_that_no_type_has },
    { NULL, NULL },
};
