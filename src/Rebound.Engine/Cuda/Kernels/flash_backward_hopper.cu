#include "common.cuh"
#include "mma.cuh"
#include "wgmma.cuh"

// The backward of flash_backward.cu for head dimensions 64 and 128 with Hopper's asynchronous products: the same sums in
// the same division of labour, one kernel owning keys and one owning queries, in steps of 64.
//
// tiles[y] = { row of the tile's first token, its position, tokens in the tile, tokens of the document }.

#define THREADS 128

// Blocks that a multiprocessor is to run at once, which limits their registers.
#define BLOCKS (HEAD_DIM == 64 ? 3 : 2)

__device__ __forceinline__ bool sees(int query, int key, int window)
{
    return key <= query && (window == 0 || key > query - window);
}

// Two factors' products with a tile that passes by: s = a * x^T and dp = b * y^T, begun and not waited for.
__device__ __forceinline__ void begin_scores(
    float (&s)[8][4], float (&dp)[8][4], const bf16 *a, const bf16 *b, const bf16 *x, const bf16 *y)
{
    begin_products();
#pragma unroll
    for (int k = 0; k < HEAD_DIM / 16; k++)
    {
        wgmma(s, along_rows(a, k), along_rows(x, k), k > 0);
    }

    commit_products();
#pragma unroll
    for (int k = 0; k < HEAD_DIM / 16; k++)
    {
        wgmma(dp, along_rows(b, k), along_rows(y, k), k > 0);
    }

    commit_products();
}

