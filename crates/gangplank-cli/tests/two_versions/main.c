/* Two versions of one library: opened at run time, called in turn from several threads. */
#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

void open_1(const char *path);
void open_2(const char *path);
uint64_t make_1(void);
uint64_t make_2(void);
void use_1(uint64_t counter, uint64_t stranger);
void use_2(uint64_t counter, uint64_t stranger);
int64_t end_1(uint64_t counter);
int64_t end_2(uint64_t counter);

enum { THREADS = 8, ROUNDS = 50 };

static uint64_t one, two;

static void *use_both(void *argument)
{
    for (int round = 0; round < ROUNDS; round++) {
        use_1(one, two);
        use_2(two, one);
    }
    return argument;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    if (argc != 3) {
        return 2;
    }
    open_1(argv[1]);
    open_2(argv[2]);
    one = make_1();
    two = make_2();
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, use_both, NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    int64_t first = end_1(one); /* the other goes on without it */
    use_2(two, one);
    int64_t second = end_2(two);
    if (first != THREADS * ROUNDS || second != 2 * (THREADS * ROUNDS + 1)) {
        printf("%" PRId64 ", %" PRId64 "\n", first, second);
        return 1;
    }
    puts("fine");
    return 0;
}
