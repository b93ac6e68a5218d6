#include "common.cuh"
#include "mma.cuh"
#include "flash.cuh"
#include "wgmma.cuh"
#include "tma.cuh"
#include "flash_hopper.cuh"

// The sums of flash_backward_queries (flash_backward.cu) for head dimensions 64 and 128 with Hopper's asynchronous products
// and copies, in steps of 64 keys.
//
// It also writes the terms of a query that the kernel of the keys takes: { log2(e) * logSumExp, delta }. A copy has to begin at
// a multiple of 16 bytes, and so at every other term; a head therefore has two rows of them, each with room for `termsOfRow`.
// The first is in order of tokens. The second begins with token 1, and ends with token 0, which is never asked for there.

// Half a row of the output, for each two lanes of a warp that has 16 rows.
struct half_row
{
    static constexpr int units = HEAD_DIM / 16;
    uint4 values[units];
    int row;

    __device__ __forceinline__ void read(const bf16 *output, long long stride, int count)
    {
        row = threadIdx.x % GROUP_THREADS / 2;
        const uint4 *from = reinterpret_cast<const uint4 *>(output + row * stride) + threadIdx.x % 2 * units;
#pragma unroll
        for (int i = 0; i < units; i++)
        {
            values[i] = row < count ? from[i] : uint4{};
        }
    }

    // The whole row's product with the same row of a tile.
    __device__ __forceinline__ float times(const bf16 *tile) const
    {
        float sum = 0;
#pragma unroll
        for (int i = 0; i < units; i++)
        {
            int unit = threadIdx.x % 2 * units + i;
            uint4 other = *reinterpret_cast<const uint4 *>(
                tile + unit / 8 * PANEL + row * PANEL_COLUMNS + (unit % 8 ^ row % 8) * 8);
            sum = add_products(sum, values[i].x, other.x);
            sum = add_products(sum, values[i].y, other.y);
            sum = add_products(sum, values[i].z, other.z);
            sum = add_products(sum, values[i].w, other.w);
        }

        return sum + __shfl_xor_sync(0xffffffffu, sum, 1);
    }

private:
    // Of two pairs of bf16.
    __device__ __forceinline__ static float add_products(float sum, word a, word b)
    {
        sum += __uint_as_float(a << 16) * __uint_as_float(b << 16);
        return sum + __uint_as_float(a & 0xffff0000u) * __uint_as_float(b & 0xffff0000u);
    }
};

extern "C" __global__ void __launch_bounds__(THREADS, 1) flash_backward_queries_hopper(
    bf16 *dFused, float2 *terms, const __grid_constant__ tensor_map fused, const __grid_constant__ tensor_map dOutput,
    const bf16 *output, const float *logSumExp, const int *shares, const work *items, int queryHeads, int keyValueHeads,
    int tokens, int termsOfRow, float scale, int window)
{
    extern __shared__ bf16 dynamic[];
    flash_shared shared(dynamic);
    shared.make_barriers();
    int group = warpgroup();
    share own(shares, items);
    if (group == GROUPS)
    {
        copy_items(
            shared, own,
            [&](bf16 *to, const work &item, int row, barrier *full)
            {
                copy_tile(to, fused, item.head, row, full);
                copy_tile(to + GROUPS * TILE, dOutput, item.head, row, full);
            },
            [&](const work &item, ring_place &place)
            { copy_keys(shared, place, fused, item, queryHeads, keyValueHeads, window); });
        return;
    }

    take_registers<COMPUTING_REGISTERS>();
    work item;
    ring_place place;
    factor_place ring = place_of(shared.ring);
    int lane = threadIdx.x % 32, rowOfTile = threadIdx.x % GROUP_THREADS / 32 * 16 + lane / 4;
    float scale2 = scale * LOG2_E;
    while (own.take(item))
    {
        const bf16 *tiles = shared.owned_of(own.number) + group * TILE;
        factor_place queries = place_of(tiles), dOut = queries + GROUPS * TILE_PLACES;
        int first = item.first + group * TILE_ROWS, count = item.count - group * TILE_ROWS;
        long long row = item.row + group * TILE_ROWS;
        steps all = key_steps(item.first, item.count, window), mine = key_steps(first, min(count, TILE_ROWS), window);
        half_row made;
        made.read(output + (row * queryHeads + item.head) * HEAD_DIM, (long long)queryHeads * HEAD_DIM, count);
        shared.wait_owned(own.number);
        float delta = made.times(tiles + GROUPS * TILE), sum = 0;
        if (made.row < count)
        {
            int token = (int)row + made.row, second = lane % 2, place = token - second;
            sum = logSumExp[(long long)token * queryHeads + item.head] * LOG2_E;
            terms[(2ll * item.head + second) * termsOfRow + (place < 0 ? tokens - 1 : place)] = {sum, delta};
        }

        float sumOfRow[2], deltaOfRow[2];
#pragma unroll
        for (int r = 0; r < 2; r++)
        {
            int source = (lane / 4 + 8 * r) * 2;
            sumOfRow[r] = __shfl_sync(0xffffffffu, sum, source);
            deltaOfRow[r] = __shfl_sync(0xffffffffu, delta, source);
        }

        float dQueries[PANELS][8][4] = {};
        word dFactor[4][4];
        int held = -1;
        for (int t = all.first; t <= all.last; t++)
        {
            if (t < mine.first || t > mine.last)
            {
                shared.skip(place);
                continue;
            }

            factor_place keys = ring + place.stage * 2 * TILE_PLACES, values = keys + TILE_PLACES;

            // s = q * k^T and dp = do * v^T: 64 queries by 64 keys.
            float s[8][4], dp[8][4];
            shared.wait_full(place);
            begin_products();
            begin_scores(s, queries, keys);
            begin_scores(dp, dOut, values);
            wait_products<1>();
            settle(s);
            if (held >= 0)
            {
                shared.release(held);
            }

            auto weigh = [&](bool whole)
            {
#pragma unroll
                for (int n = 0; n < 8; n++)
                {
#pragma unroll
                    for (int k = 0; k < 4; k++)
                    {
                        int key = t * TILE_ROWS + n * 8 + lane % 4 * 2 + k % 2;
                        bool seen = whole || sees(first + rowOfTile + k / 2 * 8, key, window);
                        s[n][k] = seen ? power_of_two(s[n][k] * scale2 - sumOfRow[k / 2]) : 0.0f;
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
                for (int k = 0; k < 4; k++)
                {
                    dp[n][k] = s[n][k] * (dp[n][k] - deltaOfRow[k / 2]);
                }
            }

            // dq += ds * k, which the next step waits for
            round_to_factor(dFactor, dp);
            begin_products();
            begin_sum(dQueries, dFactor, keys);
            held = place.stage;
            place.advance();
        }

        shared.release_owned(own.number);
        wait_products<0>();
        settle(dQueries);
        if (held >= 0)
        {
            shared.release(held);
        }

        long long stride = (long long)(queryHeads + 2 * keyValueHeads) * HEAD_DIM;
        write_rows(dFused + row * stride + (long long)item.head * HEAD_DIM, stride, dQueries, count, scale, scale);
    }
}
