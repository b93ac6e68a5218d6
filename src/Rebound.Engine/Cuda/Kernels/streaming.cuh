// For kernels that read much once: loads and copies that leave the caches to what is read again, and launches that begin before the
// kernels ahead of them have ended.

#define AHEAD (__CUDA_ARCH__ >= 900)

// Waits for all kernels that were launched before, before the first access to what they write; and lets the next kernel begin, as
// far as it does not read what this one writes.
__device__ __forceinline__ void wait_for_launches()
{
#if AHEAD
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

// Four words that are not read again soon.
template <class T>
__device__ __forceinline__ T load_once(const T *from)
{
    T r;
    asm volatile("ld.global.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r.at[0]), "=r"(r.at[1]), "=r"(r.at[2]), "=r"(r.at[3])
                 : "l"(from));
    return r;
}
