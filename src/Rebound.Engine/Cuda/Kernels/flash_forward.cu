#include "common.cuh"
#include "mma.cuh"
#include "head_tiles.cuh"
#include "flash.cuh"

// Flash attention forward (Dao 2023, arXiv 2307.08691) over packed documents, in bf16. A block is one query head and a
// tile of 64 queries, each of its four warps 16 of them; it walks over tiles of 32 keys, double-buffered. Tiles of keys
// begin at the document's first key, so that a document's result does not depend on what is packed beside it.
//
// tiles[x] = { row of the tile's first query, its position, queries in the tile, document }: the last three count within
// the document; the host lists tiles with the most keys first.
// PAGED: keys and values come from pages of PAGE_TOKENS instead of the fused rows: page p of a document, which is
// pages[pageStarts[document] + p], holds the positions from PAGE_TOKENS * p on.

#define QUERIES 64
#define KEYS 32
#define THREADS 128

// Blocks that a multiprocessor is to run at once, which limits their registers.
#define BLOCKS 3

extern "C" __global__ void __launch_bounds__(THREADS, BLOCKS) flash_forward(
    bf16 *output, float *logSumExp, const bf16 *fused, const int4 *tiles, const bf16 *keyPages, const bf16 *valuePages,
    const int *pages, const int *pageStarts, int queryHeads, int keyValueHeads, float scale, int window)
{
    extern __shared__ __align__(16) bf16 shared[];
    bf16 *queryTile = shared;
    bf16 *keyTiles = queryTile + QUERIES * ROW;
    bf16 *valueTiles = keyTiles + 2 * KEYS * ROW;

    int4 tile = tiles[blockIdx.x];
    int head = blockIdx.y, keyHead = head / (queryHeads / keyValueHeads);
    int first = tile.y, count = tile.z;
    long long stride = (long long)(queryHeads + 2 * keyValueHeads) * HEAD_DIM;
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;

    // Keys 0 to limit - 1 exist; the first that any query of the tile sees opens the first tile of keys.
    int limit = first + count;
    int firstTile = window > 0 ? max(0, first - window + 1) / KEYS : 0;
    int lastTile = (limit - 1) / KEYS;

    const bf16 *queries = fused + tile.x * stride + (long long)head * HEAD_DIM;
    copy_tile<QUERIES, THREADS>(queryTile, queries, stride, count);

    auto copy_keys = [&](int t)
    {
        bf16 *toKeys = keyTiles + (t & 1) * KEYS * ROW, *toValues = valueTiles + (t & 1) * KEYS * ROW;
        int valid = min(KEYS, limit - t * KEYS);
#if PAGED
        int page = pages[pageStarts[tile.w] + t * KEYS / PAGE_TOKENS];
        long long at = (((long long)page * keyValueHeads + keyHead) * PAGE_TOKENS + t * KEYS % PAGE_TOKENS) * HEAD_DIM;
        copy_tile<KEYS, THREADS>(toKeys, keyPages + at, HEAD_DIM, valid);
        copy_tile<KEYS, THREADS>(toValues, valuePages + at, HEAD_DIM, valid);
#else
        const bf16 *row = fused + ((long long)(tile.x - first) + t * KEYS) * stride;
        copy_tile<KEYS, THREADS>(toKeys, row + (long long)(queryHeads + keyHead) * HEAD_DIM, stride, valid);
        copy_tile<KEYS, THREADS>(
            toValues, row + (long long)(queryHeads + keyValueHeads + keyHead) * HEAD_DIM, stride, valid);
#endif
        commit_copies();
    };

    copy_keys(firstTile);

    word q[DIM_STEPS][4];
    float o[2 * DIM_STEPS][4] = {};
    softmax running;
    float scale2 = scale * LOG2_E;

    for (int t = firstTile; t <= lastTile; t++)
    {
        if (t < lastTile)
        {
            copy_keys(t + 1);
            wait_copies<1>();
        }
        else
        {
            wait_copies<0>();
        }

        __syncthreads();
        if (t == firstTile)
        {
#pragma unroll
            for (int k = 0; k < DIM_STEPS; k++)
            {
                load_matrices(q[k], a_address(queryTile, warp * 16, k * 16));
            }
        }

        const bf16 *keys = keyTiles + (t & 1) * KEYS * ROW;
        const bf16 *values = valueTiles + (t & 1) * KEYS * ROW;

        // s = q * k^T: 16 queries by 64 keys a warp.
        float s[KEYS / 8][4] = {};
#pragma unroll
        for (int k = 0; k < DIM_STEPS; k++)
        {
#pragma unroll
            for (int n = 0; n < KEYS / 16; n++)
            {
                add_product(s, n, q[k], keys, k);
            }
        }

        bool causal = t * KEYS + KEYS - 1 > first;
        bool windowed = window > 0 && t * KEYS <= first + QUERIES - 1 - window;
        if (causal || windowed)
        {
            mask(s, t * KEYS, first + warp * 16 + lane / 4, window);
        }

        float keep[2];
        running.weigh(s, keep, scale2);
#pragma unroll
        for (int r = 0; r < 2; r++)
        {
            if (__any_sync(0xffffffffu, keep[r] != 1.0f))
            {
#pragma unroll
                for (int n = 0; n < 2 * DIM_STEPS; n++)
                {
                    o[n][2 * r] *= keep[r];
                    o[n][2 * r + 1] *= keep[r];
                }
            }
        }

        // o += p * v
        word p[KEYS / 16][4];
        round_to_factor(p, s);
#pragma unroll
        for (int k = 0; k < KEYS / 16; k++)
        {
#pragma unroll
            for (int n = 0; n < DIM_STEPS; n++)
            {
                add_product_transposed(o, n, p[k], values, k);
            }
        }

        // The next round's copies overwrite the buffers of the round before this one.
        __syncthreads();
    }

#pragma unroll
    for (int r = 0; r < 2; r++)
    {
        int row = warp * 16 + lane / 4 + 8 * r;
        float total = running.total(r);
        if (row >= count)
        {
            continue;
        }

        long long at = (long long)(tile.x + row) * queryHeads + head;
        store_row(reinterpret_cast<word *>(output + at * HEAD_DIM + lane % 4 * 2), o, r, 1.0f / total);
        if (logSumExp && lane % 4 == 0)
        {
            logSumExp[at] = running.log_sum(r, total);
        }
    }
}
