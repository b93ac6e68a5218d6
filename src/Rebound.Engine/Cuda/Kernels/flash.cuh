// Shared by all attention kernels on tensor cores. Scores are a thread's fragments of N 16x8 results (mma.cuh): two rows,
// which are 8 apart, by two columns of every 8.

__device__ __forceinline__ bool sees(int query, int key, int window)
{
    return key <= query && (window == 0 || key > query - window);
}

// Takes away the scores of keys that a query does not see.
template <int N>
__device__ __forceinline__ void mask(float (&s)[N][4], int firstKey, int queryOfRow, int window)
{
#pragma unroll
    for (int n = 0; n < N; n++)
    {
#pragma unroll
        for (int i = 0; i < 4; i++)
        {
            if (!sees(queryOfRow + i / 2 * 8, firstKey + n * 8 + threadIdx.x % 4 * 2 + i % 2, window))
            {
                s[n][i] = NEGATIVE_INFINITY;
            }
        }
    }
}

// The running softmax of a thread's two rows, in powers of two; a row that has seen no key yet is kept at zero.
struct softmax
{
    float largest[2] = {NEGATIVE_INFINITY, NEGATIVE_INFINITY}, sum[2] = {};

    // Turns scores into weights; `keep` is what has been summed with earlier weights to be multiplied by.
    template <int N>
    __device__ __forceinline__ void weigh(float (&s)[N][4], float (&keep)[2], float scale2)
    {
#pragma unroll
        for (int r = 0; r < 2; r++)
        {
            float most = NEGATIVE_INFINITY;
#pragma unroll
            for (int n = 0; n < N; n++)
            {
                most = fmaxf(most, fmaxf(s[n][2 * r], s[n][2 * r + 1]));
            }

            most = fmaxf(largest[r], row_max(most) * scale2);
            float base = most == NEGATIVE_INFINITY ? 0.0f : most;
            keep[r] = power_of_two(largest[r] - base);
            float part = 0;
#pragma unroll
            for (int n = 0; n < N; n++)
            {
#pragma unroll
                for (int i = 2 * r; i < 2 * r + 2; i++)
                {
                    s[n][i] = power_of_two(s[n][i] * scale2 - base);
                    part += s[n][i];
                }
            }

            sum[r] = sum[r] * keep[r] + part;
            largest[r] = most;
        }
    }

    // The sum of a row's weights over all four lanes that share it.
    __device__ __forceinline__ float total(int r) const
    {
        return row_sum(sum[r]);
    }

    __device__ __forceinline__ float log_sum(int r, float total) const
    {
        return (largest[r] + log2f(total)) * LN_2;
    }
};

// Stores one of a thread's two rows of results, multiplied by a factor; `to` is its first two columns.
template <int N>
__device__ __forceinline__ void store_row(word *to, const float (&x)[N][4], int r, float factor)
{
#pragma unroll
    for (int n = 0; n < N; n++)
    {
        to[n * 4] = pair(x[n][2 * r] * factor, x[n][2 * r + 1] * factor);
    }
}

// Results as the first factor of the next product: sixteen of their columns at a time.
template <int N>
__device__ __forceinline__ void round_to_factor(word (&factor)[N / 2][4], const float (&x)[N][4])
{
#pragma unroll
    for (int k = 0; k < N / 2; k++)
    {
        factor[k][0] = pair(x[2 * k][0], x[2 * k][1]);
        factor[k][1] = pair(x[2 * k][2], x[2 * k][3]);
        factor[k][2] = pair(x[2 * k + 1][0], x[2 * k + 1][1]);
        factor[k][3] = pair(x[2 * k + 1][2], x[2 * k + 1][3]);
    }
}
