/* gangplank.h: what every Gangplank library shares. The ABI is described in docs/abi.md; this is version 1 of it.
 *
 * Everything here is a type, a macro or a static inline function: nothing to link. C11 and C++17.
 * Threads: nothing here has state of its own; each value belongs to the thread that uses it, except gp_waiter. */

#if defined(GANGPLANK_ABI) && GANGPLANK_ABI != 1
#error "gangplank.h of two ABI versions in one file: build and generate the libraries with the same Gangplank"
#endif

#ifndef GANGPLANK_H
#define GANGPLANK_H
#define GANGPLANK_ABI 1

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifndef GANGPLANK_GO
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#endif

#ifdef __cplusplus
extern "C" {
#define GP_STATIC_ASSERT(condition, text) static_assert(condition, text)
#else
#define GP_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif

/* A pointer in a struct. Where Go reads the declarations it is an integer: Go must not take it for one of its own. */
#ifdef GANGPLANK_GO
#define GP_PTR(type) uintptr_t
#define GP_MUT_PTR(type) uintptr_t
#else
#define GP_PTR(type) type const *
#define GP_MUT_PTR(type) type *
#endif

/* Layouts are promised for 64-bit targets. */
#if UINTPTR_MAX == UINT64_MAX
#define GP_CHECK_SIZE(type, size) GP_STATIC_ASSERT(sizeof(type) == (size), "size of " #type)
#define GP_CHECK_OFFSET(type, member, offset) \
    GP_STATIC_ASSERT(offsetof(type, member) == (offset), "offset of " #member " in " #type)
#else
#define GP_CHECK_SIZE(type, size) GP_STATIC_ASSERT(1, "")
#define GP_CHECK_OFFSET(type, member, offset) GP_STATIC_ASSERT(1, "")
#endif

/* ---- Values ---- */

/* UTF-8, may hold NUL, no terminator. Empty: NULL and 0. */
typedef struct gp_string {
    GP_PTR(uint8_t) ptr;
    size_t len;
} gp_string;

/* Octets. Empty: NULL and 0. */
typedef struct gp_bytes {
    GP_PTR(uint8_t) ptr;
    size_t len;
} gp_bytes;

/* A point in time since 1970 in UTC, or a span: seconds rounded down, and nanoseconds 0 to 999999999. */
typedef struct gp_time {
    int64_t seconds;
    uint32_t nanos;
} gp_time;

/* ---- How a call ends ---- */

typedef enum gp_status {
    GP_OK = 0,
    GP_ERR = 1,             /* the function's own error: gp_call.message, and its struct in gp_call.payload */
    GP_PENDING = 2,         /* only returned, never reported: `done` runs later */
    GP_BAD_ARGUMENT = 3,
    GP_BAD_UTF8 = 4,
    GP_CLOSED = 5,
    GP_STALE_HANDLE = 6,
    GP_WRONG_TYPE = 7,
    GP_PANIC = 8,           /* the library panicked: gp_call.location says where. It stays usable */
    GP_HOST_PANIC = 9,
    GP_CANCELLED = 10,
    GP_DEADLINE = 11,
    GP_ABI_MISMATCH = 12,
    GP_NOT_FOUND = 13,
    GP_LIMIT = 14,
    GP_FORKED = 15,
    GP_PEER_LOST = 16,
    GP_NOT_REGISTERED = 17,
    GP_STUCK = 18,          /* a close gave up waiting */
    GP_HOST_ERROR = 19      /* the host failed outside the declared error */
} gp_status;

/* The status in words. [static] Never NULL. */
static inline const char *gp_status_text(int32_t status)
{
    switch (status) {
    case GP_OK: return "ok";
    case GP_ERR: return "error";
    case GP_PENDING: return "pending";
    case GP_BAD_ARGUMENT: return "bad argument";
    case GP_BAD_UTF8: return "bad UTF-8";
    case GP_CLOSED: return "closed";
    case GP_STALE_HANDLE: return "stale handle";
    case GP_WRONG_TYPE: return "wrong type";
    case GP_PANIC: return "panic";
    case GP_HOST_PANIC: return "host panic";
    case GP_CANCELLED: return "cancelled";
    case GP_DEADLINE: return "deadline exceeded";
    case GP_ABI_MISMATCH: return "ABI mismatch";
    case GP_NOT_FOUND: return "not found";
    case GP_LIMIT: return "limit reached";
    case GP_FORKED: return "forked";
    case GP_PEER_LOST: return "peer lost";
    case GP_NOT_REGISTERED: return "not registered";
    case GP_STUCK: return "stuck";
    case GP_HOST_ERROR: return "host error";
    default: return "unknown status";
    }
}

/* The caller's side of one call: where results go, and what went wrong. Start from GP_CALL_INIT, reuse after
 * gp_call_reset. One call at a time; any thread. Fields without a note are the library's. */
typedef struct gp_call {
    uint32_t size;                          /* yours: sizeof(gp_call) */
    int32_t status;                         /* how the call ended */
    GP_MUT_PTR(uint8_t) scratch;            /* yours: memory for results, 16-byte aligned; NULL: the library allocates.
                                             * The library's until an async call has ended */
    size_t scratch_len;
    GP_MUT_PTR(void) owned;                 /* memory of the results outside scratch: gp_call_reset frees it */
    void (*free_owned)(struct gp_call *call);
    uint64_t id;                            /* names the pending call for <lib>_cancel; 0: not pending */
    int64_t timeout_ns;                     /* yours: time left, from now; 0: none. Then the call ends as GP_DEADLINE */
    gp_string traceparent;                  /* yours: W3C trace context; carried, never interpreted */
    gp_string message;                      /* the error's text */
    gp_string location;                     /* of a panic: file:line:column */
    GP_PTR(void) payload;                   /* with GP_ERR: the struct of the function's error type; see gp_backtrace */
    size_t payload_len;
    GP_PTR(gp_string) causes;               /* the causes below the error, nearest first */
    size_t causes_len;
} gp_call;

#define GP_CALL_INIT \
    { sizeof(gp_call), 0, 0, 0, 0, 0, 0, 0, { 0, 0 }, { 0, 0 }, { 0, 0 }, 0, 0, 0, 0 }

/* Frees the results of the last call and makes `call` ready for the next. What is yours in it stays. */
static inline void gp_call_reset(gp_call *call)
{
    if (call->owned && call->free_owned) {
        call->free_owned(call);
    }
    call->status = GP_OK;
    call->owned = 0;
    call->free_owned = 0;
    call->id = 0;
    call->message.ptr = 0;
    call->message.len = 0;
    call->location.ptr = 0;
    call->location.len = 0;
    call->payload = 0;
    call->payload_len = 0;
    call->causes = 0;
    call->causes_len = 0;
}

/* The stack at the panic that ended the call, in words; empty unless the library was built with --debug-info.
 * [owned by call] Valid until gp_call_reset(call). */
static inline gp_string gp_backtrace(const gp_call *call)
{
    gp_string none = { 0, 0 };
    if (call->status != GP_PANIC || !call->payload || call->payload_len < sizeof(gp_string)) {
        return none;
    }
    return *(gp_string const *)call->payload;
}

/* ---- What a function in the scalar form returns: `error` goes to <lib>_take_error when `status` is not GP_OK ---- */

#define GP_RETURN(name, type) \
    typedef struct gp_return_##name { \
        type value; \
        int32_t status; \
        uint32_t error; \
    } gp_return_##name
GP_RETURN(i8, int8_t);
GP_RETURN(i16, int16_t);
GP_RETURN(i32, int32_t);
GP_RETURN(i64, int64_t);
GP_RETURN(u8, uint8_t);
GP_RETURN(u16, uint16_t);
GP_RETURN(u32, uint32_t);
GP_RETURN(u64, uint64_t);
GP_RETURN(f32, float);
GP_RETURN(f64, double);
#undef GP_RETURN

typedef struct gp_return_unit {
    int32_t status;
    uint32_t error;
} gp_return_unit;

/* ---- Callbacks ---- */

/* A pending call has ended. Runs exactly once, on any thread, possibly before the function has returned. */
typedef void (*gp_done)(void *user_data, gp_call *call, int32_t status);
/* The library asks the host. Returns at once; the answer goes to <lib>_host_complete from any thread.
 * [borrowed] request: until the answer or the cancel. */
typedef void (*gp_host_fn)(uint64_t call_id, const void *request, void *user_data);
/* The library no longer waits for the answer. Runs at most once. */
typedef void (*gp_host_cancel)(uint64_t call_id, void *user_data);
/* An event. `dropped`: events lost for this listener since its last invocation. [borrowed] event: until it returns; NULL
 * when it has no parameters, and when only losses are told, which <lib>_tell_lost asks for. */
typedef void (*gp_listener)(const void *event, uint64_t dropped, void *user_data);
/* The library has written to its log: level 1 error, 2 warning, 3 info, 4 debug, 5 trace; `target` says who, usually a
 * module. Runs on the thread that writes. [borrowed] target, message: until it returns. */
typedef void (*gp_log)(uint32_t level, gp_string target, gp_string message, void *user_data);
/* user_data is no longer used. Runs exactly once. */
typedef void (*gp_release)(void *user_data);
/* One descriptor item. [borrowed] item: until it returns. */
typedef void (*gp_sink)(void *user_data, const uint8_t *item, size_t len);

/* ---- What a library tells about itself ---- */

#define GP_ENTRY_ASYNC 1u
#define GP_ENTRY_CONSTRUCTOR 2u
#define GP_ENTRY_METHOD 4u
#define GP_ENTRY_SCALAR 8u

/* One function, found by the symbol <lib>_<function>_entry. */
typedef struct gp_entry {
    uint32_t size, abi, flags, reserved;
    /* The uniform form: `params` is the struct of the parameters in order, each as a value. */
    int32_t (*call)(uint64_t self, const void *params, void *out, gp_call *call, gp_done done, void *user_data);
    GP_PTR(void) cbor;
    /* Reports the items of the function and of everything reachable from it, each once. */
    void (*describe)(gp_sink sink, void *user_data);
    GP_PTR(uint8_t) item;
    size_t item_len;
} gp_entry;

typedef struct gp_stats {
    uint64_t pending_calls;         /* calls that have not completed */
    uint64_t handles;               /* objects that are open */
    uint64_t pending_host_calls;    /* host functions that wait for an answer */
    uint64_t late_completions;      /* answers that nobody waited for */
    uint64_t dropped_completions;   /* records that found no reader */
    uint64_t dropped_events;        /* events lost to full queues */
    uint64_t listeners;             /* listeners that are registered */
    uint64_t dropped_logs;          /* log records lost to a full queue */
} gp_stats;

/* The queue, for hosts with an event loop of their own. */

#define GP_RECORD_COMPLETION 1u
#define GP_RECORD_HOST_CALL 2u
#define GP_RECORD_HOST_CANCEL 3u
#define GP_RECORD_EVENT 4u
#define GP_RECORD_RELEASE 5u
#define GP_RECORD_LOG 6u
#define GP_RECORD_LOST 7u

typedef struct gp_record {
    uint32_t kind;
    int32_t status;         /* completion: how the call ended; host cancel: why the guest stopped waiting,
                               GP_DEADLINE, GP_CLOSED or GP_CANCELLED; 0: not said */
    uint64_t key;           /* user_data */
    uint64_t id;            /* host call, host cancel: call_id; event, log: how many were dropped before it;
                               lost: how many events, of which no other record tells */
    GP_PTR(void) data;      /* host call: request; event: event; log: a gp_log_record, until the next drain */
} gp_record;

/* The arguments of a gp_log. */
typedef struct gp_log_record {
    uint32_t level;
    gp_string target;
    gp_string message;
} gp_log_record;

GP_CHECK_SIZE(gp_string, 16);
GP_CHECK_SIZE(gp_bytes, 16);
GP_CHECK_SIZE(gp_time, 16);
GP_CHECK_SIZE(gp_call, 136);
GP_CHECK_OFFSET(gp_call, id, 40);
GP_CHECK_OFFSET(gp_call, message, 72);
GP_CHECK_OFFSET(gp_call, payload, 104);
GP_CHECK_SIZE(gp_return_i64, 16);
GP_CHECK_SIZE(gp_entry, 56);
GP_CHECK_SIZE(gp_stats, 64);
GP_CHECK_SIZE(gp_record, 32);
GP_CHECK_SIZE(gp_log_record, 40);

#ifndef GANGPLANK_GO

/* ---- Text ---- */

/* A string literal as gp_string. [static] */
#define GP_STR(literal) gp_str_n("" literal, sizeof(literal) - 1)
/* A literal as gp_bytes. [static] */
#define GP_BYTES(literal) gp_bytes_n("" literal, sizeof(literal) - 1)
/* A literal as the initializer of a gp_string or gp_bytes, also of a static one. */
#define GP_STR_INIT(literal) { (const uint8_t *)("" literal), sizeof(literal) - 1 }
/* For printf: printf("%.*s\n", GP_ARG(text)). */
#define GP_ARG(text) gp_int_len(text), gp_chars(text)

/* `len` bytes at `text`. [borrowed] text: as long as the result is used. */
static inline gp_string gp_str_n(const char *text, size_t len)
{
    gp_string string;
    string.ptr = len ? (const uint8_t *)text : 0;
    string.len = len;
    return string;
}

/* `len` octets at `data`. [borrowed] data: as long as the result is used. */
static inline gp_bytes gp_bytes_n(const void *data, size_t len)
{
    gp_bytes bytes;
    bytes.ptr = len ? (const uint8_t *)data : 0;
    bytes.len = len;
    return bytes;
}

/* A C string; NULL is empty. [borrowed] text: as long as the result is used. */
static inline gp_string gp_str(const char *text)
{
    return gp_str_n(text, text ? strlen(text) : 0);
}

/* The characters of `string`: not terminated, never NULL. */
static inline const char *gp_chars(gp_string string)
{
    return string.len ? (const char *)string.ptr : "";
}

/* The length as printf wants it. */
static inline int gp_int_len(gp_string string)
{
    return string.len < INT32_MAX ? (int)string.len : INT32_MAX;
}

/* Whether two strings are the same bytes. */
static inline int gp_str_eq(gp_string a, gp_string b)
{
    return a.len == b.len && memcmp(gp_chars(a), gp_chars(b), a.len) == 0;
}

/* ---- Waiting ---- */

/* For people who want to block on an async call:
 *
 *     gp_waiter waiter = GP_WAITER_INIT;
 *     int32_t status = gp_wait(&waiter, my_timer_timer_echo(timer, &request, &out, &call, gp_wake, &waiter));
 *
 * One call at a time; usable again when gp_wait has returned. */
typedef struct gp_waiter {
    pthread_mutex_t lock;
    pthread_cond_t woken;
    int done;
    int32_t status;
} gp_waiter;

#define GP_WAITER_INIT { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0 }

/* Pass it as `done`, and the gp_waiter as `user_data`. */
static inline void gp_wake(void *user_data, gp_call *call, int32_t status)
{
    gp_waiter *waiter = (gp_waiter *)user_data;
    (void)call;
    pthread_mutex_lock(&waiter->lock);
    waiter->status = status;
    waiter->done = 1;
    pthread_cond_signal(&waiter->woken); /* under the lock: afterwards the waiter may be gone */
    pthread_mutex_unlock(&waiter->lock);
}

/* How the call ended: `status` itself unless it is GP_PENDING; then blocks until gp_wake has run. */
static inline int32_t gp_wait(gp_waiter *waiter, int32_t status)
{
    if (status != GP_PENDING) {
        return status;
    }
    pthread_mutex_lock(&waiter->lock);
    while (!waiter->done) {
        pthread_cond_wait(&waiter->woken, &waiter->lock);
    }
    waiter->done = 0;
    status = waiter->status;
    pthread_mutex_unlock(&waiter->lock);
    return status;
}

/* ---- Does the header fit the library? What <lib>_check_header is made of ---- */

/* An item that a header was generated from. */
typedef struct gp_item {
    const char *path;
    uint64_t hash;
} gp_item;

/* What gp_check looks at, and what it has found. */
typedef struct gp_checking {
    const gp_item *items;
    uint8_t *seen; /* one for each item, 0 */
    size_t items_len;
    const gp_entry *const *entries;
    size_t entries_len;
    void (*explain)(const uint8_t *item, size_t len, gp_call *call);
    const char *missing;
    gp_call found; /* the library's item with the path `missing`, as text */
} gp_checking;

/* Eight bytes as a number, the lowest first. */
static inline uint64_t gp_item_number(const uint8_t *bytes)
{
    uint64_t number = 0;
    size_t at;
    for (at = 8; at > 0; at--) {
        number = number << 8 | bytes[at - 1];
    }
    return number;
}

/* The hash in an item's header: 8 bytes from the ninth on. */
static inline uint64_t gp_item_hash(const uint8_t *item, size_t len)
{
    return len < 16 ? 0 : gp_item_number(item + 8);
}

/* The hash of how a function passes its parameters and results: the field with tag 0x8b of its item; else 0. Fields
 * follow the item's header of 20 bytes: tag, length in 4 bytes, payload. */
static inline uint64_t gp_item_abi_hash(const uint8_t *item, size_t len)
{
    size_t at = 20;
    while (at < len && len - at >= 5) {
        uint64_t size = item[at + 1] | (uint64_t)item[at + 2] << 8 | (uint64_t)item[at + 3] << 16
            | (uint64_t)item[at + 4] << 24;
        if (size > len - at - 5) {
            return 0;
        }
        if (item[at] == 0x8b && size == 8) {
            return gp_item_number(item + at + 5);
        }
        at += 5 + (size_t)size;
    }
    return 0;
}

/* A gp_sink: ticks off the items that are as the header has them. */
static inline void gp_check_tick(void *user_data, const uint8_t *item, size_t len)
{
    gp_checking *checking = (gp_checking *)user_data;
    uint64_t hash = gp_item_hash(item, len);
    size_t at;
    for (at = 0; at < checking->items_len; at++) {
        checking->seen[at] |= checking->items[at].hash == hash;
    }
}

/* A gp_sink: keeps the text of the item that has the path in question, which stands before the first bracket. */
static inline void gp_check_find(void *user_data, const uint8_t *item, size_t len)
{
    gp_checking *checking = (gp_checking *)user_data;
    size_t path_len = strlen(checking->missing);
    size_t at;
    if (checking->found.message.len) {
        return;
    }
    checking->explain(item, len, &checking->found);
    const char *text = gp_chars(checking->found.message);
    size_t text_len = checking->found.message.len;
    for (at = 0; at + path_len <= text_len && text[at] != '{' && text[at] != '('; at++) {
        int ends = at + path_len == text_len || strchr(" {(:=", text[at + path_len]);
        if (ends && memcmp(text + at, checking->missing, path_len) == 0 && (at == 0 || text[at - 1] == ' ')) {
            return;
        }
    }
    gp_call_reset(&checking->found);
}

/* A gp_call.free_owned for memory of the host. */
static inline void gp_check_free(gp_call *call)
{
    free(call->owned);
    call->owned = NULL;
}

/* Fails `call` with a text that ends with the item that was found. */
static inline int32_t gp_check_fail(gp_checking *checking, const char *what, const char *problem, gp_call *call)
{
    gp_string found = checking->found.message.len ? checking->found.message : GP_STR("nothing of this name");
    size_t size = strlen(what) + strlen(problem) + found.len + 24;
    char *text = (char *)malloc(size);
    if (text) {
        snprintf(text, size, "%s %s; the library has: %.*s", what, problem, GP_ARG(found));
    }
    gp_call_reset(&checking->found);
    gp_call_reset(call);
    call->owned = text;
    call->free_owned = gp_check_free;
    call->message = gp_str(text);
    call->status = GP_ABI_MISMATCH;
    return GP_ABI_MISMATCH;
}

/* Fails `call` with a text about the item that is missing. */
static inline int32_t gp_check_missing(gp_checking *checking, const char *path, gp_call *call)
{
    size_t at;
    checking->missing = path;
    for (at = 0; at < checking->entries_len; at++) {
        checking->entries[at]->describe(gp_check_find, checking);
    }
    return gp_check_fail(checking, path, "is not what the header was generated from", call);
}

/* Compares the items of a header with those that the library reports for the functions of the header. */
static inline int32_t gp_check(gp_checking *checking, uint32_t abi, gp_call *call)
{
    size_t at;
    if (abi != GANGPLANK_ABI) {
        gp_call_reset(call);
        call->message = GP_STR("the library has another ABI version than gangplank.h");
        call->status = GP_ABI_MISMATCH;
        return GP_ABI_MISMATCH;
    }
    for (at = 0; at < checking->entries_len; at++) {
        checking->entries[at]->describe(gp_check_tick, checking);
    }
    for (at = 0; at < checking->items_len; at++) {
        if (!checking->seen[at]) {
            return gp_check_missing(checking, checking->items[at].path, call);
        }
    }
    return GP_OK;
}

/* Compares how the functions of a header pass their parameters and results with how the library does; `abi_hashes` are
 * the header's, one for each entry. */
static inline int32_t gp_check_signatures(gp_checking *checking, const uint64_t *abi_hashes, gp_call *call)
{
    size_t at;
    for (at = 0; at < checking->entries_len; at++) {
        const gp_entry *entry = checking->entries[at];
        if (gp_item_abi_hash(entry->item, entry->item_len) != abi_hashes[at]) {
            checking->explain(entry->item, entry->item_len, &checking->found);
            return gp_check_fail(checking, "a function", "passes its parameters or results in another way", call);
        }
    }
    return GP_OK;
}

#endif /* GANGPLANK_GO */

#ifdef __cplusplus
}
#endif

#endif /* GANGPLANK_H */
