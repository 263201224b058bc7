/* The functions of zkvm_standards.h. They are weak, because their names have no prefix: a program may have functions of its
 * own with these names. */
#include "zkvm_standards.h"

#include "vm.h"

#define WEAK __attribute__((weak))

WEAK void read_input(const uint8_t **buf_ptr, size_t *buf_size) {
    static const uint8_t *input;
    static size_t length;
    if (input == NULL) input = vm_read_all(&length);
    *buf_ptr = input;
    *buf_size = length;
}

WEAK void write_output(const uint8_t *output, size_t size) { vm_commit(output, size); }

WEAK void zkvm_keccak256(const uint8_t *data, size_t len, uint8_t output[32]) { vm_keccak256(output, data, len); }

WEAK void zkvm_sha256(const uint8_t *data, size_t len, uint8_t output[32]) { vm_sha256(output, data, len); }
