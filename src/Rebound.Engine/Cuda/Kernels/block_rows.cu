#include "common.cuh"
#include "mma.cuh"
#include "streaming.cuh"
#include "halves.cuh"
#include "blocks.cuh"

// Rows of weights in blocks: from ggml's layout to that of blocks.cuh, and from there to bf16 or fp32, which are of the other type.

#define BLOCK_VALUES (SUPER ? 256 : 32)
#define CODES_START (SUPER ? (CODE_BITS == 6 ? 0 : 16) : MINIMUM ? 4 : 2)
#define BLOCK_BYTES (CODE_BITS == 6 ? 210 : CODES_START + BLOCK_VALUES * CODE_BITS / 8)
#define RECORD_WORDS (RECORD / 4)

// The code of a value as its block holds it.
__device__ __forceinline__ word code_of(const byte *block, int value)
{
    if (CODE_BITS == 8)
    {
        return block[CODES_START + value];
    }
    else if (CODE_BITS == 6)
    {
        int half = value / 128, within = value % 128;
        word low = block[half * 64 + within % 64] >> within / 64 * 4 & 15;
        return low | (block[128 + half * 32 + within % 32] >> within / 32 * 2 & 3) << 4;
    }
    else if (SUPER)
    {
        const byte *nibbles = block + CODES_START + (CODE_BITS == 5 ? 32 : 0);
        word low = nibbles[value / 64 * 32 + value % 32] >> value % 64 / 32 * 4 & 15;
        return CODE_BITS == 5 ? low | (block[CODES_START + value % 32] >> value / 32 & 1) << 4 : low;
    }
    else
    {
        const byte *nibbles = block + CODES_START + (CODE_BITS == 5 ? 4 : 0);
        word low = nibbles[value % 16] >> value / 16 * 4 & 15;
        return CODE_BITS == 5 ? low | (block[CODES_START + value / 8] >> value % 8 & 1) << 4 : low;
    }
}

__device__ __forceinline__ word half_at(const byte *bytes)
{
    return bytes[0] | (word)bytes[1] << 8;
}

// A word of the records of a matrix for each thread, from [rows, width / BLOCK_VALUES] blocks.
extern "C" __global__ void store_blocks(word *records, const byte *blocks, int rows, int width)
{
    long long index = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    int chunks = (width + CHUNK - 1) / CHUNK, at = index % RECORD_WORDS;
    long long record = index / RECORD_WORDS;
    int chunk = record % chunks, rowBlocks = width / BLOCK_VALUES;
    long long tile = record / chunks;
    if (tile >= (rows + TILE - 1) / TILE)
    {
        return;
    }

    // The block that holds a column of the chunk; null beyond the matrix.
    auto block_of = [&](int row, int columnOfChunk) -> const byte *
    {
        long long of = tile * TILE + row;
        int block = (chunk * CHUNK + columnOfChunk) / BLOCK_VALUES;
        return of < rows && block < rowBlocks ? blocks + (of * rowBlocks + block) * BLOCK_BYTES : nullptr;
    };
    auto code = [&](int row, int run, int slab, int quad, int pair, int half) -> word
    {
        int c = (run * RUN_SLABS + slab) * SLAB + column(quad, pair, half);
        const byte *block = block_of(row, c);
        return block ? code_of(block, c % BLOCK_VALUES) : 0;
    };

    word r = 0;
    if (at < UPPER_START / 4)
    {
        int run = at / (LOW_BYTES / 4), in = at % (LOW_BYTES / 4), lane = in % 128 / 4, row = in / 128 % 2 * 8 + lane / 4;
        if (CODE_BITS == 8)
        {
            for (int i = 0; i < 4; i++)
            {
                r |= code(row, run, in / 256 * 2 + in % 4 / 2, lane % 4, in % 2 * 2 + i % 2, i / 2) << 8 * i;
            }
        }
        else
        {
            for (int i = 0; i < 8; i++)
            {
                r |= (code(row, run, in % 4, lane % 4, i % 4, i / 4) & 15) << 4 * i;
            }
        }
    }
    else if (at < SCALES_START / 4)
    {
        int of = at - UPPER_START / 4, run = of / (UPPER_BYTES / 4 + (UPPER_BYTES == 0)), in = of - run * (UPPER_BYTES / 4);
        if (CODE_BITS == 5)
        {
            for (int i = 0; i < 32; i++)
            {
                r |= (code(in % 2 * 8 + in / 8, run, i % 16 / 4, in / 2 % 4, i % 4, i / 16) >> 4) << i;
            }
        }
        else
        {
            for (int i = 0; i < 16; i++)
            {
                r |= (code(in / 2 % 2 * 8 + in / 16, run, in % 2 * 2 + i % 8 / 4, in / 4 % 4, i % 4, i / 8) >> 4) << 2 * i;
            }
        }
    }
    else
    {
        int in = at - SCALES_START / 4;
        if (HALVES && in >= HEADER_BYTES / 4)
        {
            for (int i = 0; i < 2; i++)
            {
                const byte *block = block_of((in - HEADER_BYTES / 4) * 2 + i, 0);
                r |= (block ? half_at(block + BLOCK_BYTES - 2) : 0) << 16 * i;
            }
        }
        else if (SUPER)
        {
            const byte *block = block_of(in / 4, 0);
            const byte *from = block + (HALVES ? 192 : 0) + in % 4 * 4;
            r = block ? half_at(from) | half_at(from + 2) << 16 : 0;
        }
        else if (MINIMUM)
        {
            const byte *block = block_of(in / 4, in % 4 * SLAB);
            r = block ? half_at(block) | half_at(block + 2) << 16 : 0;
        }
        else
        {
            for (int i = 0; i < 2; i++)
            {
                const byte *block = block_of(in / 2, (in % 2 * 2 + i) * SLAB);
                r |= (block ? half_at(block) : 0) << 16 * i;
            }
        }
    }

    records[index] = r;
}

