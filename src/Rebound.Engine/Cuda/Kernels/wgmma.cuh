// Hopper's asynchronous matrix products (PTX ISA, wgmma.mma_async): 128 threads multiply 64x16 by 16x64 bf16, with the
// second factor, and the first unless it is in registers, read from shared memory.
//
// A tile is 64 rows of HEAD_DIM elements, kept as panels of 64 columns: a row of a panel is 128 bytes, whose 16-byte units
// are permuted by the row (unit ^ row % 8), which is the layout that the descriptors below call 128-byte swizzling. Tiles
// begin at multiples of 1024 bytes.
//
// Fragments: warp w holds rows 16 * w to 16 * w + 15 of a 64x64 result as it holds the results of mma.sync (mma.cuh), and
// of a first factor in registers too.

typedef unsigned long long descriptor;

#define TILE_ROWS 64
#define PANEL_COLUMNS 64
#define PANEL (TILE_ROWS * PANEL_COLUMNS)
#define PANELS (HEAD_DIM / PANEL_COLUMNS)
#define TILE (PANELS * PANEL)
#define TILE_ALIGNMENT 1024

// Copies rows into a tile by 128 threads; rows from `valid` on become zero.
__device__ __forceinline__ void copy_panels(bf16 *to, const bf16 *from, long long stride, int valid)
{
    constexpr int units = HEAD_DIM / 8;
#pragma unroll
    for (int i = 0; i < TILE_ROWS * units / 128; i++)
    {
        int item = i * 128 + threadIdx.x, row = item / units, unit = item % units;
        bool inside = row < valid;
        bf16 *place = to + unit / 8 * PANEL + row * PANEL_COLUMNS + (unit % 8 ^ row % 8) * 8;
        copy_async(shared_address(place), from + (inside ? row * stride + unit * 8 : 0), inside);
    }
}

// Where a factor lies: 128-byte swizzling, 1024 bytes from eight rows to the next eight.
__device__ __forceinline__ descriptor describe(const bf16 *tile, int bytes)
{
    descriptor address = shared_address(tile) + bytes;
    return (address & 0x3ffff) >> 4 | 1ull << 16 | 1024ull >> 4 << 32 | 1ull << 62;
}

// Columns 16 * k to 16 * k + 15 of all rows: the shared dimension runs along rows of the tile.
__device__ __forceinline__ descriptor along_rows(const bf16 *tile, int k)
{
    return describe(tile + k / 4 * PANEL, k % 4 * 32);
}

// Rows 16 * k to 16 * k + 15 of a panel's columns: the shared dimension runs down the columns.
__device__ __forceinline__ descriptor down_columns(const bf16 *tile, int panel, int k)
{
    return describe(tile + panel * PANEL, k * 16 * PANEL_COLUMNS * (int)sizeof(bf16));
}

#define WGMMA_RESULTS                                                                                                   \
    "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, "    \
    "%24, %25, %26, %27, %28, %29, %30, %31}"
#define WGMMA_ROW(n) "+f"(d[n][0]), "+f"(d[n][1]), "+f"(d[n][2]), "+f"(d[n][3])
#define WGMMA_OUTPUTS                                                                                                   \
    WGMMA_ROW(0), WGMMA_ROW(1), WGMMA_ROW(2), WGMMA_ROW(3), WGMMA_ROW(4), WGMMA_ROW(5), WGMMA_ROW(6), WGMMA_ROW(7)

// d = a * b^T, or d += the same: both shared dimensions along rows.
__device__ __forceinline__ void wgmma(float (&d)[8][4], descriptor a, descriptor b, bool add)
{
    asm volatile("{.reg .pred p; setp.ne.b32 p, %34, 0; "
                 "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 " WGMMA_RESULTS ", %32, %33, p, 1, 1, 0, 0;}"
                 : WGMMA_OUTPUTS
                 : "l"(a), "l"(b), "r"((int)add));
}

// d += a * b, with a in registers and b's shared dimension down its columns.
__device__ __forceinline__ void wgmma(float (&d)[8][4], const word (&a)[4], descriptor b)
{
    asm volatile("wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 " WGMMA_RESULTS ", {%32, %33, %34, %35}, %36, 1, 1, 1, 1;"
                 : WGMMA_OUTPUTS
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
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

// Lets products read what this thread has copied into shared memory; a barrier is to follow.
__device__ __forceinline__ void show_copies()
{
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

// The first aligned address of the block's shared memory, of which TILE_ALIGNMENT bytes more have to be there than are used.
__device__ __forceinline__ bf16 *first_tile(void *shared)
{
    word misplaced = shared_address(shared) % TILE_ALIGNMENT;
    return reinterpret_cast<bf16 *>(reinterpret_cast<char *>(shared) + (misplaced ? TILE_ALIGNMENT - misplaced : 0));
}

// Copies four bytes, or writes zero where `inside` is false.
__device__ __forceinline__ void copy_word_async(void *to, const void *from, bool inside)
{
    int bytes = inside ? 4 : 0;
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(shared_address(to)), "l"(from), "r"(bytes));
}

// A 64x64 result as the first factor of the next product: sixteen of its columns at a time.
__device__ __forceinline__ void round_to_factor(word (&factor)[4][4], const float (&x)[8][4])
{
#pragma unroll
    for (int k = 0; k < 4; k++)
    {
        factor[k][0] = pair(x[2 * k][0], x[2 * k][1]);
        factor[k][1] = pair(x[2 * k][2], x[2 * k][3]);
        factor[k][2] = pair(x[2 * k + 1][0], x[2 * k + 1][1]);
        factor[k][3] = pair(x[2 * k + 1][2], x[2 * k + 1][3]);
    }
}

// d += x * tile, with the rounded x of above; begun and not waited for.
__device__ __forceinline__ void begin_sum(float (&d)[PANELS][8][4], const word (&factor)[4][4], const bf16 *tile)
{
#pragma unroll
    for (int panel = 0; panel < PANELS; panel++)
    {
#pragma unroll
        for (int k = 0; k < 4; k++)
        {
            wgmma(d[panel], factor[k], down_columns(tile, panel, k));
        }
    }
}
