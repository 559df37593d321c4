/* A guest of calc.proto that answers what the first part of the request asks for: what no guest in order sends. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FOREIGN(name)                                                                                                  \
    void name(const uint8_t *in, uint64_t in_len, void **out_params, uint64_t *out_params_len, void **out,             \
              uint64_t *out_len, uint8_t *is_error)

static void give(const void *bytes, uint64_t len, void **out, uint64_t *out_len)
{
    *out = malloc(len);
    *out_len = len;
    memcpy(*out, bytes, len);
}

FOREIGN(Foreignconcat_strings)
{
    static const struct {
        const char *word, *bytes;
        uint64_t len;
        uint8_t is_error;
    } answers[] = {
        { "utf8", "\x0a\x02\xc3\x28", 4, 0 }, /* no UTF-8 */
        { "short", "\x0a\x05" "ab", 4, 0 },   /* shorter than it says */
        { "field", "\x00\x00", 2, 0 },        /* field 0 */
        { "error", "a\xff" "b", 3, 1 },       /* an error whose text is no UTF-8 */
        { "well", "\x0a\x04" "well", 6, 0 },
    };
    (void)out_params, (void)out_params_len;
    *out = NULL;
    *out_len = 0;
    *is_error = 0;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        size_t len = strlen(answers[i].word);
        if (in_len == len + 2 && memcmp(in + 2, answers[i].word, len) == 0) {
            *is_error = answers[i].is_error;
            give(answers[i].bytes, answers[i].len, out, out_len);
            return;
        }
    }
    /* "large": one byte over the limit */
    *out_len = (16 << 20) + 1;
    *out = calloc(1, *out_len);
}

#define NOTHING(name)                                                                                                  \
    FOREIGN(name)                                                                                                      \
    {                                                                                                                  \
        (void)in, (void)in_len, (void)out_params, (void)out_params_len;                                                \
        *out = NULL;                                                                                                   \
        *out_len = 0;                                                                                                  \
        *is_error = 0;                                                                                                 \
    }

NOTHING(Foreignhello_world)
NOTHING(Foreigndiv)
NOTHING(Foreigncalculate_score)
NOTHING(Foreigngen_scores)
