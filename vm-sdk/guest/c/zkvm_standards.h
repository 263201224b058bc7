/* Functions of the proposals at https://github.com/eth-act/zkvm-standards, for programs that other zkVMs run as well: input
 * and output (io-interface), and the hashes of c-interface-accelerators. */
#ifndef ZKVM_STANDARDS_H
#define ZKVM_STANDARDS_H

#include <stddef.h>
#include <stdint.h>

/* Stores address and length of the input. The first call reads an input vector. Later calls return the same. */
void read_input(const uint8_t **buf_ptr, size_t *buf_size);

/* Appends bytes to the public values (vm_commit). */
void write_output(const uint8_t *output, size_t size);

void zkvm_keccak256(const uint8_t *data, size_t len, uint8_t output[32]);
void zkvm_sha256(const uint8_t *data, size_t len, uint8_t output[32]);

#endif
