#include "common.cuh"
#include "mma.cuh"
#include "streaming.cuh"
#include "halves.cuh"
#include "blocks.cuh"
#include "normed.cuh"
#include "gate.cuh"
#include "block_ring.cuh"

// The product of one row in bf16 with weights in blocks, output = input * weight^T. A product of 16 rows of the weight has eight columns,
// and one row would leave seven of them idle: here a column is a group of weights with a scale of its own. Lane l holds the input of group
// l/4, multiplies it with the codes of every group, and keeps, of what it gets, the sums of the two groups 2 * (l%4) and the next, where
// codes and input are of the same group. So a lane scales two groups of a row and not all, and what codes are raised by and the groups'
// minima need the input's sums once for all groups.

#define TILE_SUMS TILE

// Columns of a group; groups of a record's row, in sets of which a product takes one; lanes of four that have groups.
#define GROUP (HALVES ? 16 : 32)
#define GROUPS (CHUNK / GROUP)
#define SETS (GROUPS > 8 ? 2 : 1)
#define OWNERS (GROUPS / SETS / 2)

// Codes of four bits are multiplied as they lie. A bf16 whose upper eight bits are zero is the number of its lower ones, up to 255, times
// 2^-133, which tensor cores take as any other: of two neighbouring codes one needs no shift, and none is to be taken off. The input is
// larger by 2^64 meanwhile, for sums that fp32 holds, and by 2^60 where codes are 16 times as large.
#define BARE (CODE_BITS == 4)
#define LARGER_PAIR 0x5f805f80u
#define LARGER_BY_LESS_PAIR 0x5d805d80u
#define MINUS_ZEROS 0x80008000u
#define BARE_SCALE 590295810358705651712.0f
#define BARE_MINIMUM (1.0f / 18446744073709551616.0f)

// What the input is multiplied with for its sums: minus one, or minus what codes are raised by. Of bare codes the second pair's input is
// smaller by 16.
#define SUMMING_PAIR (BARE ? 0xbf80bf80u : MINUS_RAISED_PAIR)
#define SUMMING_PAIR_SECOND (BARE ? 0xc180c180u : MINUS_RAISED_PAIR)
#define SUMMED (BARE ? 1 : RAISED)

// What is to be added to a group's codes, in terms of its sum.
#define LACKING (BARE ? ZERO : RAISED)

// The scales and minima of the lane's two groups of a set, in a row, without the super block's, which is common to all.
struct group_scales
{
    float scale[2], minimum[2], common, commonMinimum;

    __device__ __forceinline__ void load(const byte *record, int row, int quad, int set)
    {
        const byte *header = record + SCALES_START;
        if (HALVES)
        {
            word two = *reinterpret_cast<const unsigned short *>(header + row * 16 + set * 8 + quad * 2) ^ 0x8080u;
            scale[0] = float_of_byte(two, 0) - 128.0f;
            scale[1] = float_of_byte(two, 1) - 128.0f;
            common = float_of_half(reinterpret_cast<const unsigned short *>(header + HEADER_BYTES)[row]);
        }
        else if (SUPER)
        {
            // As row_scales has them: two bytes of words 1 to 3, of which the upper lanes put theirs together.
            unit packed = reinterpret_cast<const unit *>(header)[row];
            int shift = quad % 2 * 16;
            word a = packed.at[1] >> shift, b = packed.at[2] >> shift, c = packed.at[3] >> shift;
            word scales = quad < 2 ? a & 0x3f3fu : masked(a >> 2, 0x3030u, c & 0x0f0fu);
            word minima = quad < 2 ? b & 0x3f3fu : masked(b >> 2, 0x3030u, c >> 4 & 0x0f0fu);
            common = float_of_half(packed.at[0]);
            commonMinimum = float_of_half(packed.at[0] >> 16);
#pragma unroll
            for (int e = 0; e < 2; e++)
            {
                scale[e] = float_of_byte(scales, e);
                minimum[e] = float_of_byte(minima, e);
            }
        }
        else if (MINIMUM)
        {
            uint2 two = reinterpret_cast<const uint2 *>(header + row * 16)[quad % OWNERS];
            scale[0] = float_of_half(two.x);
            minimum[0] = -float_of_half(two.x >> 16);
            scale[1] = float_of_half(two.y);
            minimum[1] = -float_of_half(two.y >> 16);
        }
        else
        {
            word two = reinterpret_cast<const word *>(header + row * 8)[quad % OWNERS];
            scale[0] = float_of_half(two);
            scale[1] = float_of_half(two >> 16);
        }

        if (!SUPER)
        {
            common = commonMinimum = 1;
        }
    }
};

