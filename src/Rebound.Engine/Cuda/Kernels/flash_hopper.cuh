// Shared by the attention kernels with Hopper's products. A block's warpgroups divide the work: GROUPS of them compute, each
// owns 64 rows of the block's tile, and one thread of the last copies what they need, ahead of them: first the tiles that
// an item of work owns, then a pair of tiles for each step, into a ring of STAGES pairs. Blocks stay, and go through their
// share of a list of items, so that one item's first copies are made while the item before it is computed.
//
// The backend defines GROUPS, STAGES, and OWNED_TILES, which each computing warpgroup's part of an item is.

#define GROUP_THREADS 128
#define THREADS ((GROUPS + 1) * GROUP_THREADS)
#define COMPUTING_WARPS (GROUPS * 4)
#define TILE_BYTES (TILE * (int)sizeof(bf16))
#define TILE_PLACES (TILE_BYTES / 16)
#define FLOATS_OF_PAIR (2 * TILE_ROWS)

// Registers of a computing thread and of a copying one; 64 Ki in all.
#define COMPUTING_REGISTERS (GROUPS == 3 ? 160 : 240)
#define COPYING_REGISTERS (GROUPS == 3 ? 32 : 24)

// An item of work: a tile of GROUPS * 64 tokens of a document, or what is left of it, and a head.
struct work
{
    int row;    // of the tile's first token
    int first;  // its position
    int count;  // tokens in the tile
    int length; // tokens of the document
    int head;
};

// A place in the ring, and the parity of how often it has been used.
struct ring_place
{
    int stage = 0, parity = 0;

    __device__ __forceinline__ void advance()
    {
        if (++stage == STAGES)
        {
            stage = 0;
            parity ^= 1;
        }
    }
};

// Shared memory: two sets of the tiles that an item owns, for every other item; the ring's pairs; floats beside each pair;
// and the barriers.
struct flash_shared
{
    bf16 *owned, *ring;
    float *floats;
    barrier *full, *empty, *ownedFull, *ownedEmpty;

    __device__ __forceinline__ flash_shared(void *shared)
    {
        owned = first_tile(shared);
        ring = owned + 2 * OWNED_TILES * GROUPS * TILE;
        floats = reinterpret_cast<float *>(ring + STAGES * 2 * TILE);
        full = reinterpret_cast<barrier *>(floats + STAGES * FLOATS_OF_PAIR);
        empty = full + STAGES;
        ownedFull = empty + STAGES;
        ownedEmpty = ownedFull + 2;
    }

    __device__ __forceinline__ void make_barriers() const
    {
        if (threadIdx.x == 0)
        {
            for (int stage = 0; stage < STAGES; stage++)
            {
                make_barrier(full + stage, 1);
                make_barrier(empty + stage, COMPUTING_WARPS);
            }

            for (int set = 0; set < 2; set++)
            {
                make_barrier(ownedFull + set, 1);
                make_barrier(ownedEmpty + set, COMPUTING_WARPS);
            }

            show_barriers();
        }

        __syncthreads();
    }

    // The copying thread's side: waits until the pair is free, and lets it become full.
    __device__ __forceinline__ void wait_empty(ring_place place) const
    {
        wait_phase(empty + place.stage, place.parity ^ 1);
    }

    __device__ __forceinline__ bf16 *pair_at(int stage) const
    {
        return ring + stage * 2 * TILE;
    }

    __device__ __forceinline__ float *floats_at(int stage) const
    {
        return floats + stage * FLOATS_OF_PAIR;
    }

    __device__ __forceinline__ void wait_owned_empty(int item) const
    {
        wait_phase(ownedEmpty + (item & 1), item >> 1 & 1 ^ 1);
    }

    __device__ __forceinline__ bf16 *owned_of(int item) const
    {
        return owned + (item & 1) * OWNED_TILES * GROUPS * TILE;
    }

    // A computing thread's side.
    __device__ __forceinline__ void wait_full(ring_place place) const
    {
        wait_phase(full + place.stage, place.parity);
    }

    // This warp reads the pair no longer.
    __device__ __forceinline__ void release(int stage) const
    {
        arrive_of_warp(empty + stage);
    }

    // Passes a pair by that is for other warpgroups.
    __device__ __forceinline__ void skip(ring_place &place) const
    {
        wait_full(place);
        release(place.stage);
        place.advance();
    }

    __device__ __forceinline__ void wait_owned(int item) const
    {
        wait_phase(ownedFull + (item & 1), item >> 1 & 1);
    }

    __device__ __forceinline__ void release_owned(int item) const
    {
        arrive_of_warp(ownedEmpty + (item & 1));
    }

private:
    __device__ __forceinline__ static void arrive_of_warp(barrier *b)
    {
        __syncwarp();
        if (threadIdx.x % 32 == 0)
        {
            arrive(b);
        }
    }
};

// A block's share of the items, counted from 0. The next one is read while one is computed.
struct share
{
    const work *next;
    int left, number = -1;
    work ahead;

    __device__ __forceinline__ share(const int *shares, const work *items)
    {
        int begin = shares[blockIdx.x];
        next = items + begin;
        left = shares[blockIdx.x + 1] - begin;
        read();
    }

    __device__ __forceinline__ bool take(work &item)
    {
        if (left == 0)
        {
            return false;
        }

        item = ahead;
        number++;
        left--;
        next++;
        read();
        return true;
    }

private:
    __device__ __forceinline__ void read()
    {
        if (left > 0)
        {
            ahead = *next;
        }
    }
};

