/* Input: one vector, at most 64 KiB. Reveals its keccak256 digest, computed with the instruction. Before that, hashes
 * the first 150 bytes with the instruction and in software. Ends with exit code 2 if the digests differ. */
#include "vm.h"

enum { CAPACITY = 1 << 16, COMPARED = 150, RATE = 136 };

static uint32_t input[CAPACITY / 4 + 1];

/* `rd` is read, as in host calls: it names the register with the address of the digest. */
static inline void keccak256(uint32_t digest[8], const void *message, uint32_t length) {
    __asm__ volatile(".insn r 0x0b, 4, 0, %0, %1, %2" : : "r"(digest), "r"(message), "r"(length) : "memory");
}

static inline uint64_t rotate(uint64_t x, unsigned n) { return n == 0 ? x : x << n | x >> (64 - n); }

/* Keccak-f[1600] of FIPS 202. Computes the constants of rho and iota instead of using tables. */
static void permute(uint64_t a[25]) {
    uint8_t lfsr = 1;
    for (int round = 0; round < 24; round++) {
        uint64_t c[5], b[25];
        for (int x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        for (int i = 0; i < 25; i++) a[i] ^= c[(i + 4) % 5] ^ rotate(c[(i + 1) % 5], 1);
        b[0] = a[0];
        for (int t = 0, x = 1, y = 0; t < 24; t++) {
            int to = 2 * x + 3 * y;
            b[y + 5 * (to % 5)] = rotate(a[x + 5 * y], (t + 1) * (t + 2) / 2 % 64);
            x = y;
            y = to % 5;
        }
        for (int y = 0; y < 25; y += 5) {
            for (int x = 0; x < 5; x++) a[x + y] = b[x + y] ^ (~b[(x + 1) % 5 + y] & b[(x + 2) % 5 + y]);
        }
        for (int j = 0; j < 7; j++) {
            if (lfsr & 1) a[0] ^= (uint64_t)1 << ((1 << j) - 1);
            lfsr = (uint8_t)(lfsr << 1 ^ (lfsr >> 7) * 0x71);
        }
    }
}

static void software(uint32_t digest[8], const uint8_t *message, uint32_t length) {
    uint64_t state[25] = {0};
    uint32_t at = 0;
    for (uint32_t i = 0; i < length; i++) {
        state[at / 8] ^= (uint64_t)message[i] << (8 * (at % 8));
        if (++at == RATE) {
            permute(state);
            at = 0;
        }
    }
    state[at / 8] ^= (uint64_t)1 << (8 * (at % 8));
    state[RATE / 8 - 1] ^= (uint64_t)1 << 63;
    permute(state);
    for (int i = 0; i < 8; i++) digest[i] = (uint32_t)(state[i / 2] >> (32 * (i % 2)));
}

int main(void) {
    uint32_t length = vm_read(input, CAPACITY), compared = length < COMPARED ? length : COMPARED;
    uint32_t digest[8], expected[8];
    software(expected, (const uint8_t *)input, compared);
    keccak256(digest, input, compared);
    for (int i = 0; i < 8; i++) {
        if (digest[i] != expected[i]) vm_terminate(2);
    }
    keccak256(digest, input, length);
    for (int i = 0; i < 8; i++) vm_reveal(4 * i, digest[i]);
    return 0;
}
