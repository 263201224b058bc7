#!/bin/sh
# Rebuilds the guest of the end-to-end test. Needs riscv64-unknown-elf-gcc (Debian: gcc-riscv64-unknown-elf).
set -eu
cd "$(dirname "$0")"
library=../../../../guest/c
riscv64-unknown-elf-gcc -march=rv32im -mabi=ilp32 -O2 -std=gnu11 -Wall -Wextra -Werror \
    -ffreestanding -fno-strict-aliasing -ffunction-sections -fdata-sections \
    -nostdlib -nostartfiles -static -s -Wl,--gc-sections -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
    -I "$library" -T "$library/link.ld" -o keccak256_guest.elf \
    "$library/start.S" keccak256_guest.c "$library/vm.c" "$library/mem.c" -lgcc
