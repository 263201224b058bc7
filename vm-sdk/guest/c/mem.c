/* The functions of <string.h> in vm.h. Compilers call the first four also in programs that do not name them. Without the
 * barriers, a compiler could turn the loop of such a function into a call of the same function. */
#include "vm.h"

#define BARRIER() __asm__ volatile("" : : : "memory")

/* A word of any objects. */
typedef uint32_t __attribute__((may_alias)) word;

static bool is_aligned(const void *pointer) { return (uintptr_t)pointer % 4 == 0; }

/* Returns whether both addresses become multiples of 4 after the same number of bytes. */
static bool have_same_alignment(const void *x, const void *y) { return is_aligned((void *)((uintptr_t)x ^ (uintptr_t)y)); }

/* Copies from low to high addresses. */
static inline void *copy(void *to, const void *from, size_t size) {
    uint8_t *d = to;
    const uint8_t *s = from;
    if (have_same_alignment(d, s)) {
        for (; !is_aligned(d) && size != 0; size--) {
            *d++ = *s++;
            BARRIER();
        }
        for (; size >= 4; size -= 4, d += 4, s += 4) {
            *(word *)d = *(const word *)s;
            BARRIER();
        }
    }
    for (; size != 0; size--) {
        *d++ = *s++;
        BARRIER();
    }
    return to;
}

/* Copies from high to low addresses. */
static inline void *copy_backwards(void *to, const void *from, size_t size) {
    uint8_t *d = (uint8_t *)to + size;
    const uint8_t *s = (const uint8_t *)from + size;
    if (have_same_alignment(d, s)) {
        for (; !is_aligned(d) && size != 0; size--) {
            *--d = *--s;
            BARRIER();
        }
        for (; size >= 4; size -= 4) {
            d -= 4, s -= 4;
            *(word *)d = *(const word *)s;
            BARRIER();
        }
    }
    for (; size != 0; size--) {
        *--d = *--s;
        BARRIER();
    }
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) { return copy(to, from, size); }

void *memmove(void *to, const void *from, size_t size) {
    /* The distance is modulo 2^32: if `to` is below `from`, it is large. */
    return (uintptr_t)to - (uintptr_t)from >= size ? copy(to, from, size) : copy_backwards(to, from, size);
}

void *memset(void *to, int value, size_t size) {
    uint8_t *d = to;
    word filled = (uint8_t)value * 0x01010101u;
    for (; !is_aligned(d) && size != 0; size--) {
        *d++ = (uint8_t)value;
        BARRIER();
    }
    for (; size >= 4; size -= 4, d += 4) {
        *(word *)d = filled;
        BARRIER();
    }
    for (; size != 0; size--) {
        *d++ = (uint8_t)value;
        BARRIER();
    }
    return to;
}

int memcmp(const void *x, const void *y, size_t size) {
    const uint8_t *a = x, *b = y;
    if (have_same_alignment(a, b)) {
        for (; !is_aligned(a) && size != 0 && *a == *b; size--) a++, b++;
        /* Stops at the first words that differ, whose bytes are compared below. */
        for (; is_aligned(a) && size >= 4 && *(const word *)a == *(const word *)b; size -= 4) a += 4, b += 4;
    }
    for (; size != 0; size--, a++, b++) {
        if (*a != *b) return *a - *b;
    }
    return 0;
}

size_t strlen(const char *text) {
    size_t length = 0;
    while (text[length] != 0) {
        length++;
        BARRIER();
    }
    return length;
}
