/* xllr_runtime.h: a language's runtime as a library of its own, libxllr_<name>.so. XLLR opens it when a host first asks for the
 * runtime <name>, and never unloads it. It exports one constant, `xllr_runtime`.
 *
 * Texts in are pointer and length. Texts and results out are from malloc and the taker's to free. Where there is `out_err`, it
 * is NULL and 0 before the call and takes the text when the call fails. Any thread may call; XLLR asks for one module, and for
 * one function of a module, once at a time. No call comes in a forked child. */

#ifndef XLLR_RUNTIME_H
#define XLLR_RUNTIME_H

#include "xllr.h"

#ifdef __cplusplus
extern "C" {
#endif

#define XLLR_RUNTIME_ABI 1u

/* A function. What it points to lives until its module is closed. */
typedef struct xllr_plugin_function {
    uint32_t size;     /* set by XLLR: sizeof(xllr_plugin_function) */
    uint32_t flags;    /* as xllr_function.flags */
    uint64_t self;     /* as xllr_function.self: how `call` knows which function it is */
    void *context;     /* the first argument of `foreign` and `describe` */
    /* In C structs; NULL: not in this form. */
    int32_t (*call)(uint64_t self, const void *params, void *out, struct gp_call *call,
                    void (*done)(void *user_data, struct gp_call *call, int32_t status), void *user_data);
    void (*free)(struct gp_call *call); /* of results; may be NULL, as the next two */
    void (*take_error)(uint32_t error, struct gp_call *call);
    int32_t (*cancel)(uint64_t id);
    /* Reports the descriptor items of the function and of what it reaches, as gp_entry.describe. NULL: not known. */
    void (*describe)(void *context, void (*sink)(void *user_data, const uint8_t *item, size_t len), void *user_data);
    /* In protobuf bytes, as xllr_call from `in_params` on; NULL: not in this form. */
    void (*foreign)(void *context, const void *in_params, uint64_t in_params_len, void **out_params,
                    uint64_t *out_params_len, void **out_ret, uint64_t *out_ret_len, uint8_t *is_error);
} xllr_plugin_function;

typedef struct xllr_plugin {
    uint32_t size; /* sizeof(xllr_plugin) */
    uint32_t abi;  /* XLLR_RUNTIME_ABI */
    /* Starts the runtime; NULL and *out_err when it cannot. */
    void *(*load)(char **out_err, uint32_t *out_err_len);
    /* All of its modules are closed. */
    void (*unload)(void *runtime);
    /* What a module's name means: equal locations are one module. Opens nothing. May be NULL: then modules are files, found as
     * docs/xllr.md says. */
    char *(*locate)(void *runtime, const char *name, uint32_t name_len, const xllr_options *options, uint32_t *out_len,
                    char **out_err, uint32_t *out_err_len);
    void *(*open)(void *runtime, const char *location, uint32_t location_len, const xllr_options *options, char **out_err,
                  uint32_t *out_err_len);
    /* No call of its functions is under way. */
    void (*close)(void *runtime, void *module);
    /* Names, one per line. */
    char *(*functions)(void *module, uint32_t *out_len);
    /* 0, or -1 and the error. `*out` is zeros but for its size. */
    int32_t (*find)(void *module, const char *function, uint32_t function_len, xllr_plugin_function *out, char **out_err,
                    uint32_t *out_err_len);
} xllr_plugin;

extern const xllr_plugin xllr_runtime;

#ifdef __cplusplus
}
#endif

#endif
