/* Every type at its limits, made in Rust, through C, and compared in Rust; objects inside values. */

#include "suite.h"

static const kitchen_sink_limit limits[] = { KITCHEN_SINK_LIMIT_ZERO, KITCHEN_SINK_LIMIT_LEAST, KITCHEN_SINK_LIMIT_MOST,
                                             KITCHEN_SINK_LIMIT_ODD };
#define LIMITS (sizeof(limits) / sizeof(*limits))

/* What is made, echoed and compared: `results` of the first two stay valid until their calls are reset. */
#define THERE_AND_BACK(type, limit) \
    do { \
        gp_call made = GP_CALL_INIT, echoed = GP_CALL_INIT, compared = GP_CALL_INIT; \
        kitchen_sink_##type first, second; \
        uint8_t same = 0; \
        CHECK_STATUS(GP_OK, kitchen_sink_##type##_at(limit, &first, &made), &made); \
        CHECK_STATUS(GP_OK, kitchen_sink_echo_##type(&first, &second, &echoed), &echoed); \
        gp_call_reset(&made); \
        CHECK_STATUS(GP_OK, kitchen_sink_is_##type##_at(limit, &second, &same, &compared), &compared); \
        CHECK_INT(1, same); \
        gp_call_reset(&echoed); \
        gp_call_reset(&compared); \
    } while (0)

static void every_type_as_a_field(void)
{
    for (size_t i = 0; i < LIMITS; i++)
        THERE_AND_BACK(each, limits[i]);
}

static void every_type_in_a_list(void)
{
    for (size_t i = 0; i < LIMITS; i++)
        THERE_AND_BACK(lists, limits[i]);
}

static void every_type_in_an_option(void)
{
    for (size_t i = 0; i < LIMITS; i++)
        THERE_AND_BACK(options, limits[i]);
}

static void maps_and_nesting(void)
{
    gp_call made = GP_CALL_INIT, echoed = GP_CALL_INIT, compared = GP_CALL_INIT;
    kitchen_sink_deep first, second;
    uint8_t same = 0;
    CHECK_STATUS(GP_OK, kitchen_sink_deep_sample(&first, &made), &made);
    CHECK_STATUS(GP_OK, kitchen_sink_echo_deep(&first, &second, &echoed), &echoed);
    gp_call_reset(&made);
    CHECK_STATUS(GP_OK, kitchen_sink_is_deep_sample(&second, &same, &compared), &compared);
    CHECK_INT(1, same);
    gp_call_reset(&echoed);
    gp_call_reset(&compared);
}

static void defaults_of_each_type(void)
{
    gp_call call = GP_CALL_INIT;
    static const kitchen_sink_defaults defaults = KITCHEN_SINK_DEFAULTS_DEFAULT;
    uint8_t same = 0;
    CHECK_STATUS(GP_OK, kitchen_sink_is_default(&defaults, &same, &call), &call);
    CHECK_INT(1, same);
    gp_call_reset(&call);
}

static void constants_of_each_kind(void)
{
    gp_bytes octets = KITCHEN_SINK_OCTETS, none = KITCHEN_SINK_NO_OCTETS;
    CHECK_INT(KITCHEN_SINK_SHADE_PALE, KITCHEN_SINK_BEST_SHADE);
    CHECK_INT(4, octets.len);
    CHECK(memcmp(octets.ptr, "\0\xff*/", 4) == 0);
    CHECK_INT(0, none.len);
    CHECK_INT(255, KITCHEN_SINK_MOST_U8);
}

static void objects_in_a_record(void)
{
    gp_call call = GP_CALL_INIT, label = GP_CALL_INIT;
    kitchen_sink_shelf shelf;
    gp_string text;
    CHECK_STATUS(GP_OK, kitchen_sink_open_shelf(GP_STR("c"), &shelf, &call), &call);
    CHECK(shelf.first == shelf.all.ptr[0] && shelf.spare.has && shelf.spare.value == shelf.all.ptr[1]);
    CHECK_STATUS(GP_OK, kitchen_sink_cellar_label(shelf.spare.value, &text, &label), &label);
    CHECK_STR("c 2", text);
    gp_call_reset(&label);
    CHECK_INT(GP_OK, kitchen_sink_close(shelf.first, &label));
    CHECK_INT(GP_OK, kitchen_sink_close(shelf.spare.value, &label));
    gp_call_reset(&label);
    gp_call_reset(&call);
}

const test kitchen_tests[] = {
    { "every_type_as_a_field", every_type_as_a_field },
    { "every_type_in_a_list", every_type_in_a_list },
    { "every_type_in_an_option", every_type_in_an_option },
    { "maps_and_nesting", maps_and_nesting },
    { "defaults_of_each_type", defaults_of_each_type },
    { "constants_of_each_kind", constants_of_each_kind },
    { "objects_in_a_record", objects_in_a_record },
    { NULL, NULL },
};
