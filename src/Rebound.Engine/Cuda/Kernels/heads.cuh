// Heads of HEAD_DIM elements, each in the registers of a warp.

// Elements of a head that one lane holds, side by side: the power of two with which 32 lanes hold them all.
#define DIM_LANES (HEAD_DIM > 128 ? 8 : HEAD_DIM > 64 ? 4 : HEAD_DIM > 32 ? 2 : 1)
#define DIM_ALIGNED (HEAD_DIM % DIM_LANES == 0)

struct alignas(DIM_ALIGNED ? DIM_LANES * sizeof(element) : sizeof(element)) lane_elements
{
    element at[DIM_LANES];
};

// The lane's elements of a head in memory; lanes beyond its end get zeros.
__device__ __forceinline__ void load_lane(float (&to)[DIM_LANES], const element *head)
{
    int first = threadIdx.x % 32 * DIM_LANES;
    if (DIM_ALIGNED)
    {
        lane_elements e = {};
        if (first < HEAD_DIM)
        {
            e = *reinterpret_cast<const lane_elements *>(head + first);
        }

#pragma unroll
        for (int i = 0; i < DIM_LANES; i++)
        {
            to[i] = to_float(e.at[i]);
        }
    }
    else
    {
#pragma unroll
        for (int i = 0; i < DIM_LANES; i++)
        {
            to[i] = first + i < HEAD_DIM ? to_float(head[first + i]) : 0;
        }
    }
}

__device__ __forceinline__ void store_lane(element *head, const float (&from)[DIM_LANES])
{
    int first = threadIdx.x % 32 * DIM_LANES;
    if (DIM_ALIGNED)
    {
        lane_elements e;
#pragma unroll
        for (int i = 0; i < DIM_LANES; i++)
        {
            from_float(e.at[i], from[i]);
        }

        if (first < HEAD_DIM)
        {
            *reinterpret_cast<lane_elements *>(head + first) = e;
        }
    }
    else
    {
#pragma unroll
        for (int i = 0; i < DIM_LANES; i++)
        {
            if (first + i < HEAD_DIM)
            {
                from_float(head[first + i], from[i]);
            }
        }
    }
}