__device__ __forceinline__ void write_rows(
    bf16 *to, long long stride, float (&d)[PANELS][8][4], int count, float scale)
{
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
#pragma unroll
    for (int r = 0; r < 2; r++)
    {
        int row = warp * 16 + lane / 4 + 8 * r;
        if (row < count)
        {
            word *place = reinterpret_cast<word *>(to + row * stride + lane % 4 * 2);
#pragma unroll
            for (int panel = 0; panel < PANELS; panel++)
            {
#pragma unroll
                for (int n = 0; n < 8; n++)
                {
                    place[panel * 32 + n * 4] = pair(d[panel][n][2 * r] * scale, d[panel][n][2 * r + 1] * scale);
                }
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(THREADS, BLOCKS) flash_backward_keys_hopper(
    bf16 *dFused, const bf16 *dOutput, const bf16 *fused, const float *logSumExp, const float *delta, const int4 *tiles,
    int queryHeads, int keyValueHeads, float scale, int window)
{
    extern __shared__ bf16 shared[];
    bf16 *keyTile = first_tile(shared);
    bf16 *valueTile = keyTile + TILE;
    bf16 *queryTiles = valueTile + TILE;
    bf16 *dOutputTiles = queryTiles + 2 * TILE;
    float *sums = reinterpret_cast<float *>(dOutputTiles + 2 * TILE);
    float *deltas = sums + 2 * TILE_ROWS;

    int4 tile = tiles[blockIdx.y];
    int keyHead = blockIdx.x, group = queryHeads / keyValueHeads;
    int first = tile.y, count = tile.z, length = tile.w;
    long long stride = (long long)(queryHeads + 2 * keyValueHeads) * HEAD_DIM;
    long long documentRow = tile.x - first;
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;

    const bf16 *keys = fused + tile.x * stride + (long long)(queryHeads + keyHead) * HEAD_DIM;
    copy_panels(keyTile, keys, stride, count);
    copy_panels(valueTile, keys + (long long)keyValueHeads * HEAD_DIM, stride, count);

    // Queries first to end - 1 see keys of this tile; steps of all heads of the group follow each other.
    int end = window > 0 ? min(length, first + count - 1 + window) : length;
    int steps = (end - first + TILE_ROWS - 1) / TILE_ROWS;
    int rounds = steps * group;

    // The step that is copied next: its head, and its first query.
    int head = keyHead * group, query = first;
    auto copy_queries = [&](int buffer)
    {
        int valid = min(TILE_ROWS, length - query);
        copy_panels(
            queryTiles + buffer * TILE, fused + (documentRow + query) * stride + (long long)head * HEAD_DIM, stride, valid);
        copy_panels(
            dOutputTiles + buffer * TILE, dOutput + ((documentRow + query) * queryHeads + head) * HEAD_DIM,
            (long long)queryHeads * HEAD_DIM, valid);
        int row = threadIdx.x % TILE_ROWS;
        bool inside = row < valid, ofSums = threadIdx.x < TILE_ROWS;
        long long at = (documentRow + query + (inside ? row : 0)) * queryHeads + head;
        copy_word_async((ofSums ? sums : deltas) + buffer * TILE_ROWS + row, (ofSums ? logSumExp : delta) + at, inside);
        commit_copies();
        query += TILE_ROWS;
        if (query >= end)
        {
            query = first;
            head++;
        }
    };

    copy_queries(0);
    float dKeys[PANELS][8][4] = {}, dValues[PANELS][8][4] = {};
    float scale2 = scale * LOG2_E;
    int keyOfRow[2] = {first + warp * 16 + lane / 4, first + warp * 16 + lane / 4 + 8};

    int query0 = first;
    for (int round = 0; round < rounds; round++)
    {
        if (round + 1 < rounds)
        {
            copy_queries(round + 1 & 1);
            wait_copies<1>();
        }
        else
        {
            wait_copies<0>();
        }

        show_copies();
        __syncthreads();
        int buffer = round & 1;
        const bf16 *queries = queryTiles + buffer * TILE, *dOut = dOutputTiles + buffer * TILE;
        const float *sumOf = sums + buffer * TILE_ROWS, *deltaOf = deltas + buffer * TILE_ROWS;

        // s = k * q^T and dp = v * do^T: 64 keys by 64 queries.
        float s[8][4], dp[8][4];
        begin_scores(s, dp, keyTile, valueTile, queries, dOut);
        wait_products<1>();
        settle(s);
        auto weigh = [&](bool whole)
        {
#pragma unroll
            for (int n = 0; n < 8; n++)
            {
                int column = n * 8 + lane % 4 * 2;
                float2 sum = *reinterpret_cast<const float2 *>(sumOf + column);
#pragma unroll
                for (int i = 0; i < 4; i++)
                {
                    int seeing = query0 + column + i % 2;
                    bool seen = whole || (seeing < length && sees(seeing, keyOfRow[i / 2], window));
                    s[n][i] = seen ? power_of_two(s[n][i] * scale2 - (i % 2 ? sum.y : sum.x) * LOG2_E) : 0.0f;
                }
            }
        };
        if (query0 >= first + TILE_ROWS - 1 && query0 + TILE_ROWS <= length
            && (window == 0 || query0 + TILE_ROWS - 1 < first + window))
        {
            weigh(true);
        }
        else
        {
            weigh(false);
        }

        // dv += p * do and dk += ds * q
        word factor[4][4], dFactor[4][4];
        round_to_factor(factor, s);
        wait_products<0>();
        settle(dp);
#pragma unroll
        for (int n = 0; n < 8; n++)
        {
            float2 mean = *reinterpret_cast<const float2 *>(deltaOf + n * 8 + lane % 4 * 2);
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                dp[n][i] = s[n][i] * (dp[n][i] - (i % 2 ? mean.y : mean.x));
            }
        }

        round_to_factor(dFactor, dp);
        begin_products();
        begin_sum(dValues, factor, dOut);
        begin_sum(dKeys, dFactor, queries);
        commit_products();
        wait_products<0>();
        __syncthreads();
        query0 = query0 + TILE_ROWS < end ? query0 + TILE_ROWS : first;
    }

#pragma unroll
    for (int panel = 0; panel < PANELS; panel++)
    {
        settle(dKeys[panel]);
        settle(dValues[panel]);
    }

    bf16 *to = dFused + tile.x * stride + (long long)(queryHeads + keyHead) * HEAD_DIM;
    write_rows(to, stride, dKeys, count, scale);
    write_rows(to + (long long)keyValueHeads * HEAD_DIM, stride, dValues, count, 1);
}

extern "C" __global__ void __launch_bounds__(THREADS, BLOCKS) flash_backward_queries_hopper(
    bf16 *dFused, const bf16 *dOutput, const bf16 *fused, const float *logSumExp, const float *delta, const int4 *tiles,
    int queryHeads, int keyValueHeads, float scale, int window)
{
    extern __shared__ bf16 shared[];
    bf16 *queryTile = first_tile(shared);
    bf16 *dOutputTile = queryTile + TILE;
    bf16 *keyTiles = dOutputTile + TILE;
    bf16 *valueTiles = keyTiles + 2 * TILE;

    int4 tile = tiles[blockIdx.y];
    int head = blockIdx.x, keyHead = head / (queryHeads / keyValueHeads);
    int first = tile.y, count = tile.z;
    long long stride = (long long)(queryHeads + 2 * keyValueHeads) * HEAD_DIM;
    long long documentRow = tile.x - first;
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;

    copy_panels(queryTile, fused + tile.x * stride + (long long)head * HEAD_DIM, stride, count);
    copy_panels(
        dOutputTile, dOutput + ((long long)tile.x * queryHeads + head) * HEAD_DIM, (long long)queryHeads * HEAD_DIM, count);

    int limit = first + count;
    int firstStep = window > 0 ? max(0, first - window + 1) / TILE_ROWS : 0;
    int lastStep = (limit - 1) / TILE_ROWS;

    auto copy_keys = [&](int t)
    {
        int buffer = t & 1, valid = min(TILE_ROWS, limit - t * TILE_ROWS);
        const bf16 *keys = fused + (documentRow + t * TILE_ROWS) * stride + (long long)(queryHeads + keyHead) * HEAD_DIM;
        copy_panels(keyTiles + buffer * TILE, keys, stride, valid);
        copy_panels(valueTiles + buffer * TILE, keys + (long long)keyValueHeads * HEAD_DIM, stride, valid);
        commit_copies();
    };

    copy_keys(firstStep);
    float dQueries[PANELS][8][4] = {};
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

        show_copies();
        __syncthreads();
        const bf16 *keys = keyTiles + (t & 1) * TILE, *values = valueTiles + (t & 1) * TILE;

        // s = q * k^T and dp = do * v^T: 64 queries by 64 keys.
        float s[8][4], dp[8][4];
        begin_scores(s, dp, queryTile, dOutputTile, keys, values);
        wait_products<1>();
        settle(s);
        auto weigh = [&](bool whole)
        {
#pragma unroll
            for (int n = 0; n < 8; n++)
            {
#pragma unroll
                for (int i = 0; i < 4; i++)
                {
                    int key = t * TILE_ROWS + n * 8 + lane % 4 * 2 + i % 2;
                    bool seen = whole || (key < limit && sees(queryOfRow[i / 2], key, window));
                    s[n][i] = seen ? power_of_two(s[n][i] * scale2 - sumOfRow[i / 2]) : 0.0f;
                }
            }
        };
        if (t * TILE_ROWS + TILE_ROWS - 1 <= first && (window == 0 || t * TILE_ROWS > first + TILE_ROWS - 1 - window))
        {
            weigh(true);
        }
        else
        {
            weigh(false);
        }

        wait_products<0>();
        settle(dp);
#pragma unroll
        for (int n = 0; n < 8; n++)
        {
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                dp[n][i] = s[n][i] * (dp[n][i] - deltaOfRow[i / 2]);
            }
        }

        // dq += ds * k
        word dFactor[4][4];
        round_to_factor(dFactor, dp);
        begin_products();
        begin_sum(dQueries, dFactor, keys);
        commit_products();
        wait_products<0>();
        __syncthreads();
    }

#pragma unroll
    for (int panel = 0; panel < PANELS; panel++)
    {
        settle(dQueries[panel]);
    }

    write_rows(dFused + tile.x * stride + (long long)head * HEAD_DIM, stride, dQueries, count, scale);
}
