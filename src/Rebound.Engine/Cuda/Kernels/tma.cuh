// Hopper's bulk copies of tensors (PTX ISA, cp.async.bulk.tensor) into shared memory, and the barriers that tell when they
// and the threads that read them are done (mbarrier). A barrier counts phases: a wait names the parity of the phase that
// has to be over, and that of the phase before the first one is 1.

struct alignas(64) tensor_map
{
    char bytes[128];
};

typedef unsigned long long barrier;

__device__ __forceinline__ void make_barrier(barrier *b, int arrivals)
{
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(b)), "r"(arrivals) : "memory");
}

// Lets copies use the barriers that this thread has made; a barrier of the block is to follow.
__device__ __forceinline__ void show_barriers()
{
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}

__device__ __forceinline__ void arrive(barrier *b)
{
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(b)) : "memory");
}

// Arrives, and makes the phase wait for so many copied bytes.
__device__ __forceinline__ void arrive_expecting(barrier *b, int bytes)
{
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(b)), "r"(bytes) : "memory");
}

__device__ __forceinline__ void wait_phase(barrier *b, int parity)
{
    word address = shared_address(b), over;
    do
    {
        asm volatile("{.reg .pred p; mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2; selp.b32 %0, 1, 0, p;}"
                     : "=r"(over)
                     : "r"(address), "r"(parity)
                     : "memory");
    } while (!over);
}

// Copies 64 rows of one head into a tile; rows beyond the tensor's last become zero. The map has dimensions column, head and
// row, and boxes of one panel.
__device__ __forceinline__ void copy_tile(bf16 *to, const tensor_map &map, int head, int row, barrier *done)
{
#pragma unroll
    for (int panel = 0; panel < PANELS; panel++)
    {
        asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.tile.mbarrier::complete_tx::bytes "
                     "[%0], [%1, {%3, %4, %5}], [%2];" ::"r"(shared_address(to + panel * PANEL)),
                     "l"(&map), "r"(shared_address(done)), "r"(panel * PANEL_COLUMNS), "r"(head), "r"(row)
                     : "memory");
    }
}

// Copies a box of a row, from a column on that is a multiple of 16 bytes away from the first; columns beyond the row's last
// become zero. The map has dimensions column and row.
__device__ __forceinline__ void copy_row(float *to, const tensor_map &map, int row, int column, barrier *done)
{
    asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes "
                 "[%0], [%1, {%3, %4}], [%2];" ::"r"(shared_address(to)),
                 "l"(&map), "r"(shared_address(done)), "r"(column), "r"(row)
                 : "memory");
}

// Moves registers between the warpgroups of a block: all threads of one take or give so many each.
template <int Registers>
__device__ __forceinline__ void take_registers()
{
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(Registers));
}

template <int Registers>
__device__ __forceinline__ void give_registers()
{
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(Registers));
}