// The codes of a slab as pairs of bf16: bare, or raised.
__device__ __forceinline__ void codes_of(word (&pairs)[4], const run_codes &codes, int slab)
{
    if (BARE)
    {
        word bits = codes.low[0].at[slab], upper = bits >> 8;
        pairs[0] = bits & 0x000f000fu;
        pairs[1] = bits & 0x00f000f0u;
        pairs[2] = upper & 0x000f000fu;
        pairs[3] = upper & 0x00f000f0u;
    }
    else
    {
        pairs_of(pairs, codes, slab);
    }
}

// Adds the products of a record with the input of the lane's groups: of the rows l/4 and l/4 + 8, the lane's groups.
__device__ __forceinline__ void multiply_record(
    float (&sums)[2], const byte *record, const unit &input, const float (&inputSums)[SETS][4], int lane)
{
    int quad = lane % 4;
    float parts[SETS][2][2] = {};
#pragma unroll
    for (int run = 0; run < RUNS; run++)
    {
        run_codes codes[2];
        codes[0].load(record, run, 0, lane);
        codes[1].load(record, run, 1, lane);
#pragma unroll
        for (int s = 0; s < RUN_SLABS; s++)
        {
            int slab = run * RUN_SLABS + s, set = HALVES ? slab / 4 : 0;
            word pairs[2][4];
            codes_of(pairs[0], codes[0], s);
            codes_of(pairs[1], codes[1], s);
            word left[4] = {pairs[0][0], pairs[1][0], pairs[0][1], pairs[1][1]};
            word right[4] = {pairs[0][2], pairs[1][2], pairs[0][3], pairs[1][3]};
            float part[4], rest[4];
            product(part, left, input.at[2 * set], input.at[2 * set + 1]);
            if (HALVES)
            {
                product(rest, right, input.at[2 * set], input.at[2 * set + 1]);
            }
            else
            {
                mma(part, right, input.at[2], input.at[3]);
            }

            bool isOwn = quad == (HALVES ? slab % 4 : slab / 2);
#pragma unroll
            for (int h = 0; h < 2; h++)
            {
                if (HALVES)
                {
                    parts[set][h][0] = isOwn ? part[h * 2] : parts[set][h][0];
                    parts[set][h][1] = isOwn ? rest[h * 2 + 1] : parts[set][h][1];
                }
                else
                {
                    float &own = parts[0][h][slab % 2];
                    own = isOwn ? part[h * 2 + slab % 2] : own;
                }
            }
        }
    }

    if (quad >= OWNERS)
    {
        return;
    }

#pragma unroll
    for (int set = 0; set < SETS; set++)
    {
#pragma unroll
        for (int h = 0; h < 2; h++)
        {
            group_scales of;
            of.load(record, h * 8 + lane / 4, quad, set);
            float sum = 0, lacking = 0, minimum = 0;
#pragma unroll
            for (int e = 0; e < 2; e++)
            {
                float inputSum = inputSums[set][e];
                sum += (BARE || LACKING == 0 ? parts[set][h][e] : parts[set][h][e] + inputSum) * of.scale[e];
                if (BARE && LACKING > 0)
                {
                    lacking += inputSum * of.scale[e];
                }

                if (MINIMUM)
                {
                    minimum += inputSum * of.minimum[e];
                }
            }

            sums[h] += sum * (BARE ? of.common * BARE_SCALE : of.common);
            if (BARE && LACKING > 0)
            {
                sums[h] += lacking * (LACKING * BARE_MINIMUM);
            }

            if (MINIMUM)
            {
                sums[h] += minimum * (of.commonMinimum * (BARE ? BARE_MINIMUM : 1.0f / SUMMED));
            }
        }
    }
}

