/* Reads n and commits the n-th Fibonacci number modulo 2^256. */
#include "vm.h"

int main(void) {
    uint32_t n = vm_read_u32();
    if (n > 1000000) vm_fail("n is too large");

    /* After i steps, the numbers i and i + 1, of which number i is at i % 2. */
    vm_u256 numbers[2] = {vm_u256_from_u64(0), vm_u256_from_u64(1)};
    for (uint32_t i = 0; i < n; i++) vm_u256_add(&numbers[i % 2], &numbers[0], &numbers[1]);

    vm_commit(&numbers[n % 2], sizeof numbers[0]);
    return 0;
}
