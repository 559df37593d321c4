/* The exports of bench/hand: the crate's library is written by hand, and so is this. */
#ifndef HAND_H
#define HAND_H

#include <stddef.h>
#include <stdint.h>

/* Addresses of the library's memory are integers: Go's collector must not take them for its own. */
typedef struct hand_text { uintptr_t ptr; size_t len; } hand_text;

typedef struct hand_job {
	hand_text name, queue;
	int64_t priority;
	uint8_t has_retries;
	int64_t retries;
	uintptr_t tags;
	size_t tags_len;
} hand_job;

typedef struct hand_checked { int64_t value; int32_t refused; } hand_checked;
typedef struct hand_divided { float quotient; int32_t status; } hand_divided;
typedef struct hand_started { int64_t value; int32_t pending; } hand_started;
typedef struct hand_record { uint32_t kind; uint64_t key; int64_t value; hand_text text; } hand_record;

enum { HAND_COMPLETION = 1, HAND_REQUEST, HAND_EVENT, HAND_CANCELLED, HAND_GIVEN_UP, HAND_REQUEST_OR_GIVE_UP };

int64_t hand_add(int64_t left, int64_t right);
void *hand_counter_new(int64_t first);
int64_t hand_counter_replace(void *counter, int64_t value);
int64_t hand_handle_replace(uint64_t handle, int64_t value);
hand_checked hand_check(int64_t value);
int64_t hand_text_len(const char *ptr, size_t len);
int64_t hand_echo(const char *ptr, size_t len, char *to, size_t room);
uint64_t hand_count_bytes(const uint8_t *ptr, size_t len);
uint64_t hand_count_numbers(const double *ptr, size_t len);
int64_t hand_count_texts(const hand_text *ptr, size_t len);
int64_t hand_take_job(const hand_job *job);
int64_t hand_echo_job(const hand_job *job, hand_job *out, char *scratch, size_t room);

hand_started hand_ready(int64_t value, uint64_t key);
hand_started hand_wakes_once(int64_t value, uint64_t key);
hand_started hand_hop(int64_t value, uint64_t key);
uint64_t hand_hop_cancellable(int64_t value, uint64_t key);
void hand_cancel(uint64_t id);
void hand_ask_or_give_up(uint32_t count, uint32_t outstanding, uint64_t key);
void hand_refuse(uint64_t id);
void hand_ask(uint32_t count, uint32_t outstanding, uint64_t key);
void hand_answer(uint64_t id, int64_t value);
void hand_speak(int64_t last);

int32_t hand_queue_fd(void);
size_t hand_drain(hand_record *to, size_t room);

/* What every ratio is a ratio to: a call of C that does nothing. */
static inline void hand_empty(void) {}

#endif
