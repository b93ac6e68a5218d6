using Rebound.Checkpoints;
using Rebound.Engine;

namespace Rebound.Models.Parameters;

/// <summary>Fills weights from a checkpoint, one tensor at a time.</summary>
internal static class ParameterLoader
{
    private const int Listed = 8;

    /// <summary>
    /// Reads every tensor of the table that the set keeps something of and <see cref="Check"/> has passed, so that the host holds one at
    /// a time at most.
    /// </summary>
    /// <exception cref="CheckpointException">A stored tensor is damaged.</exception>
    public static void Load(ParameterSet weights, ITensorSource source)
    {
        weights.MarkChanged();
        var staging = Array.Empty<float>();
        foreach (var slice in weights.Table.Slices.Where(slice => weights.Keeps(slice) && !weights.IsStored(slice.Parameter)))
        {
            if (weights is { Backend.IsHostMemory: true, Storage: ParameterStorage.Whole, Type: DType.Float32 })
            {
                source.Read(slice.Name, weights[slice].AsSpan<float>());
                continue;
            }

            if (TakeOver(weights, slice, source))
            {
                continue;
            }

            var (row, rows) = RowsToRead(weights, slice);
            var count = checked((int)(rows * slice.Shape.RowLength));
            if (staging.Length < count)
            {
                staging = new float[count];
            }

            Read(source, slice, row, staging.AsSpan(0, count));
            weights.Write(slice.Parameter, weights.FirstElement(slice) + (row * slice.Shape.RowLength), staging.AsSpan(0, count));
        }
    }

    /// <summary>The rows of a tensor that the set keeps anything of.</summary>
    private static (int First, int Count) RowsToRead(ParameterSet weights, ParameterSlice slice)
    {
        if (weights.Storage == ParameterStorage.Whole || slice.Shape.Rank == 1)
        {
            return (0, slice.Shape[0]);
        }

        var (first, count) = weights.OwnRange(slice);
        var row = first / slice.Shape.RowLength;
        var end = (first + count + slice.Shape.RowLength - 1) / slice.Shape.RowLength;
        return ((int)row, (int)(end - row));
    }

    private static void Read(ITensorSource source, ParameterSlice slice, int row, Span<float> destination)
    {
        if (destination.Length == slice.Shape.Count)
        {
            source.Read(slice.Name, destination);
        }
        else
        {
            source.ReadRows(slice.Name, row, destination);
        }
    }

    /// <summary>Takes a tensor over as it lies in its file, a window at a time, where both are bf16.</summary>
    private static bool TakeOver(ParameterSet weights, ParameterSlice slice, ITensorSource source)
    {
        if (weights.Type != DType.BFloat16)
        {
            return false;
        }

        var next = weights.FirstElement(slice);
        return source.TryReadBFloat16(slice.Name, window =>
        {
            weights.Write(slice.Parameter, next, window);
            next += window.Length;
        });
    }

    /// <summary>Compares names and shapes, before anything is allocated for them.</summary>
    /// <exception cref="CheckpointException">Tensors are missing, unknown or of another shape; they are listed.</exception>
    public static void Check(ParameterTable table, ITensorSource source)
    {
        var missing = table.Slices.Where(slice => !source.Tensors.ContainsKey(slice.Name)).Select(slice => slice.Name);
        var unknown = source.Tensors.Keys.Where(name => !table.TryFind(name, out _) && !ParameterNames.IsBuffer(name));
        var misshapen = source.Tensors.Values
            .Where(stored => table.TryFind(stored.Name, out var slice) && !SameShape(slice.Shape, stored))
            .Select(stored => $"{stored.Name} is [{string.Join(", ", stored.Shape)}] instead of {Expected(table, stored.Name)}");
        string?[] problems =
        [
            Problem("missing", missing),
            Problem("not part of a model of this configuration", unknown),
            Problem("of another shape than the configuration says", misshapen),
        ];
        if (Array.Exists(problems, problem => problem is not null))
        {
            throw new CheckpointException(
                source.Location, null, "the tensors do not fit the configuration; " + string.Join("; ", problems.OfType<string>()) + ".");
        }
    }

    private static bool SameShape(Shape shape, StoredTensor stored) =>
        stored.Shape.Count == shape.Rank && Enumerable.Range(0, shape.Rank).All(d => stored.Shape[d] == shape[d]);

    private static string Expected(ParameterTable table, string name) =>
        table.TryFind(name, out var slice) ? slice.Shape.ToString() : "";

    private static string? Problem(string what, IEnumerable<string> names)
    {
        var all = names.Order(StringComparer.Ordinal).ToArray();
        return all.Length switch
        {
            0 => null,
            <= Listed => $"{what}: {string.Join(", ", all)}",
            _ => $"{what}: {string.Join(", ", all.Take(Listed))} and {all.Length - Listed} more",
        };
    }
}
