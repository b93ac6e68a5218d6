#include "common.cuh"
#include "mma.cuh"
#include "flash.cuh"
#include "wgmma.cuh"
#include "tma.cuh"
#include "flash_hopper.cuh"

// The sums of flash_backward_keys (flash_backward.cu) for head dimensions 64 and 128 with Hopper's asynchronous products and
// copies, in steps of 64 queries.

extern "C" __global__ void __launch_bounds__(THREADS, 1) flash_backward_keys_hopper(
    bf16 *dFused, const __grid_constant__ tensor_map fused, const __grid_constant__ tensor_map dOutput,
    const __grid_constant__ tensor_map terms, const int *shares, const work *items, int queryHeads, int keyValueHeads, float scale,
    int window)
{
    extern __shared__ bf16 dynamic[];
    flash_shared shared(dynamic);
    shared.make_barriers();
    int group = warpgroup(), lane = threadIdx.x % 32, heads = queryHeads / keyValueHeads;
    share own(shares, items);
    if (group == GROUPS)
    {
        copy_items(
            shared, own,
            [&](bf16 *to, const work &item, int row, barrier *full)
            {
                copy_tile(to, fused, queryHeads + item.head, row, full);
                copy_tile(to + GROUPS * TILE, fused, queryHeads + keyValueHeads + item.head, row, full);
            },
            [&](const work &item, ring_place &place)
            {
                steps all = query_steps(item.first, item.count, item.length, window);
                for (int head = item.head * heads; head < (item.head + 1) * heads; head++)
                {
                    for (int t = all.first; t <= all.last; t++)
                    {
                        int row = item.row - item.first + t * TILE_ROWS;
                        barrier *full = shared.full + place.stage;
                        bf16 *pair = shared.pair_at(place.stage);
                        shared.wait_empty(place);
                        arrive_expecting(full, 2 * TILE_BYTES + FLOATS_OF_PAIR * (int)sizeof(float));
                        copy_tile(pair, fused, head, row, full);
                        copy_tile(pair + TILE, dOutput, head, row, full);
                        copy_row(shared.floats_at(place.stage), terms, 2 * head + row % 2, row / 2 * 4, full);
                        place.advance();
                    }
                }
            });
        return;
    }

    take_registers<COMPUTING_REGISTERS>();
    work item;
    ring_place place;
    factor_place ring = place_of(shared.ring);
    float scale2 = scale * LOG2_E;
    while (own.take(item))
    {
        factor_place keys = place_of(shared.owned_of(own.number) + group * TILE), values = keys + GROUPS * TILE_PLACES;
        int first = item.first + group * TILE_ROWS, count = item.count - group * TILE_ROWS;
        int key = first + threadIdx.x % GROUP_THREADS / 32 * 16 + lane / 4;
        steps all = query_steps(item.first, item.count, item.length, window);
        steps mine = query_steps(first, min(count, TILE_ROWS), item.length, window);
        shared.wait_owned(own.number);
        float dKeys[PANELS][8][4] = {}, dValues[PANELS][8][4] = {};
        for (int head = 0; head < heads; head++)
        {
            for (int t = all.first; t <= all.last; t++)
            {
                if (t < mine.first || t > mine.last)
                {
                    shared.skip(place);
                    continue;
                }

                factor_place queries = ring + place.stage * 2 * TILE_PLACES, dOut = queries + TILE_PLACES;
                const float4 *termsOfTwo = reinterpret_cast<const float4 *>(shared.floats_at(place.stage)) + lane % 4;

                // s = k * q^T and dp = v * do^T: 64 keys by 64 queries.
                float s[8][4], dp[8][4];
                shared.wait_full(place);
                begin_products();
                begin_scores(s, keys, queries);
                begin_scores(dp, values, dOut);
                wait_products<1>();
                settle(s);
                auto weigh = [&](bool whole)
                {
#pragma unroll
                    for (int n = 0; n < 8; n++)
                    {
                        float4 two = termsOfTwo[n * 4];
#pragma unroll
                        for (int k = 0; k < 4; k++)
                        {
                            int query = t * TILE_ROWS + n * 8 + lane % 4 * 2 + k % 2;
                            bool seen = whole || (query < item.length && sees(query, key + k / 2 * 8, window));
                            s[n][k] = seen ? power_of_two(s[n][k] * scale2 - (k % 2 ? two.z : two.x)) : 0.0f;
                        }
                    }
                };
                int query0 = t * TILE_ROWS;
                if (query0 >= first + TILE_ROWS - 1 && query0 + TILE_ROWS <= item.length
                    && (window == 0 || query0 + TILE_ROWS - 1 < first + window))
                {
                    weigh(true);
                }
                else
                {
                    weigh(false);
                }

                // dv += p * do and dk += ds * q
                word factor[4][4];
                round_to_factor(factor, s);
                begin_products();
                begin_sum(dValues, factor, dOut);
                wait_products<1>();
                settle(dp);
#pragma unroll
                for (int n = 0; n < 8; n++)
                {
                    float4 two = termsOfTwo[n * 4];
#pragma unroll
                    for (int k = 0; k < 4; k++)
                    {
                        dp[n][k] = s[n][k] * (dp[n][k] - (k % 2 ? two.w : two.y));
                    }
                }

                word dFactor[4][4];
                round_to_factor(dFactor, dp);
                begin_products();
                begin_sum(dKeys, dFactor, queries);
                wait_products<0>();
                settle(dValues);
                settle(dKeys);
                shared.release(place.stage);
                place.advance();
            }
        }

        shared.release_owned(own.number);
        long long stride = (long long)(queryHeads + 2 * keyValueHeads) * HEAD_DIM;
        bf16 *to = dFused + (item.row + group * TILE_ROWS) * stride + (long long)(queryHeads + item.head) * HEAD_DIM;
        write_rows(to, stride, dKeys, count, scale, scale);
        write_rows(to + (long long)keyValueHeads * HEAD_DIM, stride, dValues, count, 1, 1);
    }
}
