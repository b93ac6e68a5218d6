// Inputs that a product norms as it reads them. After mma.cuh, streaming.cuh and halves.cuh.

// A share of a row times the norm's weights; adds up its squares.
__device__ __forceinline__ unit normed(const unit &input, const unit &norm, float &squares)
{
    unit r;
#pragma unroll
    for (int i = 0; i < 4; i++)
    {
        float low = lower_half(input.at[i]), high = upper_half(input.at[i]);
        squares += low * low;
        squares += high * high;
        r.at[i] = pair(low * lower_half(norm.at[i]), high * upper_half(norm.at[i]));
    }

    return r;
}

__device__ __forceinline__ float rounded(float x)
{
    bf16 r;
    from_float(r, x);
    return to_float(r);
}
