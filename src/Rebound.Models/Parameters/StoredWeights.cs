using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Quantization;

namespace Rebound.Models.Parameters;

/// <summary>
/// The matrices of a model in the types that its file stores them in: where their rows lie in the file in the model's order, in mapped
/// memory; otherwise copied.
/// </summary>
internal sealed class StoredWeights : IDisposable
{
    private readonly Tensor[] _matrices;
    private readonly IMappedTensors? _mapped;
    private readonly Arena? _copies;

    private StoredWeights(Tensor[] matrices, IMappedTensors? mapped, Arena? copies) =>
        (_matrices, _mapped, _copies) = (matrices, mapped, copies);

    /// <summary>Takes the matrices that a backend computes with as they are stored; null where there are none.</summary>
    /// <param name="source">Has been compared with the table.</param>
    /// <exception cref="CheckpointException">A stored tensor is damaged.</exception>
    public static unsafe StoredWeights? Open(Backend backend, ParameterTable table, ITensorSource source)
    {
        var stored = Of(backend, table, source);
        if (stored.Count == 0)
        {
            return null;
        }

        var mapped = source.MapStored();
        Arena? copies = null;
        try
        {
            var plan = new ArenaPlan();
            var places = new Dictionary<ParameterSlice, int>();
            foreach (var slice in stored.Where(slice => mapped?.Find(slice.Name) is null))
            {
                places.Add(slice, plan.Add(new TensorSpec(slice.Name, slice.Shape, TypeOf(source, slice))));
            }

            copies = plan.Entries.Count == 0 ? null : backend.Allocate(plan);
            foreach (var (slice, place) in places)
            {
                var copy = copies![place];
                source.ReadStored(slice.Name, new Span<byte>((void*)copy.Address, checked((int)copy.DType.BytesOf(copy.Count))));
            }

            var matrices = new Tensor[table.Parameters.Count];
            foreach (var slices in stored.GroupBy(slice => slice.Parameter))
            {
                matrices[slices.Key] = Joined([.. slices.Select(slice => places.TryGetValue(slice, out var place)
                    ? copies![place]
                    : new Tensor(mapped!.Find(slice.Name)!.Value, slice.Shape, TypeOf(source, slice), backend.Device))]);
            }

            return new StoredWeights(matrices, mapped, copies);
        }
        catch
        {
            mapped?.Dispose();
            copies?.Dispose();
            throw;
        }
    }

    /// <summary>The parameters that <see cref="Open"/> would take, and their bytes.</summary>
    public static (Func<int, bool> Holds, long Bytes) Plan(Backend backend, ParameterTable table, ITensorSource source)
    {
        var stored = Of(backend, table, source);
        var parameters = stored.Select(slice => slice.Parameter).ToHashSet();
        return (parameters.Contains, stored.Sum(slice => TypeOf(source, slice).BytesOf(slice.Shape.Count)));
    }

    /// <summary>Whether one of <see cref="ParameterTable.Parameters"/> is here.</summary>
    public bool Holds(int parameter) => !_matrices[parameter].IsEmpty;

    /// <summary>One of <see cref="ParameterTable.Parameters"/>.</summary>
    public Tensor this[int parameter] => _matrices[parameter];

    /// <summary>Widens rows of a parameter.</summary>
    /// <param name="values">Whole rows, =.</param>
    public unsafe void Read(int parameter, int firstRow, Span<float> values)
    {
        var matrix = _matrices[parameter];
        var (width, row) = (matrix.Shape[1], 0);
        foreach (var part in matrix.Parts?.Parts ?? [matrix])
        {
            var bytes = (int)part.DType.BytesOf(width);
            for (var i = Math.Max(0, firstRow - row); i < part.Shape[0] && !values.IsEmpty; i++, values = values[width..])
            {
                part.DType.Blocks().Widen(new ReadOnlySpan<byte>((byte*)part.Address + ((nint)i * bytes), bytes), values[..width]);
            }

            row += part.Shape[0];
        }
    }

    public void Dispose()
    {
        _mapped?.Dispose();
        _copies?.Dispose();
    }

    /// <summary>The tensors of all parameters that are stored in blocks or in 16 bits, whole.</summary>
    private static List<ParameterSlice> Of(Backend backend, ParameterTable table, ITensorSource source) => !backend.TakesStoredWeights
        ? []
        : [.. table.Slices.GroupBy(slice => slice.Parameter)
            .Where(slices => slices.All(slice => source.StoredAs(slice.Name) is { } type && type != BlockType.F32))
            .SelectMany(slices => slices)];

    private static DType TypeOf(ITensorSource source, ParameterSlice slice) => DTypes.Of(source.StoredAs(slice.Name)!);

    /// <summary>Tensors one below the other; those that follow each other in memory, too, are one.</summary>
    private static Tensor Joined(List<Tensor> parts)
    {
        for (var i = parts.Count - 1; i > 0; i--)
        {
            var (upper, lower) = (parts[i - 1], parts[i]);
            if (upper.DType == lower.DType && upper.Address + (nint)upper.DType.BytesOf(upper.Count) == lower.Address)
            {
                parts[i - 1] = new Tensor(
                    upper.Address, new Shape(upper.Shape[0] + lower.Shape[0], upper.Shape[1]), upper.DType, upper.Device);
                parts.RemoveAt(i);
            }
        }

        return parts.Count == 1 ? parts[0] : new RowParts([.. parts]).Whole;
    }
}
