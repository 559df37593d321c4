/* xllr.h: loads modules of any language and calls functions in them. docs/xllr.md says how; C11 and C++17.
 *
 * Texts that go in are pointer and length: UTF-8, no terminator. A text that comes out in *out_err (always set: NULL when
 * all went well) and every result is from malloc and is yours: xllr_free. Any thread may call any function at any time.
 * In a child of fork every call fails with a text that starts with "forked". */

#ifndef XLLR_H
#define XLLR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define XLLR_ABI 1u

struct gp_call; /* gangplank.h: the caller's side of one native call */

/* ---- Runtimes and modules. All of these may be repeated: loading what is loaded and freeing what is not changes nothing. */

/* "native": libraries made with Gangplank, Go guests, C libraries that export Foreign functions. "test": functions for
 * tests of a host. Any other name is a plugin, libxllr_<name>.so. Not needed before xllr_load_module. */
void xllr_load_runtime(const char *runtime, uint32_t runtime_len, char **out_err, uint32_t *out_err_len);
/* Frees the runtime and all its modules. Calls that are under way, and prepared functions, keep what they need. */
void xllr_free_runtime(const char *runtime, uint32_t runtime_len, char **out_err, uint32_t *out_err_len);
/* `module` is a path, or a name to look for. Loads the runtime when it is not yet there. */
void xllr_load_module(const char *runtime, uint32_t runtime_len, const char *module, uint32_t module_len,
                      char **out_err, uint32_t *out_err_len);
void xllr_free_module(const char *runtime, uint32_t runtime_len, const char *module, uint32_t module_len,
                      char **out_err, uint32_t *out_err_len);

/* ---- Options of a module. */

#define XLLR_IN_PROCESS 1u /* load into this process even what would make a second Go runtime in it */
#define XLLR_ISOLATE 2u    /* load into a helper process: docs/xllr.md, "Helper processes" */

typedef struct xllr_options {
    uint32_t size; /* sizeof(xllr_options) */
    uint32_t flags;
    const char *package_dir; /* searched after the executable's folder; NULL: none */
    const char *source_dir;  /* searched last: where the host's source lies; NULL: none */
    uint32_t package_dir_len, source_dir_len;
    /* Of a helper process; 0: none. Whoever loads a module first decides. */
    uint64_t helper_memory_limit; /* the most data that it may have, in bytes */
    uint64_t helper_timeout_ns;   /* how long a call may take that brings no deadline */
} xllr_options;

/* `options` may be NULL. */
void xllr_load_module_with(const char *runtime, uint32_t runtime_len, const char *module, uint32_t module_len,
                           const xllr_options *options, char **out_err, uint32_t *out_err_len);

/* ---- A call by name: protobuf bytes in and out. */

/* `function` is "<Service>.<rpc>", or "<rpc>" when only one service has it. Loads the module when it is not yet there.
 * `in_params` are the bytes of the request, the result those of the response in *out_ret (NULL when empty);
 * *out_params is only set by functions that have such; NULL for `out_params` when you do not want it. When *is_error is 1,
 * *out_ret is a UTF-8 text. Free both with xllr_free. */
void xllr_call(const char *runtime, uint32_t runtime_len, const char *module, uint32_t module_len,
               const char *function, uint32_t function_len, const void *in_params, uint64_t in_params_len,
               void **out_params, uint64_t *out_params_len, void **out_ret, uint64_t *out_ret_len, uint8_t *is_error);

/* Frees what came out of a function of this file. NULL is fine. */
void xllr_free(void *memory);

/* ---- Prepared functions: found once, then called through a pointer. */

/* An item of the interface that the host was generated from. */
typedef struct xllr_item {
    const char *path;  /* "my_timer::EchoRequest" */
    const char *shape; /* for the message; may be NULL */
    uint32_t path_len, shape_len;
    uint64_t hash;
    uint64_t abi_hash; /* of a function: how it passes its parameters; else 0 */
} xllr_item;

/* What the host expects of the module: the function and every type that it uses. */
typedef struct xllr_expect {
    uint32_t size; /* sizeof(xllr_expect) */
    uint32_t abi;  /* the version of the native ABI (GANGPLANK_ABI) */
    const xllr_item *items;
    size_t items_len;
} xllr_expect;

/* The formats that a function can be called in. */
#define XLLR_NATIVE 1u /* C structs: `call` */
#define XLLR_PROTO 2u  /* protobuf bytes: `foreign`, or xllr_call when that is NULL */

/* The function runs in the Python of this process and takes its lock. A caller that holds it need not give it away. */
#define XLLR_IN_PYTHON 0x10000u

typedef struct xllr_function {
    uint32_t size;    /* yours: sizeof(xllr_function) */
    uint32_t formats; /* XLLR_NATIVE, XLLR_PROTO or both */
    uint32_t flags;   /* GP_ENTRY_ASYNC … of gangplank.h, and XLLR_IN_PYTHON */
    uint32_t reserved;
    /* What to pass as `self`, unless the function is a method (GP_ENTRY_METHOD): there it is the object's handle. */
    uint64_t self;
    /* The uniform form of docs/abi.md, "Entries". NULL without XLLR_NATIVE. */
    int32_t (*call)(uint64_t self, const void *params, void *out, struct gp_call *call,
                    void (*done)(void *user_data, struct gp_call *call, int32_t status), void *user_data);
    /* The function itself, with the C signature of its declaration (`abi_hash` tells that it is the expected one). May be
     * NULL. A function of numbers alone has the scalar form only where `flags` say GP_ENTRY_SCALAR: a library may be older. */
    void *direct;
    /* The function in protobuf bytes, as xllr_call from `in_params` on. May be NULL. */
    void (*foreign)(const void *in_params, uint64_t in_params_len, void **out_params, uint64_t *out_params_len,
                    void **out_ret, uint64_t *out_ret_len, uint8_t *is_error);
    /* Of the module's library (docs/abi.md, "What every library exports"); NULL when it has none. */
    void (*free)(struct gp_call *call);
    void (*take_error)(uint32_t error, struct gp_call *call);
    int32_t (*cancel)(uint64_t id);
    /* Turns 1 in a child of fork, where a call of some languages would never return. See xllr_forked. */
    const volatile uint32_t *forked;
    /* Keeps the module loaded until xllr_release. Do not touch. */
    const void *module;
} xllr_function;

/* Finds `function`, loading the module when it is not yet there. `options` (how to find the module) and `expected` may be
 * NULL; when the module is another than expected, the error shows each item that differs in both shapes. 0, or -1 and the
 * error; then `*out` is zeros but for `size`. `*out` is never written beyond its `size`. */
int32_t xllr_prepare(const char *runtime, uint32_t runtime_len, const char *module, uint32_t module_len,
                     const char *function, uint32_t function_len, const xllr_options *options,
                     const xllr_expect *expected, xllr_function *out, char **out_err, uint32_t *out_err_len);
/* Gives a prepared function back, once no call of it is under way. A second time changes nothing. */
void xllr_release(xllr_function *function);

/* Whether this process is a child of fork, and `function` must not be called: one load. */
static inline int xllr_forked(const xllr_function *function)
{
    return *function->forked != 0;
}

/* ---- What there is. */

/* XLLR_ABI of the loaded libxllr. */
uint32_t xllr_abi_version(void);
/* The names of the module's functions, one per line, sorted; from malloc. NULL and *out_err when it cannot be loaded. */
char *xllr_functions(const char *runtime, uint32_t runtime_len, const char *module, uint32_t module_len,
                     uint32_t *out_len, char **out_err, uint32_t *out_err_len);

#ifdef __cplusplus
}
#endif

#endif
