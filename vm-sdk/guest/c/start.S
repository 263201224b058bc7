# The entry point of programs in C: sets the stack pointer, calls main, and ends the run with the result of main as exit
# code. Memory is zero at the start, so .bss need not be cleared.
    .section .text.entry, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    lui     sp, %hi(__stack_top)
    addi    sp, sp, %lo(__stack_top)
    call    main
    li      a7, 93                  # exit(a0)
    ecall
    .size _start, . - _start
