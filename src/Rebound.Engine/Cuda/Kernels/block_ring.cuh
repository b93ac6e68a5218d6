// What products with weights in blocks begin and end with: rings of records, inputs that are normed, sums that become the output. After
// blocks.cuh, normed.cuh and gate.cuh.
//   OUTER_TILES  tiles of 16 rows of the weight that a warp takes
//   STAGES       chunks of a warp that are under way
//   THREADS      the most threads of a block
//   NORMED       the input is to be normed: output = r * (input * norm) * weight^T, r = 1 / sqrt(mean(input^2) + epsilon)
//   GATED        two tiles are of gate rows in `weight` and of up rows in `second`: output = silu(gate) * up
// The output is of the other type. The warps of a block along x share the columns, a chunk of them in turns; those along y take different
// rows of the weight.

#define OUTPUT_TILES (GATED ? 1 : OUTER_TILES)
#define STAGE_BYTES (OUTER_TILES * RECORD)
#define MOST_WARPS (THREADS / 32)

// Elements between the rows of a normed input in shared memory, so that eight of them meet different banks.
#define ROW_PADDING 32

// The records that a warp goes through, a stage of its ring for each chunk.
struct record_ring
{
    const byte *stages;
    int count;

    // Asks for the first chunks of the warp at a place of its block.
    __device__ __forceinline__ void begin(
        uint4 *shared, int place, const byte *weight, const byte *second, int tile, int tiles, int chunks)
    {
        int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
        stages = reinterpret_cast<const byte *>(shared) + place * STAGES * STAGE_BYTES;
        address = shared_address(stages) + lane * 16;
        count = (chunks - warp + warps - 1) / warps;
        step = (long long)warps * RECORD;
        policy = once();
#pragma unroll
        for (int m = 0; m < OUTER_TILES; m++)
        {
            int of = min(tile + (GATED ? 0 : m), tiles - 1);
            from[m] = (GATED && m == 1 ? second : weight) + ((long long)of * chunks + warp) * RECORD + lane * 16;
        }

#pragma unroll
        for (int s = 0; s < STAGES; s++)
        {
            ask(s, s);
        }
    }

    // Asks for chunk `i`, the one after that which was asked for last, if there is one.
    __device__ __forceinline__ void ask(int i, int stage)
    {
        if (i < count)
        {
#pragma unroll
            for (int m = 0; m < OUTER_TILES; m++)
            {
                word to = address + stage * STAGE_BYTES + m * RECORD;
#pragma unroll
                for (int u = 0; u < RECORD / 512; u++)
                {
                    copy_by(to + u * 512, from[m] + u * 512, policy);
                }

                if (RECORD % 512 > 0 && threadIdx.x % 32 < RECORD % 512 / 16)
                {
                    copy_by(to + RECORD / 512 * 512, from[m] + RECORD / 512 * 512, policy);
                }

                from[m] += step;
            }
        }

        commit_copies();
    }

    // The records of the stage whose turn it is, once they are there.
    __device__ __forceinline__ const byte *wait(int stage) const
    {
        wait_copies<STAGES - 1>();
        __syncwarp();
        return stages + stage * STAGE_BYTES;
    }

private:
    const byte *from[OUTER_TILES];
    long long step;
    unsigned long long policy;
    word address;
};

// Norms rows for the whole block, but for r, into shared memory behind the ring; each warp leaves its part of their squares.
template <int Rows>
__device__ __forceinline__ const bf16 *norm_rows(
    uint4 *shared, float (&squares)[MOST_WARPS][Rows], const bf16 *input, const bf16 *norm, int rows, int inner)
{
    int thread = threadIdx.y * blockDim.x + threadIdx.x, threads = blockDim.x * blockDim.y;
    bf16 *to = reinterpret_cast<bf16 *>(reinterpret_cast<byte *>(shared) + threads / 32 * STAGES * STAGE_BYTES);
#pragma unroll 1
    for (int r = 0; r < rows; r++)
    {
        const unit *from = reinterpret_cast<const unit *>(input + (long long)r * inner);
        unit *row = reinterpret_cast<unit *>(to + r * (inner + ROW_PADDING));
        float square = 0;
#pragma unroll 4
        for (int u = thread; u < inner / 8; u += threads)
        {
            row[u] = normed(from[u], reinterpret_cast<const unit *>(norm)[u], square);
        }

        square = warp_sum(square);
        if (thread % 32 == 0)
        {
            squares[thread / 32][r] = square;
        }
    }

    __syncthreads();
    return to;
}

// r of a row.
template <int Rows>
__device__ __forceinline__ float norm_factor(const float (&squares)[MOST_WARPS][Rows], int row, int inner, float epsilon)
{
    float square = 0;
    for (int w = 0; w < (int)(blockDim.x * blockDim.y / 32); w++)
    {
        square += squares[w][row];
    }

    return 1.0f / sqrtf(square / inner + epsilon);
}

// A sum over the warps that share the columns, each of which left so many.
__device__ __forceinline__ float joined(const float *shares, int sums, int share)
{
    float sum = 0;
    for (int w = 0; w < (int)blockDim.x / 32; w++)
    {
        sum += shares[w * sums + share];
    }

    return sum;
}

// A value of the output from its product, or from those of its gate and up row. The bias of up rows follows the gate's.
__device__ __forceinline__ float completed(float product, float up, const bf16 *bias, int at, int outer)
{
    float value = product + (bias ? to_float(bias[at]) : 0);
    if (GATED)
    {
        float gate = rounded(value);
        value = gated(gate, sigmoid(gate), rounded(up + (bias ? to_float(bias[outer + at]) : 0)));
    }

    return value;
}
