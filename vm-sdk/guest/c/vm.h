/* The library of guest programs in C: input, public values, printing, hashes and integers of 256 bits.
 *
 * A program defines `int main(void)`. The low eight bits of its result are the exit code. Only runs with exit code 0 can be
 * proven.
 *
 * Host calls and the instructions of extensions have the opcode custom-0 (0x0b). They read the register in the field `rd`
 * and do not write it, so it is an input operand here. */
#ifndef VM_H
#define VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- The end of a run ---- */

/* Ends the run. The low eight bits of `code` are the exit code. This is the system call `exit` of Linux. */
static inline __attribute__((noreturn)) void vm_exit(int code) {
    register int number __asm__("a7") = 93;
    register int argument __asm__("a0") = code;
    __asm__ volatile("ecall" : : "r"(number), "r"(argument) : "memory");
    __builtin_unreachable();
}

/* Ends the run in one instruction. The exit code is a part of the instruction, so it must be a compile-time constant. */
#define vm_terminate(code)                                                        \
    do {                                                                          \
        __asm__ volatile(".insn i 0x0b, 0, x0, x0, %0" : : "i"(code) : "memory"); \
        __builtin_unreachable();                                                  \
    } while (0)

/* Prints a message and a newline, and ends the run with exit code 1. */
__attribute__((noreturn)) void vm_fail(const char *message);

/* ---- Printing on the host ---- */

/* Prints a string that ends with a zero byte. */
void vm_print(const char *text);

/* Prints bytes, usually UTF-8. */
static inline void vm_print_bytes(const void *bytes, size_t length) {
    __asm__ volatile(".insn i 0x0b, 3, %0, %1, 1" : : "r"(bytes), "r"(length) : "memory");
}

/* ---- Spans ----
 *
 * A span is a named part of a run, which `cargo chipwright profile` shows between the functions. It has no other effect. */

/* Begins a span. The name ends with a zero byte. */
static inline __attribute__((always_inline)) void vm_span_begin(const char *name) {
    __asm__ volatile(".insn i 0x0b, 3, %0, %1, 0x40" : : "r"(name), "r"(__builtin_strlen(name)) : "memory");
}

/* Ends the span that began last. */
static inline __attribute__((always_inline)) void vm_span_end(void) {
    __asm__ volatile(".insn i 0x0b, 3, x0, x0, 0x41" : : : "memory");
}

/* ---- Input ----
 *
 * Each of these functions reads one input vector. If there is none, the run ends with an error of the host. */

/* Reads an input vector into a buffer of `capacity` bytes, and returns the length of the vector in bytes. Calls vm_fail if
 * the vector is longer than the buffer. */
size_t vm_read(void *buffer, size_t capacity);

/* Reads an input vector of four bytes, which are a number in little-endian order. Calls vm_fail if it has another length. */
uint32_t vm_read_u32(void);

/* Reads an input vector of any length. Stores its length in bytes at `length` and returns its address, a multiple of 4. The
 * vector is in the upper half of memory, after the heap, and stays there. */
void *vm_read_all(size_t *length);

/* ---- Public values ----
 *
 * A run has a fixed number of public values, 32 bytes by default. If a program sets more, the run ends with an error of the
 * host. Bytes that a program does not set are zero. vm_commit begins at the first byte, whatever vm_reveal has set, so a
 * program uses one of them. */

/* Appends bytes to the public values. */
void vm_commit(const void *bytes, size_t length);

/* Sets a word of the public values. `offset` is in bytes and a multiple of 4. */
static inline void vm_reveal(uint32_t offset, uint32_t word) {
    __asm__ volatile(".insn i 0x0b, 2, %0, %1, 0" : : "r"(offset), "r"(word) : "memory");
}

/* ---- Hashes ----
 *
 * A hash is one instruction. The instruction needs a message at a multiple of 4. A message at another address is first
 * copied to the stack. */

/* Computes Keccak-256, the hash function of Ethereum. It differs from SHA3-256. */
void vm_keccak256(uint8_t digest[32], const void *message, size_t length);

/* Computes SHA-256 (FIPS 180-4). */
void vm_sha256(uint8_t digest[32], const void *message, size_t length);

/* ---- Integers of 256 bits ----
 *
 * Each operation is one instruction. The result may be one of the operands. */

/* An integer: words of 32 bits, lowest first. In memory, these are its 32 bytes in little-endian order. */
typedef struct {
    uint32_t words[8];
} vm_u256;

