/* tests/fuzz/fuzz_batch.c - bytes that a worker may send as a batch: no fault, and what is taken
 * for one is packed to the same bytes again. */
#include "detect/batch_pack.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT = 64 }; /* bytes that the worker wrote beside */

#define CHECK(x)                                                                                   \
    do {                                                                                           \
        if (!(x)) {                                                                                \
            fprintf(stderr, "fuzz_batch: %s\n", #x);                                               \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tcs_origin origin = {.path = TCS_STR("a.zip!b.evtx"), .index = 7};
    struct tcs_batch b = {.origin = &origin};
    struct tcs_buf again = {0};
    uint8_t *own = malloc(size ? size : 1);
    CHECK(own && tcs_detect_batch_open(&b));
    CHECK(tcs_base_buf_room(&b.out, OUT));
    b.out.n = OUT;
    if (size)
        memcpy(own, data, size);
    if (tcs_detect_batch_unpack(&b, own, size) == 0) {
        tcs_detect_batch_pack(&b, &again);
        CHECK(!again.failed && again.n == size && memcmp(again.p, own, size) == 0);
    }
    tcs_base_buf_done(&again);
    tcs_detect_batch_close(&b);
    free(own);
    return 0;
}