// Bias and `added`, of the output's place and perhaps the output itself, may be null. Block x takes rows of the weight. `second` is null
// without a gate. There is one row; the output's stride is of no account.
extern "C" __global__ void __launch_bounds__(THREADS) block_vector(
    other *output, const bf16 *input, const byte *weight, const byte *second, const bf16 *bias, const other *added, const bf16 *norm,
    float epsilon, int outer, int inner)
{
    extern __shared__ uint4 shared[];
    __shared__ float squares[MOST_WARPS][1];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, innerWarps = blockDim.x / 32, place = threadIdx.y * innerWarps + warp;
    int tile = (blockIdx.x * blockDim.y + threadIdx.y) * OUTPUT_TILES;
    record_ring ring;
    ring.begin(shared, place, weight, second, tile, (outer + TILE - 1) / TILE, (inner + CHUNK - 1) / CHUNK);
    wait_for_launches();
    const bf16 *row = NORMED ? norm_rows(shared, squares, input, norm, 1, inner) : input;

    // Of a chunk the lane's columns of the groups l/4, or l/4 of either set. Groups beyond the input are its last one, and scaled by zero.
    auto load_input = [&](int first) -> unit
    {
        if (HALVES)
        {
            const bf16 *from = row + first + lane * 4;
            uint2 low = *reinterpret_cast<const uint2 *>(from), high = *reinterpret_cast<const uint2 *>(from + 128);
            return {low.x, low.y, high.x, high.y};
        }

        int start = SUPER ? first + lane / 4 * SLAB : min(first + lane / 4 % GROUPS * SLAB, inner - SLAB);
        return *reinterpret_cast<const unit *>(row + start + lane % 4 * 8);
    };

    const word summing[4] = {SUMMING_PAIR, SUMMING_PAIR, SUMMING_PAIR_SECOND, SUMMING_PAIR_SECOND};
    float sums[OUTER_TILES][2] = {};
    unit next = {};
    if (ring.count > 0)
    {
        next = load_input(warp * CHUNK);
    }

    for (int i = 0, stage = 0; i < ring.count; i++, stage = stage + 1 == STAGES ? 0 : stage + 1)
    {
        unit x = next;
        if (i + 1 < ring.count)
        {
            next = load_input(((i + 1) * innerWarps + warp) * CHUNK);
        }

        if (BARE)
        {
#pragma unroll
            for (int j = 0; j < 4; j++)
            {
                x.at[j] = multiply_add_pairs(x.at[j], j % 2 == 0 ? LARGER_PAIR : LARGER_BY_LESS_PAIR, MINUS_ZEROS);
            }
        }

        float inputSums[SETS][4] = {};
        if (LACKING > 0 || MINIMUM)
        {
            product(inputSums[0], summing, x.at[0], x.at[1]);
            if (HALVES)
            {
                product(inputSums[SETS - 1], summing, x.at[2], x.at[3]);
            }
            else
            {
                mma(inputSums[0], summing, x.at[2], x.at[3]);
            }
        }

        const byte *chunk = ring.wait(stage);
#pragma unroll
        for (int m = 0; m < OUTER_TILES; m++)
        {
            multiply_record(sums[m], chunk + m * RECORD, x, inputSums, lane);
        }

        __syncwarp();
        ring.ask(i + STAGES, stage);
    }

    // The ring has been read, and takes the warps' sums: [outer warps, inner warps, OUTER_TILES, TILE].
    wait_copies<0>();
    __syncthreads();
    float *shares = reinterpret_cast<float *>(shared);
#pragma unroll
    for (int m = 0; m < OUTER_TILES; m++)
    {
#pragma unroll
        for (int h = 0; h < 2; h++)
        {
            float sum = row_sum(sums[m][h]);
            if (lane % 4 == 0)
            {
                shares[(place * OUTER_TILES + m) * TILE_SUMS + h * 8 + lane / 4] = sum;
            }
        }
    }

    __syncthreads();
    const int warpSums = OUTER_TILES * TILE_SUMS;
    shares += threadIdx.y * innerWarps * warpSums;
    for (int o = threadIdx.x; o < OUTPUT_TILES * TILE; o += blockDim.x)
    {
        int n = o % TILE, m = o / TILE, at = (tile + m) * TILE + n;
        if (at >= outer)
        {
            continue;
        }

        float factor = NORMED ? norm_factor(squares, 0, inner, epsilon) : 1;
        float up = GATED ? __fmul_rn(joined(shares, warpSums, TILE_SUMS + n), factor) : 0;
        float value = completed(__fmul_rn(joined(shares, warpSums, m * TILE_SUMS + n), factor), up, bias, at, outer);
        from_float(output[at], added ? value + to_float(added[at]) : value);
    }
}
