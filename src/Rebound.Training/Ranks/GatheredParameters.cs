using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Models.Parameters;

namespace Rebound.Training.Ranks;

/// <summary>
/// Exact parameters of which every rank has its part alone, gathered for rank 0 a block at a time as it reads them. The other ranks
/// <see cref="Serve"/> until rank 0 is at its <see cref="End"/>.
/// </summary>
internal sealed class GatheredParameters : ITensorSource
{
    private const int NoBlock = -1;

    private readonly Communicator _ranks;
    private readonly ParameterSet _set;
    private readonly Arena _blocks;
    private readonly int? _upper;
    private readonly int? _lower;
    private int _held = NoBlock;

    /// <exception cref="InsufficientMemoryException">The device has no room for a block.</exception>
    public GatheredParameters(Communicator ranks, ParameterSet set)
    {
        (_ranks, _set) = (ranks, set);
        var plan = Plan(set.Table, set.Type, set.Part, set.Storage, out _upper, out _lower);
        _blocks = set.Backend.Allocate(plan);
    }

    /// <summary>Bytes that a rank needs while parameters that are trained are gathered; nothing is allocated.</summary>
    public static long BytesOf(ParameterTable table, DType type, ParameterPart part, ParameterStorage storage) =>
        part.Count == 1 ? 0 : Plan(table, type, part, storage, out _, out _).TotalBytes;

    public string Location => _set.Location;

    public IReadOnlyDictionary<string, StoredTensor> Tensors => _set.Tensors;

    /// <summary>Of rank 0.</summary>
    public void Read(string name, Span<float> destination)
    {
        var slice = _set.Table.TryFind(name, out var found)
            ? found
            : throw new ArgumentException($"There is no tensor '{name}'.", nameof(name));
        var block = _set.Table.BlockOf(slice);
        if (block != _held)
        {
            _ranks.Exchange(BitConverter.GetBytes(block));
            Gather(block);
        }

        var upper = _upper is null ? _set.Block(block) : Place(_upper, block);
        _set.ReadGathered(slice, upper, Place(_lower, block), destination);
    }

    /// <summary>Of rank 0: it reads no more.</summary>
    public void End() => _ranks.Exchange(BitConverter.GetBytes(NoBlock));

    /// <summary>Of the other ranks: gives their parts of what rank 0 reads, until its end.</summary>
    public void Serve()
    {
        while (BitConverter.ToInt32(_ranks.Exchange([])[0]) is not NoBlock and var block)
        {
            Gather(block);
        }
    }

    public void Dispose() => _blocks.Dispose();

    private static ArenaPlan Plan(
        ParameterTable table, DType type, ParameterPart part, ParameterStorage storage, out int? upper, out int? lower)
    {
        var plan = new ArenaPlan();
        var largest = new Shape(ParameterSet.CountsOf(table, type, part).Max());
        upper = storage == ParameterStorage.OwnPart ? plan.Add(new TensorSpec("upper", largest, type)) : null;
        lower = type == DType.BFloat16 ? plan.Add(new TensorSpec("lower", largest, DType.UInt16)) : null;
        return plan;
    }

    private void Gather(int block)
    {
        Gather(Place(_upper, block), _upper is null ? default : _set.Own(block), _set.Backend.Copy);
        Gather(Place(_lower, block), _lower is null ? default : _set.OwnLowerHalves(block), _set.CopyLower);
        _held = block;
    }

    private void Gather(Tensor whole, Tensor own, Action<Tensor, Tensor> copy)
    {
        if (!whole.IsEmpty)
        {
            copy(whole.Rows(_set.Part.Index * own.Shape[0], own.Shape[0]), own);
            _ranks.AllGather(whole);
        }
    }

    private Tensor Place(int? tensor, int block) => tensor is { } index ? _blocks[index].Rows(0, _set.CountOf(block)) : default;
}
