/* The functions of vm.h that are not inline. The prover chooses the host's answers, so the lengths of input vectors are
 * checked before memory is written. */
#include "vm.h"

/* The memory after the heap is for vm_read_all (link.ld). */
extern uint8_t _heap_end[];
#define MEMORY_END 0x20000000u

static bool is_aligned(const void *pointer) { return (uintptr_t)pointer % 4 == 0; }

void vm_print(const char *text) { vm_print_bytes(text, strlen(text)); }

void vm_fail(const char *message) {
    vm_print(message);
    vm_print("\n");
    vm_exit(1);
}

size_t vm_read(void *buffer, size_t capacity) {
    vm_hint_input();
    size_t length = vm_hint_word();
    if (length > capacity) vm_fail("vm_read: the input vector is longer than the buffer");
    uint8_t *next = buffer;
    size_t rest = length;
    if (is_aligned(buffer) && length >= 4) {
        vm_hint_buffer(buffer, length / 4);
        next += length / 4 * 4;
        rest %= 4;
    }
    /* Bytes of words that do not fit completely. The padding must not be written beyond the buffer. */
    while (rest != 0) {
        uint32_t word = vm_hint_word();
        size_t size = rest < 4 ? rest : 4;
        memcpy(next, &word, size);
        next += size;
        rest -= size;
    }
    return length;
}

uint32_t vm_read_u32(void) {
    vm_hint_input();
    if (vm_hint_word() != 4) vm_fail("vm_read_u32: the input vector does not have four bytes");
    return vm_hint_word();
}

void *vm_read_all(size_t *length) {
    static uint8_t *next = _heap_end;
    vm_hint_input();
    *length = vm_hint_word();
    if (*length > MEMORY_END - (uintptr_t)next) vm_fail("vm_read_all: the input vector is longer than free memory");
    void *vector = next;
    uint32_t words = (*length + 3) / 4;
    if (words != 0) vm_hint_buffer(vector, words);
    next += 4 * words;
    return vector;
}

void vm_commit(const void *bytes, size_t length) {
    /* Number of bytes so far, and the word that contains the next byte, with the bytes before it. */
    static uint32_t committed, word;
    const uint8_t *next = bytes;
    while (length != 0) {
        uint32_t at = committed % 4, size = 4 - at;
        if (size > length) size = length;
        if (at == 0) word = 0;
        memcpy((uint8_t *)&word + at, next, size);
        vm_reveal(committed - at, word);
        committed += size;
        next += size;
        length -= size;
    }
}

/* The instructions. They write eight words at `digest`. */
static inline void keccak256(uint32_t digest[8], const void *message, size_t length) {
    __asm__ volatile(".insn r 0x0b, 4, 0, %0, %1, %2" : : "r"(digest), "r"(message), "r"(length) : "memory");
}

static inline void sha256(uint32_t digest[8], const void *message, size_t length) {
    __asm__ volatile(".insn r 0x0b, 4, 1, %0, %1, %2" : : "r"(digest), "r"(message), "r"(length) : "memory");
}

/* Defines a function whose digest and message may be at any address. */
#define HASH(name, instruction)                                              \
    void name(uint8_t digest[32], const void *message, size_t length) {      \
        uint32_t words[8];                                                   \
        if (is_aligned(message)) {                                           \
            instruction(words, message, length);                             \
        } else {                                                             \
            uint32_t copy[length / 4 + 1];                                   \
            memcpy(copy, message, length);                                   \
            instruction(words, copy, length);                                \
        }                                                                    \
        memcpy(digest, words, sizeof words);                                 \
    }

HASH(vm_keccak256, keccak256)
HASH(vm_sha256, sha256)
