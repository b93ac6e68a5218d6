// Hopper's asynchronous matrix products (PTX ISA, wgmma.mma_async): 128 threads multiply 64x16 by 16x64 bf16, with the
// second factor, and the first unless it is in registers, read from shared memory.
//
// A tile is 64 rows of HEAD_DIM elements, kept as panels of 64 columns: a row of a panel is 128 bytes, whose 16-byte units
// are permuted by the row (unit ^ row % 8), which is the layout that the descriptors below call 128-byte swizzling. Tiles
// begin at multiples of 1024 bytes.
//
// Fragments: warp w holds rows 16 * w to 16 * w + 15 of a 64x64 result as it holds the results of mma.sync (mma.cuh), and
// of a first factor in registers too.

#define TILE_ROWS 64
#define PANEL_COLUMNS 64
#define PANEL (TILE_ROWS * PANEL_COLUMNS)
#define PANELS (HEAD_DIM / PANEL_COLUMNS)
#define TILE (PANELS * PANEL)
#define TILE_ALIGNMENT 1024

// Where a factor lies, the lower half of its descriptor: the address in 16-byte units. Offsets are added to it, since the
// address never overflows its field.
typedef word factor_place;

__device__ __forceinline__ factor_place place_of(const bf16 *tile)
{
    return shared_address(tile) >> 4 | 1 << 16;
}

// Columns 16 * k to 16 * k + 15 of all rows: the shared dimension runs along rows of the tile.
__device__ __forceinline__ factor_place along_rows(factor_place tile, int k)
{
    return tile + (k / 4 * PANEL + k % 4 * 16) * (int)sizeof(bf16) / 16;
}

// Rows 16 * k to 16 * k + 15 of a panel's columns: the shared dimension runs down the columns.
__device__ __forceinline__ factor_place down_columns(factor_place tile, int panel, int k)
{
    return tile + (panel * PANEL + k * 16 * PANEL_COLUMNS) * (int)sizeof(bf16) / 16;
}

// The upper half of every descriptor: 128-byte swizzling, 1024 bytes from eight rows to the next eight.
#define WGMMA_LAYOUT "0x40000040"

#define WGMMA_RESULTS                                                                                                   \
    "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, "    \
    "%24, %25, %26, %27, %28, %29, %30, %31}"
#define WGMMA_ROW(n) "+f"(d[n][0]), "+f"(d[n][1]), "+f"(d[n][2]), "+f"(d[n][3])
#define WGMMA_OUTPUTS                                                                                                   \
    WGMMA_ROW(0), WGMMA_ROW(1), WGMMA_ROW(2), WGMMA_ROW(3), WGMMA_ROW(4), WGMMA_ROW(5), WGMMA_ROW(6), WGMMA_ROW(7)

// d = a * b^T, or d += the same: both shared dimensions along rows.
__device__ __forceinline__ void wgmma(float (&d)[8][4], factor_place a, factor_place b, bool add)
{
    asm volatile("{.reg .pred p; .reg .b64 a, b; setp.ne.b32 p, %34, 0; "
                 "mov.b64 a, {%32, " WGMMA_LAYOUT "}; mov.b64 b, {%33, " WGMMA_LAYOUT "}; "
                 "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 " WGMMA_RESULTS ", a, b, p, 1, 1, 0, 0;}"
                 : WGMMA_OUTPUTS
                 : "r"(a), "r"(b), "r"((int)add));
}

// d += a * b, with a in registers and b's shared dimension down its columns.
__device__ __forceinline__ void wgmma(float (&d)[8][4], const word (&a)[4], factor_place b)
{
    asm volatile("{.reg .b64 b; mov.b64 b, {%36, " WGMMA_LAYOUT "}; "
                 "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 " WGMMA_RESULTS ", {%32, %33, %34, %35}, b, 1, 1, 1, 1;}"
                 : WGMMA_OUTPUTS
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b));
}

// Makes registers that ordinary instructions have written ready for products.
__device__ __forceinline__ void begin_products()
{
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}

__device__ __forceinline__ void commit_products()
{
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

// Waits until at most `Pending` groups of products are under way.
template <int Pending>
__device__ __forceinline__ void wait_products()
{
    asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(Pending) : "memory");
}

// Keeps reads of a result behind the wait before it.
__device__ __forceinline__ void settle(float (&d)[8][4])
{
#pragma unroll
    for (int n = 0; n < 8; n++)
    {
#pragma unroll
        for (int i = 0; i < 4; i++)
        {
            asm volatile("" : "+f"(d[n][i])::"memory");
        }
    }
}

// The first aligned address of the block's shared memory, of which TILE_ALIGNMENT bytes more have to be there than are used.
__device__ __forceinline__ bf16 *first_tile(void *shared)
{
    word misplaced = shared_address(shared) % TILE_ALIGNMENT;
    return reinterpret_cast<bf16 *>(reinterpret_cast<char *>(shared) + (misplaced ? TILE_ALIGNMENT - misplaced : 0));
}
