using Rebound.Checkpoints;
using Rebound.Engine;

namespace Rebound.Models.Parameters;

/// <summary>
/// One tensor for every entry of a <see cref="ParameterTable"/>: the weights of a model, their gradients, or a moment of
/// its optimizer. It can be read like a checkpoint, by Hugging Face's names.
/// </summary>
public sealed class ParameterSet : ITensorSource
{
    /// <summary>Values that are converted at a time on their way to a device.</summary>
    private const int ChunkValues = 1 << 20;

    private static long _versions;

    private readonly Arena _arena;
    private readonly Arena? _lower;
    private ushort[]? _upperChunk;
    private ushort[]? _lowerChunk;

    /// <summary>Allocates the tensors, zeroed.</summary>
    /// <param name="type">fp32 or bf16.</param>
    /// <param name="exact">
    /// Whether bf16 values are exact fp32 ones, whose lower halves lie beside them (<see cref="SplitFloat32"/>): what is
    /// trained has to be. fp32 values are anyway.
    /// </param>
    /// <exception cref="InsufficientMemoryException">The device has less memory than that takes.</exception>
    public ParameterSet(Backend backend, ParameterTable table, DType type, bool exact = false)
    {
        Backend = backend;
        Table = table;
        Type = type;
        _arena = backend.Allocate(table.Plan(type));
        try
        {
            _lower = IsSplit(type, exact) ? backend.Allocate(table.Plan(DType.UInt16)) : null;
        }
        catch
        {
            _arena.Dispose();
            throw;
        }

        Tensors = table.Slices.ToDictionary(
            slice => slice.Name,
            slice => new StoredTensor(slice.Name, [.. Enumerable.Range(0, slice.Shape.Rank).Select(d => (long)slice.Shape[d])], "F32"));
    }

    public Backend Backend { get; }

    public ParameterTable Table { get; }

    /// <summary>The type that operations read.</summary>
    public DType Type { get; }

    public string Location => Backend.Description;

    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>The fingerprint of the contents: another one after every write, and none that another set has in this process.</summary>
    public long Version { get; private set; } = Interlocked.Increment(ref _versions);

    /// <summary>The tensor of one of <see cref="ParameterTable.Parameters"/>.</summary>
    public Tensor this[int parameter] => _arena[parameter];

    /// <summary>The tensor of a checkpoint's name: rows of a fused one, or the embedding for a tied head.</summary>
    /// <exception cref="ArgumentException">The model has no such tensor.</exception>
    public Tensor this[string name] => this[Find(name)];

    /// <summary>The tensor of one of <see cref="ParameterTable.Slices"/>.</summary>
    public Tensor this[ParameterSlice slice] => _arena[slice.Parameter].Rows(slice.FirstRow, slice.Shape[0]);

    /// <summary>Bytes of a set; nothing is allocated.</summary>
    public static long BytesOf(ParameterTable table, DType type, bool exact = false) =>
        table.Plan(type).TotalBytes + (IsSplit(type, exact) ? table.Plan(DType.UInt16).TotalBytes : 0);

    /// <summary>The lower halves of one of <see cref="ParameterTable.Parameters"/>; empty where there are none.</summary>
    public Tensor LowerHalves(int parameter) => _lower is null ? default : _lower[parameter];

    /// <summary>The thresholds that one of <see cref="ParameterTable.Parameters"/> is split by (<see cref="SplitFloat32"/>).</summary>
    public static uint DitherOf(int parameter) => (uint)parameter;

    /// <summary>Sets every element to zero.</summary>
    public void Clear()
    {
        Backend.Fill(All, 0);
        MarkChanged();
    }

    /// <summary>To be told by whoever has written to tensors of the set: <see cref="Version"/> changes.</summary>
    public void MarkChanged() => Version = Interlocked.Increment(ref _versions);

    /// <summary>All tensors as one, with the zeros between them that align them.</summary>
    public Tensor All
    {
        get
        {
            var columns = ArenaPlan.Alignment / Type.SizeInBytes();
            return new Tensor(_arena.Address, new Shape(checked((int)(_arena.Bytes / ArenaPlan.Alignment)), columns), Type, Backend.Device);
        }
    }

    /// <summary>Overwrites every tensor with those of a checkpoint.</summary>
    /// <exception cref="CheckpointException">Tensors are missing, unknown or of another shape; they are listed.</exception>
    public void Load(ITensorSource source)
    {
        ParameterLoader.Check(Table, source);
        ParameterLoader.Load(this, source);
    }

