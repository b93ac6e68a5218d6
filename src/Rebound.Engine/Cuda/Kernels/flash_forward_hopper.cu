#include "common.cuh"
#include "mma.cuh"
#include "wgmma.cuh"

// The forward of flash_forward.cu for head dimensions 64 and 128 with Hopper's asynchronous products, in steps of 64 keys.
//
// tiles[y] = { row of the tile's first query, its position, queries in the tile, document }.

#define THREADS 128

// Blocks that a multiprocessor is to run at once, which limits their registers.
#define BLOCKS (HEAD_DIM == 64 ? 4 : 2)

extern "C" __global__ void __launch_bounds__(THREADS, BLOCKS) flash_forward_hopper(
    bf16 *output, float *logSumExp, const bf16 *fused, const int4 *tiles, int queryHeads, int keyValueHeads, float scale,
    int window)
{
    extern __shared__ bf16 shared[];
    bf16 *queryTile = first_tile(shared);
    bf16 *keyTiles = queryTile + TILE;
    bf16 *valueTiles = keyTiles + 2 * TILE;

    int4 tile = tiles[blockIdx.y];
    int head = blockIdx.x, keyHead = head / (queryHeads / keyValueHeads);
    int first = tile.y, count = tile.z;
    long long stride = (long long)(queryHeads + 2 * keyValueHeads) * HEAD_DIM;
    long long documentRow = tile.x - first;
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;

    // Keys 0 to limit - 1 exist; the first that any query of the tile sees opens the first step.
    int limit = first + count;
    int firstStep = window > 0 ? max(0, first - window + 1) / TILE_ROWS : 0;
    int lastStep = (limit - 1) / TILE_ROWS;

    copy_panels(queryTile, fused + tile.x * stride + (long long)head * HEAD_DIM, stride, count);

    auto copy_keys = [&](int t)
    {
        int buffer = t & 1, valid = min(TILE_ROWS, limit - t * TILE_ROWS);
        const bf16 *keys = fused + (documentRow + t * TILE_ROWS) * stride + (long long)(queryHeads + keyHead) * HEAD_DIM;
        copy_panels(keyTiles + buffer * TILE, keys, stride, valid);
        copy_panels(valueTiles + buffer * TILE, keys + (long long)keyValueHeads * HEAD_DIM, stride, valid);
        commit_copies();
    };

    copy_keys(firstStep);
    float o[PANELS][8][4] = {};
    float largest[2] = {NEGATIVE_INFINITY, NEGATIVE_INFINITY}, sum[2] = {};
    float scale2 = scale * LOG2_E;
    int queryOfRow[2] = {first + warp * 16 + lane / 4, first + warp * 16 + lane / 4 + 8};

    for (int t = firstStep; t <= lastStep; t++)
    {
        if (t < lastStep)
        {
            copy_keys(t + 1);
            wait_copies<1>();
        }
        else
        {
            wait_copies<0>();
        }

        show_copies();
        __syncthreads();
        const bf16 *keys = keyTiles + (t & 1) * TILE, *values = valueTiles + (t & 1) * TILE;

        // s = q * k^T: 64 queries by 64 keys.
        float s[8][4];
        begin_products();
#pragma unroll
        for (int k = 0; k < HEAD_DIM / 16; k++)
        {
            wgmma(s, along_rows(queryTile, k), along_rows(keys, k), k > 0);
        }

        commit_products();
        wait_products<0>();
        settle(s);
        bool causal = t * TILE_ROWS + TILE_ROWS - 1 > first;
        bool windowed = window > 0 && t * TILE_ROWS <= first + TILE_ROWS - 1 - window;
        if (causal || windowed)
        {
#pragma unroll
            for (int n = 0; n < 8; n++)
            {
#pragma unroll
                for (int i = 0; i < 4; i++)
                {
                    int key = t * TILE_ROWS + n * 8 + lane % 4 * 2 + i % 2, query = queryOfRow[i / 2];
                    if (key > query || (window > 0 && key <= query - window))
                    {
                        s[n][i] = NEGATIVE_INFINITY;
                    }
                }
            }
        }

        // The running softmax, in powers of two; a row that has seen no key yet is kept at zero.
#pragma unroll
        for (int r = 0; r < 2; r++)
        {
            float most = NEGATIVE_INFINITY;
#pragma unroll
            for (int n = 0; n < 8; n++)
            {
                most = fmaxf(most, fmaxf(s[n][2 * r], s[n][2 * r + 1]));
            }

            most = fmaxf(largest[r], row_max(most) * scale2);
            float base = most == NEGATIVE_INFINITY ? 0.0f : most;
            float keep = power_of_two(largest[r] - base);
            float part = 0;
#pragma unroll
            for (int n = 0; n < 8; n++)
            {
#pragma unroll
                for (int i = 2 * r; i < 2 * r + 2; i++)
                {
                    s[n][i] = power_of_two(s[n][i] * scale2 - base);
                    part += s[n][i];
                }
            }

            sum[r] = sum[r] * keep + part;
            largest[r] = most;
#pragma unroll
            for (int panel = 0; panel < PANELS; panel++)
            {
#pragma unroll
                for (int n = 0; n < 8; n++)
                {
                    o[panel][n][2 * r] *= keep;
                    o[panel][n][2 * r + 1] *= keep;
                }
            }
        }

        // o += p * v
        word factor[4][4];
        round_to_factor(factor, s);
        begin_products();
        begin_sum(o, factor, values);
        commit_products();
        wait_products<0>();
#pragma unroll
        for (int panel = 0; panel < PANELS; panel++)
        {
            settle(o[panel]);
        }

        __syncthreads();
    }

#pragma unroll
    for (int r = 0; r < 2; r++)
    {
        int row = warp * 16 + lane / 4 + 8 * r;
        float total = row_sum(sum[r]);
        if (row >= count)
        {
            continue;
        }

        long long at = (long long)(tile.x + row) * queryHeads + head;
        float inverse = 1.0f / total;
        word *to = reinterpret_cast<word *>(output + at * HEAD_DIM + lane % 4 * 2);
#pragma unroll
        for (int panel = 0; panel < PANELS; panel++)
        {
#pragma unroll
            for (int n = 0; n < 8; n++)
            {
                to[panel * 32 + n * 4] = pair(o[panel][n][2 * r] * inverse, o[panel][n][2 * r + 1] * inverse);
            }
        }

        if (lane % 4 == 0)
        {
            logSumExp[at] = (largest[r] + log2f(total)) * LN_2;
        }
    }
}
