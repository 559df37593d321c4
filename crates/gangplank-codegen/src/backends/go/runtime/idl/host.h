#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// As in xllr.h, with names of this file's own.
typedef struct idl_options {
    uint32_t size, flags;
    const char *package_dir, *source_dir;
    uint32_t package_dir_len, source_dir_len;
} idl_options;
typedef struct idl_item {
    const char *path, *shape;
    uint32_t path_len, shape_len;
    uint64_t hash, abi_hash;
} idl_item;
typedef struct idl_expect {
    uint32_t size, abi;
    const idl_item *items;
    size_t items_len;
} idl_expect;
typedef struct idl_function {
    uint32_t size, formats, flags, reserved;
    uint64_t self;
    int32_t (*call)(uint64_t self, const void *params, void *out, void *call, void *done, void *user_data);
    void *direct;
    void (*foreign)(const void *in, uint64_t in_len, void **out_params, uint64_t *out_params_len, void **out,
                    uint64_t *out_len, uint8_t *is_error);
    void (*free)(void *call);
    void (*take_error)(uint32_t error, void *call);
    int32_t (*cancel)(uint64_t id);
    const volatile uint32_t *forked;
    const void *module;
} idl_function;

// Where an rpc is implemented. The texts live as long as the process.
typedef struct idl_target {
    const char *runtime, *module, *function, *source_dir;
    uint32_t runtime_len, module_len, function_len, source_dir_len, flags;
} idl_target;

// A prepared rpc.
typedef struct idl_prepared {
    idl_function f;
    idl_target at;
} idl_prepared;

// A text from libxllr, or bytes of a result; addresses are integers, which Go's collector does not follow.
typedef struct idl_bytes {
    uintptr_t ptr;
    uint64_t len;
    int32_t failed;
} idl_bytes;

static struct {
    int32_t (*prepare)(const char *, uint32_t, const char *, uint32_t, const char *, uint32_t, const idl_options *,
                       const idl_expect *, idl_function *, char **, uint32_t *);
    void (*call)(const char *, uint32_t, const char *, uint32_t, const char *, uint32_t, const void *, uint64_t, void **,
                 uint64_t *, void **, uint64_t *, uint8_t *);
    void (*release)(idl_function *);
    void (*free)(void *);
} idl_xllr;

// Opens libxllr; NULL, or what the loader says.
static const char *idl_open(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        return dlerror();
    }
    *(void **)&idl_xllr.prepare = dlsym(library, "xllr_prepare");
    *(void **)&idl_xllr.call = dlsym(library, "xllr_call");
    *(void **)&idl_xllr.release = dlsym(library, "xllr_release");
    *(void **)&idl_xllr.free = dlsym(library, "xllr_free");
    return idl_xllr.prepare && idl_xllr.call && idl_xllr.release && idl_xllr.free ? NULL : "not libxllr";
}

static void idl_free(uintptr_t memory)
{
    idl_xllr.free((void *)memory);
}

static int32_t idl_find(idl_prepared *to, const idl_expect *expect, char **text, uint32_t *len)
{
    const idl_target *at = &to->at;
    idl_options options = { sizeof options, at->flags, NULL, at->source_dir, 0, at->source_dir_len };
    to->f.size = sizeof to->f;
    return idl_xllr.prepare(at->runtime, at->runtime_len, at->module, at->module_len, at->function, at->function_len,
                            &options, expect, &to->f, text, len);
}

// How idl_prepare has failed: the module is not there, or another than expected.
enum { idl_missing = 1, idl_unexpected = 2 };

// Finds an rpc. On failure `error` holds the text, and which failure it is. A guest that takes C structs has to be the one that is expected; one
// that takes protobuf's bytes only need not say what it is.
static idl_prepared *idl_prepare(const idl_target *at, const idl_expect *expect, idl_bytes *error)
{
    idl_prepared *to = calloc(1, sizeof *to);
    char *text = NULL;
    uint32_t len = 0;
    int32_t failed = 1;
    error->failed = idl_missing;
    if (to) {
        to->at = *at;
        failed = idl_find(to, NULL, &text, &len);
    }
    if (!failed && to->f.formats & 1) {
        idl_xllr.release(&to->f);
        error->failed = idl_unexpected;
        failed = idl_find(to, expect, &text, &len);
    }
    if (failed) {
        error->ptr = (uintptr_t)text;
        error->len = len;
        free(to);
        return NULL;
    }
    return to;
}

// What follows takes a prepared rpc as an integer: Go would look behind a pointer at every call.

// A call in protobuf's form.
static idl_bytes idl_call(uintptr_t at, const void *in, uint64_t in_len)
{
    const idl_prepared *to = (const idl_prepared *)at;
    idl_bytes result = { 0, 0, 0 };
    void *out = NULL;
    uint8_t is_error = 0;
    if (to->f.foreign && !*to->f.forked) {
        to->f.foreign(in, in_len, NULL, NULL, &out, &result.len, &is_error);
    } else {
        idl_xllr.call(to->at.runtime, to->at.runtime_len, to->at.module, to->at.module_len, to->at.function,
                      to->at.function_len, in, in_len, NULL, NULL, &out, &result.len, &is_error);
    }
    result.ptr = (uintptr_t)out;
    result.failed = is_error;
    return result;
}

// A call in C structs: parameters, results and the call's header at these addresses.
static int32_t idl_native(uintptr_t at, uintptr_t params, uintptr_t out, uintptr_t call)
{
    const idl_prepared *to = (const idl_prepared *)at;
    if (*to->f.forked) {
        return 15;
    }
    return to->f.call(to->f.self, (const void *)params, (void *)out, (void *)call, NULL, NULL);
}

// Frees what a call has left outside the caller's memory.
static void idl_reset(uintptr_t at)
{
    struct {
        uint32_t size;
        int32_t status;
        void *scratch;
        size_t scratch_len;
        void *owned;
        void (*free_owned)(void *);
    } *call = (void *)at;
    if (call->owned && call->free_owned) {
        call->free_owned(call);
    }
    call->owned = NULL;
}

// Ends a call by its id, where the guest can be told.
static void idl_cancel(uintptr_t at, uint64_t id)
{
    const idl_prepared *to = (const idl_prepared *)at;
    if (to->f.cancel && !*to->f.forked) {
        to->f.cancel(id);
    }
}

static void idl_take_error(uintptr_t at, uint32_t error, uintptr_t call)
{
    const idl_prepared *to = (const idl_prepared *)at;
    if (to->f.take_error) {
        to->f.take_error(error, (void *)call);
    }
}

// Whether numbers can go in registers: the entry says so (GP_ENTRY_SCALAR; what else bears the function's name has another
// signature), and an error can be asked for.
static int idl_is_direct(const idl_prepared *to)
{
    return to->f.formats & 1 && to->f.flags & 8 && to->f.direct && to->f.take_error;
}
