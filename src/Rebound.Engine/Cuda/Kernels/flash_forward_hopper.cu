#include "common.cuh"
#include "mma.cuh"
#include "flash.cuh"
#include "wgmma.cuh"
#include "tma.cuh"
#include "flash_hopper.cuh"

// The forward of flash_forward.cu for head dimensions 64 and 128 with Hopper's asynchronous products and copies, in steps of
// 64 keys. A step's scores are computed while the values of the step before are added up.

// Takes away the scores of keys that a query does not see, in a step that has such.
__device__ __forceinline__ void mask_step(float (&s)[8][4], int step, int first, int window)
{
    int key0 = step * TILE_ROWS;
    if (key0 + TILE_ROWS - 1 > first || (window > 0 && key0 <= first + TILE_ROWS - 1 - window))
    {
        mask(s, key0, first + threadIdx.x % GROUP_THREADS / 32 * 16 + threadIdx.x % 32 / 4, window);
    }
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) flash_forward_hopper(
    bf16 *output, float *logSumExp, const __grid_constant__ tensor_map fused, const int *shares, const work *items,
    int queryHeads, int keyValueHeads, float scale, int window)
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
            [&](bf16 *to, const work &item, int row, barrier *full) { copy_tile(to, fused, item.head, row, full); },
            [&](const work &item, ring_place &place)
            { copy_keys(shared, place, fused, item, queryHeads, keyValueHeads, window); });
        return;
    }

    take_registers<COMPUTING_REGISTERS>();
    work item;
    ring_place place;
    factor_place ring = place_of(shared.ring);
    float scale2 = scale * LOG2_E;
    while (own.take(item))
    {
        factor_place queries = place_of(shared.owned_of(own.number) + group * TILE);
        int first = item.first + group * TILE_ROWS, count = item.count - group * TILE_ROWS;
        steps all = key_steps(item.first, item.count, window), mine = key_steps(first, min(count, TILE_ROWS), window);
        shared.wait_owned(own.number);
        int t = all.first;
        if (mine.first > mine.last)
        {
            shared.release_owned(own.number);
            for (; t <= all.last; t++)
            {
                shared.skip(place);
            }

            continue;
        }

        for (; t < mine.first; t++)
        {
            shared.skip(place);
        }

        float o[PANELS][8][4] = {}, s[8][4], keep[2];
        softmax running;
        word factor[4][4];
        shared.wait_full(place);
        begin_products();
        begin_scores(s, queries, ring + place.stage * 2 * TILE_PLACES);
        wait_products<0>();
        settle(s);
        mask_step(s, t, first, window);
        running.weigh(s, keep, scale2);
        round_to_factor(factor, s);
        int held = place.stage;
        place.advance();
        for (t++; t <= mine.last; t++)
        {
            shared.wait_full(place);
            begin_products();
            begin_scores(s, queries, ring + place.stage * 2 * TILE_PLACES);
            begin_sum(o, factor, ring + (held * 2 + 1) * TILE_PLACES);
            wait_products<1>();
            settle(s);
            mask_step(s, t, first, window);
            running.weigh(s, keep, scale2);
            wait_products<0>();
            settle(o);
            shared.release(held);
#pragma unroll
            for (int panel = 0; panel < PANELS; panel++)
            {
#pragma unroll
                for (int n = 0; n < 8; n++)
                {
#pragma unroll
                    for (int k = 0; k < 4; k++)
                    {
                        o[panel][n][k] *= keep[k / 2];
                    }
                }
            }

            round_to_factor(factor, s);
            held = place.stage;
            place.advance();
        }

        shared.release_owned(own.number);
        begin_products();
        begin_sum(o, factor, ring + (held * 2 + 1) * TILE_PLACES);
        wait_products<0>();
        settle(o);
        shared.release(held);
        for (; t <= all.last; t++)
        {
            shared.skip(place);
        }

        int lane = threadIdx.x % 32, row = threadIdx.x % GROUP_THREADS / 32 * 16 + lane / 4;
        long long head = (long long)(item.row + group * TILE_ROWS) * queryHeads + item.head;
        float total[2];
#pragma unroll
        for (int r = 0; r < 2; r++)
        {
            total[r] = running.total(r);
            if (lane % 4 == 0 && row + 8 * r < count)
            {
                logSumExp[head + (long long)(row + 8 * r) * queryHeads] = running.log_sum(r, total[r]);
            }
        }

        write_rows(output + head * HEAD_DIM, (long long)queryHeads * HEAD_DIM, o, count, 1.0f / total[0], 1.0f / total[1]);
    }
}
