// Tensor core products of 16x8x16 bf16 tiles with fp32 accumulators (PTX ISA, mma.m16n8k16), and asynchronous copies into the
// shared memory that feeds them.
//
// Fragments: a thread of lane l holds of A (16x16) the rows l/4 and l/4 + 8, columns 2 * (l%4) + {0, 1, 8, 9}; of B
// (16x8) the column l/4; of C (16x8) the rows l/4 and l/4 + 8, columns 2 * (l%4) + {0, 1}.

typedef unsigned int word;

__device__ __forceinline__ word shared_address(const void *p)
{
    return (word)__cvta_generic_to_shared(p);
}

// c += a * b
__device__ __forceinline__ void mma(float (&c)[4], const word (&a)[4], word b0, word b1)
{
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// Four 8x8 matrices; lane l gives the address of row l%8 of matrix l/8.
__device__ __forceinline__ void load_matrices(word (&r)[4], word address)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(address));
}

__device__ __forceinline__ void load_matrices_transposed(word (&r)[4], word address)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(address));
}

// Two floats as a pair of bf16, the first in the lower half.
__device__ __forceinline__ word pair(float low, float high)
{
    word r;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(high), "f"(low));
    return r;
}

// Copies 16 bytes, or writes 16 zero bytes where `inside` is false; `from` must be a readable address all the same.
__device__ __forceinline__ void copy_async(word to, const void *from, bool inside)
{
    int bytes = inside ? 16 : 0;
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(bytes));
}

__device__ __forceinline__ void commit_copies()
{
    asm volatile("cp.async.commit_group;");
}

// Waits until at most `Pending` groups of copies are under way.
template <int Pending>
__device__ __forceinline__ void wait_copies()
{
    asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
}

// Sums over the four lanes that share a row of C.
__device__ __forceinline__ float row_sum(float x)
{
    x += __shfl_xor_sync(0xffffffffu, x, 1);
    return x + __shfl_xor_sync(0xffffffffu, x, 2);
}

__device__ __forceinline__ float row_max(float x)
{
    x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 1));
    return fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 2));
}

#define LN_2 0.6931471805599453f
