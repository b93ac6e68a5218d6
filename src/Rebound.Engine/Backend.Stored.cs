namespace Rebound.Engine;

/// <content>Frozen weights that stay in the types that files store them in.</content>
public abstract partial class Backend
{
    /// <summary>
    /// The types that products, the embedding and the head take frozen weights in (<see cref="DTypes.Blocks"/>); others are widened to
    /// <see cref="ElementType"/> when they are loaded.
    /// </summary>
    public StoredWeightTypes StoredWeightTypes { get; }

    /// <summary>Whether frozen weights may be of a type.</summary>
    public bool TakesStored(DType type) => TensorContract.Takes(StoredWeightTypes, type);

    /// <summary>The memory that a matrix takes in a type that it is stored in; its bytes are the backend's to lay out.</summary>
    /// <param name="shape">[N, K].</param>
    public virtual TensorSpec StoredSpec(string name, Shape shape, DType type) => new(name, shape, type);

    /// <summary>Bytes of scratch memory that products with stored matrices take at most.</summary>
    /// <param name="largest">Elements of the largest.</param>
    public virtual long StoredScratchBytes(long largest) => 0;

    /// <summary>Whether the rows of one stored matrix follow those of another in memory, so that they can be one tensor.</summary>
    public virtual bool Follows(Tensor lower, Tensor upper) =>
        upper.DType == lower.DType && upper.Address + (nint)upper.DType.BytesOf(upper.Count) == lower.Address;

    /// <summary>Fills a stored matrix.</summary>
    /// <param name="destination">[N, K], in memory of <see cref="StoredSpec"/>, =.</param>
    /// <param name="blocks">Its rows as files have them.</param>
    public void Store(Tensor destination, ReadOnlySpan<byte> blocks)
    {
        Expect.Stored(destination);
        if (blocks.Length != destination.DType.BytesOf(destination.Count))
        {
            throw new ShapeException(
                nameof(Store), nameof(blocks), $"{destination.DType.BytesOf(destination.Count)} bytes", $"{blocks.Length}");
        }

        StoreCore(destination, blocks);
    }

    /// <summary>Widens rows of a stored matrix to host memory, exactly.</summary>
    /// <param name="weight">[N, K].</param>
    /// <param name="values">Whole rows, =.</param>
    public void ReadStored(Tensor weight, int firstRow, Span<float> values)
    {
        var (width, start) = (weight.Shape[1], 0);
        foreach (var part in weight.Parts?.Parts ?? [weight])
        {
            Expect.Stored(part);
            var (first, end) = (Math.Max(firstRow - start, 0), Math.Min(firstRow - start + (values.Length / width), part.Shape[0]));
            if (first < end)
            {
                ReadStoredCore(part, first, values.Slice((start + first - firstRow) * width, (end - first) * width));
            }

            start += part.Shape[0];
        }
    }

    protected virtual void StoreCore(Tensor destination, ReadOnlySpan<byte> blocks) =>
        throw new NotSupportedException($"{Description} stores no weights in blocks.");

    protected virtual void ReadStoredCore(Tensor weight, int firstRow, Span<float> values) =>
        throw new NotSupportedException($"{Description} stores no weights in blocks.");
}
