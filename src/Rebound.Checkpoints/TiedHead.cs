namespace Rebound.Checkpoints;

/// <summary>
/// A head that is stored although the configuration ties it to the embedding. As in transformers 5, one that is the same
/// matrix is tied, and another one is a head of its own.
/// </summary>
public static class TiedHead
{
    private const int RowsAtATime = 1024;

    /// <summary>Whether the head that is stored is another matrix than the embedding.</summary>
    /// <exception cref="CheckpointException">A stored tensor is damaged.</exception>
    public static bool IsAnother(ITensorSource tensors)
    {
        if (!tensors.Tensors.TryGetValue(ParameterNames.Head, out var head)
            || !tensors.Tensors.TryGetValue(ParameterNames.Embedding, out var embedding))
        {
            return false;
        }

        if (head.Shape is not [var rows, var columns] || !head.Shape.SequenceEqual(embedding.Shape))
        {
            return true;
        }

        var (some, others) = (new float[RowsAtATime * columns], new float[RowsAtATime * columns]);
        for (long first = 0; first < rows; first += RowsAtATime)
        {
            var count = (int)(Math.Min(RowsAtATime, rows - first) * columns);
            tensors.ReadRows(ParameterNames.Head, first, some.AsSpan(0, count));
            tensors.ReadRows(ParameterNames.Embedding, first, others.AsSpan(0, count));
            if (!some.AsSpan(0, count).SequenceEqual(others.AsSpan(0, count)))
            {
                return true;
            }
        }

        return false;
    }
}
