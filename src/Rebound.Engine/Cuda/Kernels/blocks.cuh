// Weights in blocks, as they lie in device memory: the blocks of 16 rows and CHUNK columns in a record of as many bytes, so that a warp
// reads it whole, every lane what it multiplies. Records follow each other along the rows, and rows are filled up to 16 and columns to
// CHUNK with zeros. After mma.cuh, streaming.cuh and halves.cuh.
//   CODE_BITS  bits of a code: 4, 5, 6 or 8
//   SUPER      blocks are of 256 values with scales for 32, or 16 of six bits, and not of 32 values
//   MINIMUM    value = code * scale + minimum, and not (code - zero) * scale
//
// A slab is 32 columns. Lane l of a warp has in each slab the columns `column(l % 4, pair, half)`, of the rows l/4 and l/4 + 8: four
// pairs for two products of mma.m16n8k16. A record holds, a run of four slabs after the other,
//   low    codes' low four bits or all eight: a unit of 16 bytes for [row half, lane], or [slabs / 2, row half, lane],
//   upper  their fifth bits, a word for [lane, row half], or upper two, two words,
// and then each row's scales: fp16 [row, slab], with minima beside them, or what the blocks' headers hold.

#define TILE 16
#define SLAB 32
#define RUN_SLABS 4
#define CHUNK (SUPER ? 256 : 128)
#define RUNS (CHUNK / (SLAB * RUN_SLABS))
#define HALVES (CODE_BITS == 6)

#define LOW_BYTES (CODE_BITS == 8 ? 2048 : 1024)
#define LOW_UNITS (LOW_BYTES / 1024)
#define UPPER_BYTES (CODE_BITS == 5 ? 256 : CODE_BITS == 6 ? 512 : 0)
#define UPPER_START (RUNS * LOW_BYTES)
#define SCALES_START (RUNS * (LOW_BYTES + UPPER_BYTES))
#define HEADER_BYTES (SUPER || MINIMUM ? 256 : 128)
#define RECORD (SCALES_START + HEADER_BYTES + (HALVES ? 32 : 0))

// Codes of less than eight bits become the low bits of 128, whose last place is 1: they are raised by that, and by the code of zero.
#define ZERO (MINIMUM ? 0 : CODE_BITS == 4 ? 8 : CODE_BITS == 5 ? 16 : 32)
#define RAISED (CODE_BITS == 8 ? 0 : 128 + ZERO)
#define RAISED_PAIR 0x43004300u
#define MINUS_RAISED_PAIR (0xc300c300u | ZERO * 0x00010001u)
#define MINUS_ONES 0xbf80bf80u

typedef unsigned char byte;

// Where a pair's half lies in its slab.
__device__ __forceinline__ int column(int quad, int pair, int half)
{
    return HALVES ? pair / 2 * 16 + quad * 4 + pair % 2 * 2 + half : quad * 8 + pair * 2 + half;
}

// What a lane reads of a run of slabs, for one of its rows.
struct run_codes
{
    unit low[LOW_UNITS];
    word upper[2];

    __device__ __forceinline__ void load(const byte *record, int run, int half, int lane)
    {
        const unit *units = reinterpret_cast<const unit *>(record + run * LOW_BYTES) + half * 32 + lane;
        low[0] = units[0];
        if (CODE_BITS == 8)
        {
            low[LOW_UNITS - 1] = units[64];
        }

        const word *words = reinterpret_cast<const word *>(record + UPPER_START + run * UPPER_BYTES);
        if (CODE_BITS == 5)
        {
            upper[0] = words[lane * 2 + half];
        }
        else if (CODE_BITS == 6)
        {
            uint2 two = reinterpret_cast<const uint2 *>(words)[lane * 2 + half];
            upper[0] = two.x;
            upper[1] = two.y;
        }
    }
};

// Brings a bit of a word to another place.
__device__ __forceinline__ word moved(word bits, int from, int to)
{
    return from > to ? bits >> (from - to) : bits << (to - from);
}