/* Executes the instruction with this funct7. The operands of kind "m" are the memory that it accesses. */
#define VM_U256_INSTRUCTION(funct7, result, x, y)      \
    __asm__(".insn r 0x0b, 5, %1, %2, %3, %4"          \
            : "=m"(*(result))                          \
            : "i"(funct7), "r"(result), "r"(x), "r"(y), "m"(*(x)), "m"(*(y)))

static inline vm_u256 vm_u256_from_u64(uint64_t value) {
    return (vm_u256){{(uint32_t)value, (uint32_t)(value >> 32)}};
}

/* x + y modulo 2^256. */
static inline void vm_u256_add(vm_u256 *result, const vm_u256 *x, const vm_u256 *y) {
    VM_U256_INSTRUCTION(0x00, result, x, y);
}

/* x - y modulo 2^256. */
static inline void vm_u256_sub(vm_u256 *result, const vm_u256 *x, const vm_u256 *y) {
    VM_U256_INSTRUCTION(0x01, result, x, y);
}

/* x * y modulo 2^256. */
static inline void vm_u256_mul(vm_u256 *result, const vm_u256 *x, const vm_u256 *y) {
    VM_U256_INSTRUCTION(0x10, result, x, y);
}

static inline void vm_u256_xor(vm_u256 *result, const vm_u256 *x, const vm_u256 *y) {
    VM_U256_INSTRUCTION(0x02, result, x, y);
}

static inline void vm_u256_or(vm_u256 *result, const vm_u256 *x, const vm_u256 *y) {
    VM_U256_INSTRUCTION(0x03, result, x, y);
}

static inline void vm_u256_and(vm_u256 *result, const vm_u256 *x, const vm_u256 *y) {
    VM_U256_INSTRUCTION(0x04, result, x, y);
}

/* Shifts read the low eight bits of the amount. */

static inline void vm_u256_shl(vm_u256 *result, const vm_u256 *x, uint32_t amount) {
    vm_u256 y = {{amount}};
    VM_U256_INSTRUCTION(0x05, result, x, &y);
}

static inline void vm_u256_shr(vm_u256 *result, const vm_u256 *x, uint32_t amount) {
    vm_u256 y = {{amount}};
    VM_U256_INSTRUCTION(0x06, result, x, &y);
}

/* Shifts right and repeats the highest bit. */
static inline void vm_u256_sar(vm_u256 *result, const vm_u256 *x, uint32_t amount) {
    vm_u256 y = {{amount}};
    VM_U256_INSTRUCTION(0x07, result, x, &y);
}

/* x < y. */
static inline bool vm_u256_lt(const vm_u256 *x, const vm_u256 *y) {
    vm_u256 result;
    VM_U256_INSTRUCTION(0x09, &result, x, y);
    return result.words[0] != 0;
}

/* x < y, both in two's complement. */
static inline bool vm_u256_signed_lt(const vm_u256 *x, const vm_u256 *y) {
    vm_u256 result;
    VM_U256_INSTRUCTION(0x08, &result, x, y);
    return result.words[0] != 0;
}

/* x == y: a branch. */
static inline bool vm_u256_eq(const vm_u256 *x, const vm_u256 *y) {
    uint32_t equal;
    __asm__("li %0, 1\n"
            ".insn b 0x0b, 6, %1, %2, 1f\n"
            "li %0, 0\n"
            "1:"
            : "=&r"(equal)
            : "r"(x), "r"(y), "m"(*x), "m"(*y));
    return equal != 0;
}

#undef VM_U256_INSTRUCTION

/* ---- The hint stream ----
 *
 * The functions that read input use it. Instructions of a machine's own extension may fill it, too. */

/* Takes the next input vector. The hint stream becomes its length in bytes (one word) and its bytes, which are padded to
 * whole words. */
static inline void vm_hint_input(void) {
    __asm__ volatile(".insn i 0x0b, 3, x0, x0, 0" : : : "memory");
}

/* Returns the next word of the hint stream. */
static inline uint32_t vm_hint_word(void) {
    uint32_t word;
    __asm__ volatile(".insn i 0x0b, 1, %0, x0, 0" : : "r"(&word) : "memory");
    return word;
}

/* Writes the next `words` words of the hint stream, at least one, to an address that is a multiple of 4. */
static inline void vm_hint_buffer(void *to, uint32_t words) {
    __asm__ volatile(".insn i 0x0b, 1, %0, %1, 1" : : "r"(to), "r"(words) : "memory");
}

/* ---- Functions of <string.h>, which the compiler does not bring ---- */

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *x, const void *y, size_t size);
size_t strlen(const char *text);

#endif
