// The gate of a feed-forward layer, rounded alike wherever it is computed.

__device__ __forceinline__ float sigmoid(float x)
{
    return 1.0f / __fadd_rn(1.0f, expf(-x));
}

// gate * s * up with s = sigmoid(gate).
__device__ __forceinline__ float gated(float gate, float s, float up)
{
    return __fmul_rn(up, __fmul_rn(gate, s));
}