// Steps of 64 tokens, both included; none where last < first.
struct steps
{
    int first, last;
};

// Keys that queries first to first + count - 1 see, in steps.
__device__ __forceinline__ steps key_steps(int first, int count, int window)
{
    int least = window > 0 ? max(0, first - window + 1) : 0;
    return {least / TILE_ROWS, count > 0 ? (first + count - 1) / TILE_ROWS : -1};
}

// Queries that see keys first to first + count - 1, in steps.
__device__ __forceinline__ steps query_steps(int first, int count, int length, int window)
{
    int end = window > 0 ? min(length, first + count - 1 + window) : length;
    return {first / TILE_ROWS, count > 0 ? (end - 1) / TILE_ROWS : -1};
}

// The part of the warpgroup that copies: one thread goes through the items. `copyOwned` copies the tiles that a warpgroup
// owns of an item, each GROUPS tiles after the one before, and `copySteps` the pairs of its steps.
template <typename CopyOwned, typename CopySteps>
__device__ __forceinline__ void copy_items(const flash_shared &shared, share &own, CopyOwned copyOwned, CopySteps copySteps)
{
    give_registers<COPYING_REGISTERS>();
    if (threadIdx.x % GROUP_THREADS != 0)
    {
        return;
    }

    work item;
    ring_place place;
    while (own.take(item))
    {
        barrier *full = shared.ownedFull + (own.number & 1);
        shared.wait_owned_empty(own.number);
        arrive_expecting(full, OWNED_TILES * GROUPS * TILE_BYTES);
        for (int g = 0; g < GROUPS; g++)
        {
            copyOwned(shared.owned_of(own.number) + g * TILE, item, item.row + g * TILE_ROWS, full);
        }

        copySteps(item, place);
    }
}

// Copies the keys and values of an item of queries into the ring, a pair for each step.
__device__ __forceinline__ void copy_keys(
    const flash_shared &shared, ring_place &place, const tensor_map &fused, const work &item, int queryHeads,
    int keyValueHeads, int window)
{
    int head = queryHeads + item.head / (queryHeads / keyValueHeads);
    steps all = key_steps(item.first, item.count, window);
    for (int t = all.first; t <= all.last; t++)
    {
        int row = item.row - item.first + t * TILE_ROWS;
        barrier *full = shared.full + place.stage;
        shared.wait_empty(place);
        arrive_expecting(full, 2 * TILE_BYTES);
        copy_tile(shared.pair_at(place.stage), fused, head, row, full);
        copy_tile(shared.pair_at(place.stage) + TILE, fused, head + keyValueHeads, row, full);
        place.advance();
    }
}

// The warpgroup, known to be the same for a whole warp.
__device__ __forceinline__ int warpgroup()
{
    return __shfl_sync(0xffffffffu, threadIdx.x / GROUP_THREADS, 0);
}

// s = a * b^T over the head's elements; begun and not waited for.
__device__ __forceinline__ void begin_scores(float (&s)[8][4], factor_place a, factor_place b)
{
#pragma unroll
    for (int k = 0; k < HEAD_DIM / 16; k++)
    {
        wgmma(s, along_rows(a, k), along_rows(b, k), k > 0);
    }

    commit_products();
}

// d += x * tile, with x rounded to a factor; begun and not waited for.
__device__ __forceinline__ void begin_sum(float (&d)[PANELS][8][4], const word (&factor)[4][4], factor_place tile)
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

    commit_products();
}

__device__ __forceinline__ void settle(float (&d)[PANELS][8][4])
{
#pragma unroll
    for (int panel = 0; panel < PANELS; panel++)
    {
        settle(d[panel]);
    }
}

// Lanes below give y for the x of those above.
__device__ __forceinline__ void exchange(word &x, word &y, bool above, int lanes)
{
    word other = __shfl_xor_sync(0xffffffffu, above ? x : y, lanes);
    x = above ? other : x;
    y = above ? y : other;
}

// Four lanes hold two columns each of four groups of eight columns; afterwards each holds all of its own group's.
__device__ __forceinline__ void gather_columns(word (&x)[4])
{
    bool odd = threadIdx.x & 1, upper = threadIdx.x & 2;
    exchange(x[0], x[1], odd, 1);
    exchange(x[2], x[3], odd, 1);
    exchange(x[0], x[2], upper, 2);
    exchange(x[1], x[3], upper, 2);
}

// Writes rows 0 to count - 1 of a warpgroup's 64, times a factor for each of a thread's two rows.
__device__ __forceinline__ void write_rows(
    bf16 *to, long long stride, float (&d)[PANELS][8][4], int count, float scale0, float scale1)
{
    int lane = threadIdx.x % 32, row = threadIdx.x % GROUP_THREADS / 32 * 16 + lane / 4;
#pragma unroll
    for (int r = 0; r < 2; r++)
    {
        float scale = r ? scale1 : scale0;
        bf16 *place = to + (row + 8 * r) * stride + lane % 4 * 8;
        bool inside = row + 8 * r < count;
#pragma unroll
        for (int n = 0; n < PANELS * 8; n += 4)
        {
            word x[4];
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                float *two = d[n / 8][n % 8 + i] + 2 * r;
                x[i] = pair(two[0] * scale, two[1] * scale);
            }

            gather_columns(x);
            if (inside)
            {
                *reinterpret_cast<uint4 *>(place + n * 8) = {x[0], x[1], x[2], x[3]};
            }
        }
    }
}
