/* Uses every function of the C library. The input vectors are: bytes of any length; two integers of 256 bits, x and y; the
 * amount of shifts; five bytes. Prints results as bytes, which the test computes as well. Commits the Keccak-256 digest of
 * the first vector. */
#include "vm.h"
#include "zkvm_standards.h"

static void put(const void *bytes, size_t length) { vm_print_bytes(bytes, length); }
static void put_u256(const vm_u256 *number) { put(number->words, sizeof number->words); }
static void put_bool(bool value) { put(&value, 1); }

/* Compares the functions on memory with loops over bytes, for addresses of every alignment. */
static bool memory_functions_work(void) {
    uint8_t from[24], to[24], expected[24];
    for (size_t source = 0; source < 4; source++) {
        for (size_t target = 0; target < 4; target++) {
            for (size_t size = 0; size <= 13; size++) {
                for (size_t i = 0; i < 24; i++) from[i] = (uint8_t)(i + 1), to[i] = expected[i] = 0xee;
                for (size_t i = 0; i < size; i++) expected[target + i] = from[source + i];
                if (memcpy(to + target, from + source, size) != to + target) return false;
                for (size_t i = 0; i < 24; i++) if (to[i] != expected[i]) return false;

                /* Both areas are in the same array, in either order. */
                for (size_t i = 0; i < 24; i++) to[i] = expected[i] = from[i];
                for (size_t i = 0; i < size; i++) expected[target + i] = from[source + i];
                if (memmove(to + target, to + source, size) != to + target) return false;
                for (size_t i = 0; i < 24; i++) if (to[i] != expected[i]) return false;

                for (size_t i = 0; i < size; i++) expected[target + i] = 0x5a;
                if (memset(to + target, 0x15a, size) != to + target) return false;
                for (size_t i = 0; i < 24; i++) if (to[i] != expected[i]) return false;

                /* Areas that are equal, and that differ in the last byte. */
                for (size_t i = 0; i < size; i++) to[target + i] = from[source + i];
                if (memcmp(to + target, from + source, size) != 0) return false;
                if (size == 0) continue;
                to[target + size - 1] = 0xff;
                if (memcmp(to + target, from + source, size) <= 0) return false;
                if (memcmp(from + source, to + target, size) >= 0) return false;
            }
        }
    }
    return strlen("") == 0 && strlen("seven") == 5;
}

int main(void) {
    if (!memory_functions_work()) return 2;

    const uint8_t *message, *same;
    size_t length, same_length;
    read_input(&message, &length);
    read_input(&same, &same_length);
    if (message != same || length != same_length) return 3;

    /* The vector is at an address that is no multiple of 4, and the bytes around it stay as they are. */
    uint8_t buffer[72];
    memset(buffer, 0xee, sizeof buffer);
    if (vm_read(buffer + 1, 70) != 64 || buffer[0] != 0xee || buffer[65] != 0xee) return 4;
    vm_u256 x, y, z;
    memcpy(&x, buffer + 1, 32);
    memcpy(&y, buffer + 33, 32);
    uint32_t amount = vm_read_u32();
    memset(buffer, 0xee, sizeof buffer);
    if (vm_read(buffer, 5) != 5 || buffer[5] != 0xee) return 5;
    put(buffer, 5);

    vm_u256_add(&z, &x, &y), put_u256(&z);
    vm_u256_sub(&z, &x, &y), put_u256(&z);
    vm_u256_mul(&z, &x, &y), put_u256(&z);
    vm_u256_xor(&z, &x, &y), put_u256(&z);
    vm_u256_or(&z, &x, &y), put_u256(&z);
    vm_u256_and(&z, &x, &y), put_u256(&z);
    vm_u256_shl(&z, &x, amount), put_u256(&z);
    vm_u256_shr(&z, &x, amount), put_u256(&z);
    vm_u256_sar(&z, &x, amount), put_u256(&z);
    put_bool(vm_u256_lt(&x, &y)), put_bool(vm_u256_lt(&y, &x));
    put_bool(vm_u256_signed_lt(&x, &y)), put_bool(vm_u256_signed_lt(&y, &x));
    put_bool(vm_u256_eq(&x, &y)), put_bool(vm_u256_eq(&x, &x));
    z = x;
    vm_u256_mul(&z, &z, &z), put_u256(&z);
    z = vm_u256_from_u64(0x0123456789abcdef), put_u256(&z);

    /* Messages and digests at addresses of every alignment. */
    uint8_t digest[36];
    for (size_t i = 0; i < 4 && i <= length; i++) {
        vm_keccak256(digest + i, message + i, length - i), put(digest + i, 32);
        vm_sha256(digest + i, message + i, length - i), put(digest + i, 32);
    }
    zkvm_sha256(message, length, digest), put(digest, 32);

    zkvm_keccak256(message, length, digest);
    vm_commit(digest, 1);
    vm_commit(digest + 1, 0);
    vm_commit(digest + 1, 6);
    write_output(digest + 7, 25);
    vm_print("done\n");
    return 0;
}
