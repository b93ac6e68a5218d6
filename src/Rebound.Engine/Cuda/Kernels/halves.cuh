// Pairs of bf16 in a word, and fp16, in registers. After mma.cuh.

// a * b + c of both halves, rounded once.
__device__ __forceinline__ word multiply_add_pairs(word a, word b, word c)
{
    word r;
    asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(r) : "r"(a), "r"(b), "r"(c));
    return r;
}

__device__ __forceinline__ float lower_half(word pair)
{
    return __uint_as_float(pair << 16);
}

__device__ __forceinline__ float upper_half(word pair)
{
    return __uint_as_float(pair & 0xffff0000u);
}

// The lower 16 bits as fp16.
__device__ __forceinline__ float float_of_half(word bits)
{
    float r;
    asm("cvt.f32.f16 %0, %1;" : "=f"(r) : "h"((unsigned short)bits));
    return r;
}

// The bits that a mask has, and those that are set: one instruction, where the operators would be two.
__device__ __forceinline__ word masked(word bits, word mask, word set)
{
    word r;
    asm("lop3.b32 %0, %1, %2, %3, 0xea;" : "=r"(r) : "r"(bits), "r"(mask), "r"(set));
    return r;
}

// Byte `i` as a number from 0 to 255: it becomes the low bits of 2^23. No block has threads along z, which the compiler does not know: it
// keeps the constant in a register, and would otherwise load another operand into one each time.
__device__ __forceinline__ float float_of_byte(word bytes, int i)
{
    return __uint_as_float(__byte_perm(bytes, 0x4b000000u + threadIdx.z, 0x7440 | i)) - 8388608.0f;
}

// d = a * b + c
__device__ __forceinline__ void product(float (&d)[4], const word (&a)[4], word b0, word b1, const float (&c)[4])
{
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%10, %11, %12, %13};"
        : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1), "f"(c[0]), "f"(c[1]), "f"(c[2]), "f"(c[3]));
}

// d = a * b
__device__ __forceinline__ void product(float (&d)[4], const word (&a)[4], word b0, word b1)
{
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%10, %10, %10, %10};"
        : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1), "f"(0.0f));
}