// Four or eight values at once.
template <int Count>
__device__ __forceinline__ void store_values(other *to, const float (&values)[8], int first)
{
    struct alignas(sizeof(other) * Count > 16 ? 16 : sizeof(other) * Count) group
    {
        other value[Count];
    } r;
#pragma unroll
    for (int i = 0; i < Count; i++)
    {
        from_float(r.value[i], values[first + i]);
    }

    *reinterpret_cast<group *>(to) = r;
}

// A lane's share of a record, of one of its rows, to the row; rounded after each operation, as ggml does.
__device__ __forceinline__ void widen(other *row, const byte *record, int half, int lane, int first, int width)
{
    row_scales scales;
    scales.load(record, half * 8 + lane / 4);
#pragma unroll
    for (int run = 0; run < RUNS; run++)
    {
        run_codes codes;
        codes.load(record, run, half, lane);
#pragma unroll
        for (int s = 0; s < RUN_SLABS; s++)
        {
            int slab = run * RUN_SLABS + s, at = first + slab * SLAB;
            if (at >= width)
            {
                continue;
            }

            word pairs[4];
            pairs_of(pairs, codes, s);
            float values[8];
#pragma unroll
            for (int p = 0; p < 4; p++)
            {
                float scale = scales.scale_of(slab, p / 2), low = lower_half(pairs[p]), high = upper_half(pairs[p]);
                values[2 * p] = __fmul_rn(low - RAISED, scale);
                values[2 * p + 1] = __fmul_rn(high - RAISED, scale);
                if (MINIMUM)
                {
                    float minimum = scales.minimum_of(slab);
                    values[2 * p] = __fadd_rn(values[2 * p], minimum);
                    values[2 * p + 1] = __fadd_rn(values[2 * p + 1], minimum);
                }
            }

            if (HALVES)
            {
                store_values<4>(row + at + column(lane % 4, 0, 0), values, 0);
                store_values<4>(row + at + column(lane % 4, 2, 0), values, 4);
            }
            else
            {
                store_values<8>(row + at + column(lane % 4, 0, 0), values, 0);
            }
        }
    }
}

// output = the first `rows` rows of the records, [rows, width]; a warp takes a record.
extern "C" __global__ void widen_blocks(other *output, const byte *records, int rows, int width)
{
    int chunks = (width + CHUNK - 1) / CHUNK, lane = threadIdx.x % 32;
    long long record = (long long)blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32, tile = record / chunks;
    int chunk = record % chunks;
#pragma unroll
    for (int half = 0; half < 2; half++)
    {
        long long row = tile * TILE + half * 8 + lane / 4;
        if (row < rows)
        {
            widen(output + row * width, records + record * RECORD, half, lane, chunk * CHUNK, width);
        }
    }
}

// output[i] = row indices[i] of the records, from `first` on, where it is one of `rows`; block x takes row i of the output.
extern "C" __global__ void gather_blocks(other *output, const byte *records, const int *indices, int first, int rows, int width)
{
    int chunks = (width + CHUNK - 1) / CHUNK, index = indices[blockIdx.x] - first;
    if (index < 0 || index >= rows)
    {
        return;
    }

    int half = index % TILE / 8, start = index % 8 * 4;
    for (int i = threadIdx.x; i < chunks * 4; i += blockDim.x)
    {
        int chunk = i / 4;
        widen(
            output + (long long)blockIdx.x * width, records + ((long long)(index / TILE) * chunks + chunk) * RECORD, half,
            start + i % 4, chunk * CHUNK, width);
    }
}
