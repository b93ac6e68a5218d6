using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Quantization;

namespace Rebound.Models.Parameters;

/// <summary>
/// The matrices of a model in the types that its file stores them in: in the host's memory mapped where their rows lie in the file in the
/// model's order; otherwise copied.
/// </summary>
internal sealed class StoredWeights : IDisposable
{
    private readonly Backend _backend;
    private readonly Tensor[] _matrices;
    private readonly IMappedTensors? _mapped;
    private readonly Arena? _copies;

    private StoredWeights(Backend backend, Tensor[] matrices, IMappedTensors? mapped, Arena? copies) =>
        (_backend, _matrices, _mapped, _copies) = (backend, matrices, mapped, copies);

    /// <summary>Takes the matrices that a backend computes with as they are stored; null where there are none.</summary>
    /// <param name="source">Has been compared with the table.</param>
    /// <exception cref="CheckpointException">A stored tensor is damaged.</exception>
    public static StoredWeights? Open(Backend backend, ParameterTable table, ITensorSource source)
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
            foreach (var slice in stored.Where(slice => !backend.IsHostMemory || mapped?.Find(slice.Name) is null))
            {
                places.Add(slice, plan.Add(backend.StoredSpec(slice.Name, slice.Shape, TypeOf(source, slice))));
            }

            copies = plan.Entries.Count == 0 ? null : backend.Allocate(plan);
            Tensor Copy(ParameterSlice slice) =>
                new(copies![places[slice]].Address, slice.Shape, TypeOf(source, slice), backend.Device);
            foreach (var slice in places.Keys)
            {
                Fill(backend, Copy(slice), slice.Name, source, mapped);
            }

            var matrices = new Tensor[table.Parameters.Count];
            foreach (var slices in stored.GroupBy(slice => slice.Parameter))
            {
                matrices[slices.Key] = Joined(backend, [.. slices.Select(slice => places.ContainsKey(slice)
                    ? Copy(slice)
                    : new Tensor(mapped!.Find(slice.Name)!.Value, slice.Shape, TypeOf(source, slice), backend.Device))]);
            }

            if (!backend.IsHostMemory)
            {
                mapped?.Dispose();
                mapped = null;
            }

            return new StoredWeights(backend, matrices, mapped, copies);
        }
        catch
        {
            mapped?.Dispose();
            copies?.Dispose();
            throw;
        }
    }

    /// <summary>The parameters that <see cref="Open"/> would take, and the bytes that they and products with them take.</summary>
    public static (Func<int, bool> Holds, long Bytes) Plan(Backend backend, ParameterTable table, ITensorSource source)
    {
        var stored = Of(backend, table, source);
        var parameters = stored.Select(slice => slice.Parameter).ToHashSet();
        var scratch = parameters.Count == 0
            ? 0
            : backend.StoredScratchBytes(parameters.Max(parameter => table.Parameters[parameter].Shape.Count));
        return (
            parameters.Contains,
            scratch + stored.Sum(slice => backend.StoredSpec(slice.Name, slice.Shape, TypeOf(source, slice)).Bytes));
    }

    /// <summary>Whether one of <see cref="ParameterTable.Parameters"/> is here.</summary>
    public bool Holds(int parameter) => !_matrices[parameter].IsEmpty;

    /// <summary>One of <see cref="ParameterTable.Parameters"/>.</summary>
    public Tensor this[int parameter] => _matrices[parameter];

    /// <summary>Widens rows of a parameter.</summary>
    /// <param name="values">Whole rows, =.</param>
    public void Read(int parameter, int firstRow, Span<float> values) => _backend.ReadStored(_matrices[parameter], firstRow, values);

    public void Dispose()
    {
        _mapped?.Dispose();
        _copies?.Dispose();
    }

    /// <summary>Fills a matrix from where its rows are mapped, or as the source reads them.</summary>
    private static unsafe void Fill(Backend backend, Tensor matrix, string name, ITensorSource source, IMappedTensors? mapped)
    {
        var bytes = checked((int)matrix.DType.BytesOf(matrix.Count));
        if (mapped?.Find(name) is { } address)
        {
            backend.Store(matrix, new ReadOnlySpan<byte>((void*)address, bytes));
        }
        else if (backend.IsHostMemory)
        {
            source.ReadStored(name, new Span<byte>((void*)matrix.Address, bytes));
        }
        else
        {
            var blocks = new byte[bytes];
            source.ReadStored(name, blocks);
            backend.Store(matrix, blocks);
        }
    }

    /// <summary>The tensors of all parameters that are stored in types that the backend takes, whole.</summary>
    private static List<ParameterSlice> Of(Backend backend, ParameterTable table, ITensorSource source) =>
        [.. table.Slices.GroupBy(slice => slice.Parameter)
            .Where(slices => slices.All(slice => source.StoredAs(slice.Name) is { } type && type != BlockType.F32
                && backend.TakesStored(DTypes.Of(type))))
            .SelectMany(slices => slices)];

    private static DType TypeOf(ITensorSource source, ParameterSlice slice) => DTypes.Of(source.StoredAs(slice.Name)!);

    /// <summary>Tensors one below the other; those that follow each other in memory, too, are one.</summary>
    private static Tensor Joined(Backend backend, List<Tensor> parts)
    {
        for (var i = parts.Count - 1; i > 0; i--)
        {
            var (upper, lower) = (parts[i - 1], parts[i]);
            if (backend.Follows(lower, upper))
            {
                parts[i - 1] = new Tensor(
                    upper.Address, new Shape(upper.Shape[0] + lower.Shape[0], upper.Shape[1]), upper.DType, upper.Device);
                parts.RemoveAt(i);
            }
        }

        return parts.Count == 1 ? parts[0] : new RowParts([.. parts]).Whole;
    }
}
