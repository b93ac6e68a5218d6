#include "common.cuh"
#include "mma.cuh"
#include "head_tiles.cuh"
#include "flash.cuh"

// Flash attention backward over packed documents, in bf16. Of  s = scale * q * k^T,  p = exp(s - lse),  o = p * v:
//   delta = sum(do * o),  dv = p^T * do,  dp = do * v^T,  ds = p * (dp - delta),  dq = scale * ds * k,  dk = scale * ds^T * q.
// One kernel owns keys and sums dk and dv over the queries that see them, another owns queries and sums dq: p is computed
// in both, and nothing is added by two blocks, so that results are the same each time.
//
// tiles[x] = { row of the tile's first token, its position, tokens in the tile, tokens of the document }.

#define OWN 64
#define STEP 32
#define THREADS 128

// delta[t, h] = sum over d of dOutput[t, h, d] * output[t, h, d]: a warp a head.
extern "C" __global__ void flash_delta(float *delta, const bf16 *dOutput, const bf16 *output, long long heads)
{
    long long index = (long long)blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    if (index >= heads)
    {
        return;
    }

    float sum = 0;
    for (int d = threadIdx.x % 32 * 2; d < HEAD_DIM; d += 64)
    {
        word a = *reinterpret_cast<const word *>(dOutput + index * HEAD_DIM + d);
        word b = *reinterpret_cast<const word *>(output + index * HEAD_DIM + d);
        sum += __uint_as_float(a << 16) * __uint_as_float(b << 16);
        sum += __uint_as_float(a & 0xffff0000u) * __uint_as_float(b & 0xffff0000u);
    }

    sum = warp_sum(sum);
    if (threadIdx.x % 32 == 0)
    {
        delta[index] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(THREADS) flash_backward_keys(
    bf16 *dFused, const bf16 *dOutput, const bf16 *fused, const float *logSumExp, const float *delta, const int4 *tiles,
    int queryHeads, int keyValueHeads, float scale, int window)
{
    extern __shared__ __align__(16) bf16 shared[];
    bf16 *keyTile = shared;
    bf16 *valueTile = keyTile + OWN * ROW;
    bf16 *queryTiles = valueTile + OWN * ROW;
    bf16 *dOutputTiles = queryTiles + 2 * STEP * ROW;
    float *sums = reinterpret_cast<float *>(dOutputTiles + 2 * STEP * ROW);
    float *deltas = sums + 2 * STEP;

    int4 tile = tiles[blockIdx.x];
    int keyHead = blockIdx.y, group = queryHeads / keyValueHeads;
    int first = tile.y, count = tile.z, length = tile.w;
    long long stride = (long long)(queryHeads + 2 * keyValueHeads) * HEAD_DIM;
    long long documentRow = tile.x - first;
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;

    const bf16 *keys = fused + tile.x * stride + (long long)(queryHeads + keyHead) * HEAD_DIM;
    copy_tile<OWN, THREADS>(keyTile, keys, stride, count);
    copy_tile<OWN, THREADS>(valueTile, keys + (long long)keyValueHeads * HEAD_DIM, stride, count);

    // Queries first to end - 1 see keys of this tile; steps of all heads of the group follow each other.
    int end = window > 0 ? min(length, first + count - 1 + window) : length;
    int steps = (end - first + STEP - 1) / STEP;
    int rounds = steps * group;

    auto copy_queries = [&](int round)
    {
        int head = keyHead * group + round / steps;
        int query = first + round % steps * STEP;
        int valid = min(STEP, length - query);
        int buffer = round & 1;
        copy_tile<STEP, THREADS>(
            queryTiles + buffer * STEP * ROW, fused + (documentRow + query) * stride + (long long)head * HEAD_DIM, stride, valid);
        copy_tile<STEP, THREADS>(
            dOutputTiles + buffer * STEP * ROW, dOutput + ((documentRow + query) * queryHeads + head) * HEAD_DIM,
            (long long)queryHeads * HEAD_DIM, valid);
        if (threadIdx.x < STEP)
        {
            bool inside = (int)threadIdx.x < valid;
            long long at = (documentRow + query + threadIdx.x) * queryHeads + head;
            sums[buffer * STEP + threadIdx.x] = inside ? logSumExp[at] * LOG2_E : 0;
            deltas[buffer * STEP + threadIdx.x] = inside ? delta[at] : 0;
        }

        commit_copies();
    };

    copy_queries(0);
    float dKeys[2 * DIM_STEPS][4] = {}, dValues[2 * DIM_STEPS][4] = {};
    float scale2 = scale * LOG2_E;
    int keyOfRow[2] = {first + warp * 16 + lane / 4, first + warp * 16 + lane / 4 + 8};

    for (int round = 0; round < rounds; round++)
    {
        if (round + 1 < rounds)
        {
            copy_queries(round + 1);
            wait_copies<1>();
        }
        else
        {
            wait_copies<0>();
        }

        __syncthreads();
        int buffer = round & 1;
        const bf16 *queries = queryTiles + buffer * STEP * ROW;
        const bf16 *dOut = dOutputTiles + buffer * STEP * ROW;
        int query0 = first + round % steps * STEP;
        // Unless all queries of the step come before the warp's keys.
        if (query0 + STEP - 1 >= first + warp * 16)
        {
            // s = k * q^T and dp = v * do^T: 16 keys by 32 queries a warp.
            float s[STEP / 8][4] = {}, dp[STEP / 8][4] = {};
#pragma unroll
            for (int k = 0; k < DIM_STEPS; k++)
            {
                word a[4], v[4];
                load_matrices(a, a_address(keyTile, warp * 16, k * 16));
                load_matrices(v, a_address(valueTile, warp * 16, k * 16));
#pragma unroll
                for (int n = 0; n < STEP / 16; n++)
                {
                    add_product(s, n, a, queries, k);
                    add_product(dp, n, v, dOut, k);
                }
            }

            bool whole = query0 >= first + OWN - 1 && query0 + STEP <= length && (window == 0 || query0 + STEP - 1 < first + window);
#pragma unroll
            for (int n = 0; n < STEP / 8; n++)
            {
#pragma unroll
                for (int i = 0; i < 4; i++)
                {
                    int column = n * 8 + lane % 4 * 2 + i % 2;
                    bool seen = whole || (query0 + column < length && sees(query0 + column, keyOfRow[i / 2], window));
                    float p = seen ? power_of_two(s[n][i] * scale2 - sums[buffer * STEP + column]) : 0.0f;
                    s[n][i] = p;
                    dp[n][i] = p * (dp[n][i] - deltas[buffer * STEP + column]);
                }
            }

            // dv += p * do and dk += ds * q
            word p[STEP / 16][4], ds[STEP / 16][4];
            round_to_factor(p, s);
            round_to_factor(ds, dp);
#pragma unroll
            for (int k = 0; k < STEP / 16; k++)
            {
#pragma unroll
                for (int n = 0; n < DIM_STEPS; n++)
                {
                    add_product_transposed(dValues, n, p[k], dOut, k);
                    add_product_transposed(dKeys, n, ds[k], queries, k);
                }
            }
        }

        __syncthreads();
    }

#pragma unroll
    for (int r = 0; r < 2; r++)
    {
        int row = warp * 16 + lane / 4 + 8 * r;
        if (row < count)
        {
            bf16 *to = dFused + (tile.x + row) * stride + (long long)(queryHeads + keyHead) * HEAD_DIM + lane % 4 * 2;
            store_row(reinterpret_cast<word *>(to), dKeys, r, scale);
            store_row(reinterpret_cast<word *>(to + (long long)keyValueHeads * HEAD_DIM), dValues, r, 1.0f);
        }
    }
}

extern "C" __global__ void __launch_bounds__(THREADS, 3) flash_backward_queries(
    bf16 *dFused, const bf16 *dOutput, const bf16 *fused, const float *logSumExp, const float *delta, const int4 *tiles,
    int queryHeads, int keyValueHeads, float scale, int window)
{
    extern __shared__ __align__(16) bf16 shared[];
    bf16 *queryTile = shared;
    bf16 *dOutputTile = queryTile + OWN * ROW;
    bf16 *keyTiles = dOutputTile + OWN * ROW;
    bf16 *valueTiles = keyTiles + 2 * STEP * ROW;

    int4 tile = tiles[blockIdx.x];
    int head = blockIdx.y, keyHead = head / (queryHeads / keyValueHeads);
    int first = tile.y, count = tile.z;
    long long stride = (long long)(queryHeads + 2 * keyValueHeads) * HEAD_DIM;
    long long documentRow = tile.x - first;
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;

    copy_tile<OWN, THREADS>(queryTile, fused + tile.x * stride + (long long)head * HEAD_DIM, stride, count);
    copy_tile<OWN, THREADS>(
        dOutputTile, dOutput + ((long long)tile.x * queryHeads + head) * HEAD_DIM, (long long)queryHeads * HEAD_DIM, count);

    int limit = first + count;
    int firstStep = window > 0 ? max(0, first - window + 1) / STEP : 0;
    int lastStep = (limit - 1) / STEP;

    auto copy_keys = [&](int t)
    {
        int buffer = t & 1, valid = min(STEP, limit - t * STEP);
        const bf16 *keys = fused + (documentRow + t * STEP) * stride + (long long)(queryHeads + keyHead) * HEAD_DIM;
        copy_tile<STEP, THREADS>(keyTiles + buffer * STEP * ROW, keys, stride, valid);
        copy_tile<STEP, THREADS>(
            valueTiles + buffer * STEP * ROW, keys + (long long)keyValueHeads * HEAD_DIM, stride, valid);
        commit_copies();
    };

    copy_keys(firstStep);
    float dQueries[2 * DIM_STEPS][4] = {};
    float scale2 = scale * LOG2_E;
    int queryOfRow[2];
    float sumOfRow[2], deltaOfRow[2];
#pragma unroll
    for (int r = 0; r < 2; r++)
    {
        int row = warp * 16 + lane / 4 + 8 * r;
        bool inside = row < count;
        long long at = (long long)(tile.x + row) * queryHeads + head;
        queryOfRow[r] = first + row;
        sumOfRow[r] = inside ? logSumExp[at] * LOG2_E : 0;
        deltaOfRow[r] = inside ? delta[at] : 0;
    }

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

        __syncthreads();
        const bf16 *keys = keyTiles + (t & 1) * STEP * ROW;
        const bf16 *values = valueTiles + (t & 1) * STEP * ROW;

        // Unless all keys of the step come after the warp's queries.
        if (t * STEP <= first + warp * 16 + 15)
        {
            // s = q * k^T and dp = do * v^T: 16 queries by 32 keys a warp.
            float s[STEP / 8][4] = {}, dp[STEP / 8][4] = {};
#pragma unroll
            for (int k = 0; k < DIM_STEPS; k++)
            {
                word q[4], d[4];
                load_matrices(q, a_address(queryTile, warp * 16, k * 16));
                load_matrices(d, a_address(dOutputTile, warp * 16, k * 16));
#pragma unroll
                for (int n = 0; n < STEP / 16; n++)
                {
                    add_product(s, n, q, keys, k);
                    add_product(dp, n, d, values, k);
                }
            }

            bool whole = t * STEP + STEP - 1 <= first && (window == 0 || t * STEP > first + OWN - 1 - window);
#pragma unroll
            for (int n = 0; n < STEP / 8; n++)
            {
#pragma unroll
                for (int i = 0; i < 4; i++)
                {
                    int key = t * STEP + n * 8 + lane % 4 * 2 + i % 2;
                    bool seen = whole || (key < limit && sees(queryOfRow[i / 2], key, window));
                    float p = seen ? power_of_two(s[n][i] * scale2 - sumOfRow[i / 2]) : 0.0f;
                    dp[n][i] = p * (dp[n][i] - deltaOfRow[i / 2]);
                }
            }

            // dq += ds * k
            word ds[STEP / 16][4];
            round_to_factor(ds, dp);
#pragma unroll
            for (int k = 0; k < STEP / 16; k++)
            {
#pragma unroll
                for (int n = 0; n < DIM_STEPS; n++)
                {
                    add_product_transposed(dQueries, n, ds[k], keys, k);
                }
            }
        }

        __syncthreads();
    }

#pragma unroll
    for (int r = 0; r < 2; r++)
    {
        int row = warp * 16 + lane / 4 + 8 * r;
        if (row < count)
        {
            bf16 *to = dFused + (tile.x + row) * stride + (long long)head * HEAD_DIM + lane % 4 * 2;
            store_row(reinterpret_cast<word *>(to), dQueries, r, scale);
        }
    }
}