    /// <summary>Copies a tensor to host memory, as fp32.</summary>
    public void Read(string name, Span<float> destination) => Read(name, destination, exact: true);

    /// <inheritdoc/>
    public bool TryView(string name, out ReadOnlySpan<float> values)
    {
        var isThere = Backend.IsHostMemory && Type == DType.Float32;
        values = isThere ? this[name].AsSpan<float>() : default;
        return isThere;
    }

    /// <summary>Copies a tensor to host memory, as operations read it: in bf16 without its lower halves.</summary>
    internal void ReadComputed(string name, Span<float> destination) => Read(name, destination, exact: false);

    /// <summary>Overwrites the tensor of a checkpoint's name.</summary>
    internal void Write(string name, ReadOnlySpan<float> values)
    {
        var slice = Find(name);
        Write(slice.Parameter, FirstElement(slice), values);
    }

    /// <summary>
    /// Overwrites elements of one of <see cref="ParameterTable.Parameters"/>, rounded to bf16 where that is all there is.
    /// </summary>
    internal void Write(int parameter, long first, ReadOnlySpan<float> values)
    {
        while (!values.IsEmpty)
        {
            var chunk = values[..Math.Min(values.Length, ChunkValues)];
            WriteChunk(parameter, first, chunk);
            first += chunk.Length;
            values = values[chunk.Length..];
        }

        MarkChanged();
    }

    /// <summary>As <see cref="Write(int, long, ReadOnlySpan{float})"/>, of a set of bf16.</summary>
    internal void Write(int parameter, long first, ReadOnlySpan<ushort> halves)
    {
        Backend.CopyFromHost(Elements(_arena[parameter], first, halves.Length), halves);
        if (_lower is not null)
        {
            // Zero bits are a zero of any type; a device fills its memory faster than the host sends it zeros.
            var lower = Elements(_lower[parameter], first, halves.Length);
            Backend.Fill(lower.Reinterpret(DType.BFloat16), 0);
        }

        MarkChanged();
    }

    public void Dispose()
    {
        _lower?.Dispose();
        _arena.Dispose();
    }

    private void Read(string name, Span<float> destination, bool exact)
    {
        var slice = Find(name);
        var upper = this[slice];
        if (Type == DType.Float32)
        {
            Backend.CopyToHost(destination, upper);
            return;
        }

        var halves = new ushort[upper.Count];
        Backend.CopyToHost<ushort>(halves, upper);
        if (!exact || LowerHalves(slice).IsEmpty)
        {
            HalfPrecision.WidenBFloat16(halves, destination);
            return;
        }

        var lower = new ushort[upper.Count];
        Backend.CopyToHost<ushort>(lower, LowerHalves(slice));
        SplitFloat32.Join(halves, lower, destination, DitherOf(slice.Parameter), FirstElement(slice));
    }

    private void WriteChunk(int parameter, long first, ReadOnlySpan<float> values)
    {
        var upper = Elements(_arena[parameter], first, values.Length);
        if (Type == DType.Float32)
        {
            Backend.CopyFromHost(upper, values);
            return;
        }

        _upperChunk ??= new ushort[ChunkValues];
        var halves = _upperChunk.AsSpan(0, values.Length);
        if (_lower is null)
        {
            HalfPrecision.NarrowBFloat16(values, halves);
        }
        else
        {
            _lowerChunk ??= new ushort[ChunkValues];
            var rest = _lowerChunk.AsSpan(0, values.Length);
            SplitFloat32.Split(values, halves, rest, DitherOf(parameter), first);
            Backend.CopyFromHost<ushort>(Elements(_lower[parameter], first, values.Length), rest);
        }

        Backend.CopyFromHost<ushort>(upper, halves);
    }

    /// <summary>Where a tensor of a checkpoint begins in the one that holds it.</summary>
    internal long FirstElement(ParameterSlice slice) => slice.FirstRow * this[slice.Parameter].Shape.RowLength;

    private static Tensor Elements(Tensor tensor, long first, int count) =>
        tensor.Reshape(new Shape(checked((int)tensor.Count))).Rows(checked((int)first), count);

    private static bool IsSplit(DType type, bool exact) => exact && type == DType.BFloat16;

    private Tensor LowerHalves(ParameterSlice slice) =>
        _lower is null ? default : _lower[slice.Parameter].Rows(slice.FirstRow, slice.Shape[0]);

    private ParameterSlice Find(string name) => Table.TryFind(name, out var slice)
        ? slice
        : throw new ArgumentException($"The model has no tensor '{name}'.", nameof(name));
}