// The codes of a slab as pairs of bf16, exactly, raised by RAISED.
__device__ __forceinline__ void pairs_of(word (&pairs)[4], const run_codes &codes, int slab)
{
    if (CODE_BITS == 8)
    {
#pragma unroll
        for (int p = 0; p < 4; p++)
        {
            // A code below zero lacks 256: its eighth bit makes 128, which is taken off, 256.
            word bytes = codes.low[slab / 2].at[slab % 2 * 2 + p / 2] >> p % 2 * 8;
            pairs[p] = multiply_add_pairs(
                masked(bytes, 0x00800080u, RAISED_PAIR), MINUS_ONES, masked(bytes, 0x007f007fu, RAISED_PAIR));
        }
    }
    else
    {
#pragma unroll
        for (int p = 0; p < 4; p++)
        {
            pairs[p] = masked(codes.low[0].at[slab] >> 4 * p, 0x000f000fu, RAISED_PAIR);
            if (CODE_BITS == 5)
            {
                pairs[p] = masked(moved(codes.upper[0], 4 * slab + p, 4), 0x00100010u, pairs[p]);
            }
            else if (CODE_BITS == 6)
            {
                pairs[p] = masked(moved(codes.upper[slab / 2], slab % 2 * 8 + 2 * p, 4), 0x00300030u, pairs[p]);
            }
        }
    }
}

// Scales and minima of a row's slabs in a record.
struct row_scales
{
    unit packed;
    float scale, minimum;

    __device__ __forceinline__ void load(const byte *record, int row)
    {
        const byte *header = record + SCALES_START;
        if (!SUPER && !MINIMUM)
        {
            uint2 four = reinterpret_cast<const uint2 *>(header)[row];
            packed.at[0] = four.x;
            packed.at[1] = four.y;
            return;
        }

        packed = reinterpret_cast<const unit *>(header)[row];
        if (HALVES)
        {
            scale = float_of_half(reinterpret_cast<const unsigned short *>(header + HEADER_BYTES)[row]);
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                packed.at[i] ^= 0x80808080u;
            }
        }
        else if (SUPER)
        {
            // Six bits each: of the first four scales and minima in the low bits of words 1 and 2, whose upper ones are those of the
            // last four, beside their low bits in word 3.
            word a = packed.at[1], b = packed.at[2], c = packed.at[3];
            scale = float_of_half(packed.at[0]);
            minimum = float_of_half(packed.at[0] >> 16);
            packed.at[0] = a & 0x3f3f3f3fu;
            packed.at[1] = masked(a >> 2, 0x30303030u, c & 0x0f0f0f0fu);
            packed.at[2] = b & 0x3f3f3f3fu;
            packed.at[3] = masked(b >> 2, 0x30303030u, c >> 4 & 0x0f0f0f0fu);
        }
    }

    // Of a slab, or of half a slab of a type that scales halves; of a super block's without the block's own scale.
    __device__ __forceinline__ float part_scale_of(int slab, int half) const
    {
        if (HALVES)
        {
            return float_of_byte(packed.at[slab / 2], slab % 2 * 2 + half) - 128.0f;
        }

        if (SUPER)
        {
            return float_of_byte(packed.at[slab / 4], slab % 4);
        }

        return float_of_half(MINIMUM ? packed.at[slab] : packed.at[slab / 2] >> slab % 2 * 16);
    }

    __device__ __forceinline__ float scale_of(int slab, int half) const
    {
        return SUPER ? __fmul_rn(scale, part_scale_of(slab, half)) : part_scale_of(slab, half);
    }

    // Of a super block's without the block's own, which is taken off.
    __device__ __forceinline__ float part_minimum_of(int slab) const
    {
        return SUPER ? float_of_byte(packed.at[2 + slab / 4], slab % 4) : float_of_half(packed.at[slab] >> 16);
    }

    __device__ __forceinline__ float minimum_of(int slab) const
    {
        return SUPER ? -__fmul_rn(minimum, part_minimum_of(slab)) : part_minimum_of(slab);
    }
};
