namespace Rebound.Engine.Cpu;

/// <summary>RMSNorm of query and key heads (Qwen3) over rows; value heads pass through.</summary>
internal unsafe struct QueryKeyNormForwardKernel : IVectorKernel
{
    public float* Output;
    public float* ReciprocalRms;
    public float* Input;
    public float* QueryWeight;
    public float* KeyWeight;
    public AttentionShape Shape;
    public float Epsilon;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        var (heads, width) = (Shape.QueryHeads + Shape.KeyValueHeads, Shape.HeadDim);
        for (var t = start; t < end; t++)
        {
            var offset = (nint)t * Shape.FusedHeads * width;
            for (var h = 0; h < heads; h++, offset += width)
            {
                ReciprocalRms[((nint)t * heads) + h] = RmsNorm.ForwardRow<V>(
                    Output + offset, Input + offset, h < Shape.QueryHeads ? QueryWeight : KeyWeight, width, Epsilon);
            }

            Vectors.Copy(Output + offset, Input + offset, Shape.KeyValueHeads * width);
        }
    }
}

/// <summary>
/// Backward of <see cref="QueryKeyNormForwardKernel"/> over parts of <see cref="PartRows"/> rows, each with its own sums for
/// the weights.
/// </summary>
internal unsafe struct QueryKeyNormBackwardKernel : IVectorKernel
{
    public const int PartRows = 32;

    public float* DInput;

    /// <summary>[parts, 2·HeadDim], =: the query weight's, then the key weight's.</summary>
    public float* DWeightsOfPart;

    public float* DOutput;
    public float* Input;
    public float* QueryWeight;
    public float* KeyWeight;
    public float* ReciprocalRms;
    public AttentionShape Shape;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        var (heads, width) = (Shape.QueryHeads + Shape.KeyValueHeads, Shape.HeadDim);
        var dWeights = DWeightsOfPart + ((nint)(start / PartRows) * 2 * width);
        Vectors.Clear(dWeights, 2 * width);
        for (var t = start; t < end; t++)
        {
            var offset = (nint)t * Shape.FusedHeads * width;
            for (var h = 0; h < heads; h++, offset += width)
            {
                var query = h < Shape.QueryHeads;
                RmsNorm.BackwardRow<V>(
                    DInput + offset, query ? dWeights : dWeights + width, output: null, DOutput + offset, Input + offset,
                    query ? QueryWeight : KeyWeight, ReciprocalRms[((nint)t * heads) + h], width, accumulate: false);
            }

            if (DInput != DOutput)
            {
                Vectors.Copy(DInput + offset, DOutput + offset, Shape.KeyValueHeads * width);
            }
        }
    }
}
