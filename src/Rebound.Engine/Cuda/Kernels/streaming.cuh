// For kernels that read much once: loads and copies that leave the caches to what is read again, and launches that begin before the
// kernels ahead of them have ended. After mma.cuh.

#define AHEAD (__CUDA_ARCH__ >= 900)

// Four words, loaded at once.
struct alignas(16) unit
{
    word at[4];
};

// Waits for all kernels that were launched before, before the first access to what they write; and lets the next kernel begin, as
// far as it does not read what this one writes.
__device__ __forceinline__ void wait_for_launches()
{
#if AHEAD
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

// Counts a block that has arrived: what its threads wrote before a barrier is seen by all threads, behind a barrier, of a block that
// arrives later.
__device__ __forceinline__ unsigned arrive(unsigned *counter)
{
    unsigned before;
    asm volatile("atom.add.acq_rel.gpu.global.u32 %0, [%1], %2;" : "=r"(before) : "l"(counter), "r"(1u) : "memory");
    return before;
}

// What is not read again soon.
__device__ __forceinline__ unit load_once(const unit *from)
{
    unit r;
    asm volatile("ld.global.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r.at[0]), "=r"(r.at[1]), "=r"(r.at[2]), "=r"(r.at[3])
                 : "l"(from));
    return r;
}

// The policy of copies that are not read again soon.
__device__ __forceinline__ unsigned long long once()
{
    unsigned long long policy;
    asm volatile("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(policy));
    return policy;
}

// Copies 16 bytes to shared memory, by a policy.
__device__ __forceinline__ void copy_by(word to, const void *from, unsigned long long policy)
{
    asm volatile("cp.async.cg.shared.global.L2::cache_hint [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "l"(policy) : "memory");
}

// Copies 16 bytes to shared memory that the other blocks of a multiprocessor read as well, or writes 16 zero bytes where `inside` is
// false; `from` must be a readable address all the same.
__device__ __forceinline__ void copy_common(word to, const void *from, bool inside)
{
    int bytes = inside ? 16 : 0;
    asm volatile("cp.async.ca.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(bytes) : "memory");
}
