namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// The order of rows within query and key heads: GGUF interleaves the two halves of every head of a llama, so that its row 2j + p of a
/// head is row p·HeadDim/2 + j of Hugging Face's.
/// </summary>
internal static class HeadRows
{
    /// <summary>Hugging Face's row of a row in GGUF's order.</summary>
    public static int ToHuggingFace(int row, int headDim)
    {
        var (head, within) = Math.DivRem(row, headDim);
        return (head * headDim) + (within % 2 * (headDim / 2)) + (within / 2);
    }

    /// <summary>Puts rows in Hugging Face's order into GGUF's.</summary>
    /// <param name="values">[rows, columns], =; rows are whole heads.</param>
    public static void ToGguf(Span<float> values, int columns, int headDim)
    {
        var head = new float[headDim * columns];
        for (; !values.IsEmpty; values = values[head.Length..])
        {
            values[..head.Length].CopyTo(head);
            for (var row = 0; row < headDim; row++)
            {
                Row(head, ToHuggingFace(row, headDim), columns).CopyTo(Row(values, row, columns));
            }
        }
    }

    /// <summary>Puts rows in GGUF's order into Hugging Face's.</summary>
    /// <inheritdoc cref="ToGguf"/>
    public static void ToHuggingFace(Span<float> values, int columns, int headDim)
    {
        var head = new float[headDim * columns];
        for (; !values.IsEmpty; values = values[head.Length..])
        {
            values[..head.Length].CopyTo(head);
            for (var row = 0; row < headDim; row++)
            {
                Row(head, row, columns).CopyTo(Row(values, ToHuggingFace(row, headDim), columns));
            }
        }
    }

    private static Span<float> Row(Span<float> values, int row, int columns) => values.Slice(row * columns, columns);
}
