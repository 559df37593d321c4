/* The five functions of calc.proto in C, in protobuf's form: enough of it for what the host's tests send. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FOREIGN(name) \
    void name(const uint8_t *in, uint64_t in_len, void **out_params, uint64_t *out_params_len, void **out, \
              uint64_t *out_len, uint8_t *is_error)

static void give(const void *bytes, uint64_t len, void **out, uint64_t *out_len)
{
    *out = len ? malloc(len) : NULL;
    *out_len = len;
    if (len) {
        memcpy(*out, bytes, len);
    }
}

static uint64_t varint(const uint8_t **at)
{
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            return value;
        }
    }
}

static uint8_t *put(uint8_t *to, uint64_t value)
{
    for (; value > 127; value >>= 7) {
        *to++ = (uint8_t)(value | 128);
    }
    *to++ = (uint8_t)value;
    return to;
}

FOREIGN(Foreignhello_world)
{
    (void)in, (void)in_len, (void)out_params, (void)out_params_len;
    *is_error = 0;
    give(NULL, 0, out, out_len);
}

FOREIGN(Foreigndiv)
{
    int32_t values[3] = { 0 };
    (void)out_params, (void)out_params_len;
    for (const uint8_t *at = in; at < in + in_len;) {
        uint64_t tag = varint(&at);
        values[tag >> 3] = (int32_t)varint(&at);
    }
    *is_error = values[2] == 0;
    if (*is_error) {
        give("divided by zero", 15, out, out_len);
        return;
    }
    uint8_t bytes[5] = { 13 };
    float z = (float)values[1] / (float)values[2];
    memcpy(bytes + 1, &z, 4);
    give(bytes, z == 0 ? 0 : 5, out, out_len);
}

FOREIGN(Foreignconcat_strings)
{
    uint8_t *text = malloc(in_len * 2 + 1), *end = text;
    (void)out_params, (void)out_params_len;
    for (const uint8_t *at = in; at < in + in_len;) {
        (void)varint(&at);
        uint64_t len = varint(&at);
        if (end != text) {
            *end++ = ',';
            *end++ = ' ';
        }
        memcpy(end, at, len);
        end += len;
        at += len;
    }
    uint8_t *bytes = malloc((size_t)(end - text) + 11), *to = put(bytes, 10);
    to = put(to, (uint64_t)(end - text));
    memcpy(to, text, (size_t)(end - text));
    *is_error = 0;
    give(bytes, (uint64_t)(to - bytes + (end - text)), out, out_len);
    free(bytes);
    free(text);
}

FOREIGN(Foreigncalculate_score)
{
    int32_t values[4] = { 0 };
    uint8_t bytes[256], *to = bytes;
    const uint8_t *at = in;
    (void)out_params, (void)out_params_len;
    if (in_len) {
        at += 2; /* the only field, shorter than 128 bytes */
    }
    while (at < in + in_len) {
        uint64_t tag = varint(&at), value = varint(&at);
        if (tag == 10) {
            to = put(put(to, 10), value);
            memcpy(to, at, value);
            to += value;
            at += value;
        } else {
            values[tag >> 3] = (int32_t)value;
        }
    }
    *is_error = 0;
    int32_t score = values[2] + 5 * values[3];
    if (score) {
        to = put(put(to, 16), (uint64_t)score);
    }
    uint8_t out_bytes[260] = { 10, (uint8_t)(to - bytes) };
    memcpy(out_bytes + 2, bytes, (size_t)(to - bytes));
    give(out_bytes, to == bytes ? 0 : (uint64_t)(to - bytes) + 2, out, out_len);
}

FOREIGN(Foreigngen_scores)
{
    static const char bytes[] = "\012\013\012\007Player1\020\001\012\013\012\007Player2\020\005\020\006";
    (void)in, (void)in_len, (void)out_params, (void)out_params_len;
    *is_error = 0;
    give(bytes, sizeof bytes - 1, out, out_len);
}
