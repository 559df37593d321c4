/* Calls every function of calc.proto in the module that the first argument names; the second is its runtime, `native` when
 * it is a library.
 *
 * The structs are those of calc.h, which `gangplank generate c calc.proto` writes; the parameters of a call are a struct of
 * them in order. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xllr.h"

#include "calc.h" /* after xllr.h: then it says what to expect of a module */

static const char *module;
static const char *runtime = "native";

/* A function of the module; ends the program when it has none, or another than calc.h declares. */
static xllr_function prepare(const char *name, const xllr_expect *expected)
{
    xllr_function function = { .size = sizeof function };
    char *text = NULL;
    uint32_t len = 0;
    if (xllr_prepare(runtime, (uint32_t)strlen(runtime), module, (uint32_t)strlen(module), name, (uint32_t)strlen(name),
                     NULL, expected, &function, &text, &len) != 0) {
        fprintf(stderr, "%.*s\n", (int)len, text);
        exit(1);
    }
    if (function.call == NULL) {
        fprintf(stderr, "%s has no native form\n", name);
        exit(1);
    }
    return function;
}

/* Calls it once; the result lives in `out` and `call`. */
static int32_t invoke(const char *name, const xllr_expect *expected, const void *params, void *out, gp_call *call)
{
    xllr_function function = prepare(name, expected);
    int32_t status = function.call(function.self, params, out, call, NULL, NULL);
    xllr_release(&function);
    return status;
}

/* For calls that must succeed. */
static void succeed(const char *name, const xllr_expect *expected, const void *params, void *out, gp_call *call)
{
    int32_t status = invoke(name, expected, params, out, call);
    if (status != GP_OK) {
        fprintf(stderr, "%s: status %" PRId32 ": %.*s\n", name, status, (int)call->message.len,
                (const char *)call->message.ptr);
        exit(1);
    }
}

static void show(const char *what, gp_string text)
{
    printf("%s%.*s", what, (int)text.len, (const char *)text.ptr);
}

/* Why a call failed: the end of the first line, before which some languages put the kind of the error, and behind which a
 * traceback. */
static gp_string reason(gp_string text)
{
    const uint8_t *end = text.len == 0 ? NULL : memchr(text.ptr, '\n', text.len);
    if (end != NULL) {
        text.len = (size_t)(end - text.ptr);
    }
    for (size_t at = text.len; at >= 2; at--) {
        if (memcmp(text.ptr + at - 2, ": ", 2) == 0) {
            return (gp_string){ text.ptr + at, text.len - at };
        }
    }
    return text;
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: %s MODULE [RUNTIME]\n", argv[0]);
        return 2;
    }
    module = argv[1];
    if (argc == 3) {
        runtime = argv[2];
    }
    gp_call call = GP_CALL_INIT;

    succeed("Calc.hello_world", &calc_Calc_hello_world_expect, NULL, NULL, &call);
    printf("hello_world()\n");

    struct {
        int32_t x, y;
    } div = { 10, 2 };
    float quotient = 0;
    succeed("Calc.div", &calc_Calc_div_expect, &div, &quotient, &call);
    printf("div(10, 2) = %g\n", (double)quotient);

    div.x = 1;
    div.y = 0;
    if (invoke("Calc.div", &calc_Calc_div_expect, &div, &quotient, &call) == GP_OK) {
        printf("div(1, 0) = %g\n", (double)quotient);
    } else {
        show("div(1, 0): ", reason(call.message));
        printf("\n");
    }

    const gp_string parts[] = { GP_STR_INIT("A"), GP_STR_INIT("B"), GP_STR_INIT("C") };
    const calc_list_string list = { parts, 3 };
    gp_string joined;
    succeed("Calc.concat_strings", &calc_Calc_concat_strings_expect, &list, &joined, &call);
    show("concat_strings(A B C) = ", joined);
    printf("\n");

    const calc_option_GameData game = { 1, { GP_STR_INIT("Gordon Freeman"), 5, 1 } };
    calc_GameScore score;
    succeed("Calc.calculate_score", &calc_Calc_calculate_score_expect, &game, &score, &call);
    show("calculate_score = ", score.player);
    printf(" %" PRId32 "\n", score.score);

    calc_Calc_gen_scores_results results;
    succeed("Calc.gen_scores", &calc_Calc_gen_scores_expect, NULL, &results, &call);
    for (size_t at = 0; at < results.r0.len; at++) {
        show("gen_scores: ", results.r0.ptr[at].player);
        printf(" %" PRId32 "\n", results.r0.ptr[at].score);
    }
    printf("gen_scores: total %" PRId32 "\n", results.r1);

    gp_call_reset(&call);
    return 0;
}
