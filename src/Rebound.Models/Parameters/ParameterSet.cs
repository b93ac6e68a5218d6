using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Quantization;

namespace Rebound.Models.Parameters;

/// <summary>
/// One tensor for every entry of a <see cref="ParameterTable"/>: the weights of a model, their gradients, or a moment of
/// its optimizer. It can be read like a checkpoint, by Hugging Face's names.
/// </summary>
public sealed partial class ParameterSet : ITensorSource
{
    /// <summary>Values that are converted at a time on their way to a device.</summary>
    private const int ChunkValues = 1 << 20;

    private static long _versions;

    private readonly ParameterLayout _layout;
    private readonly Arena _arena;
    private readonly Arena? _lower;
    private readonly StoredWeights? _stored;
    private readonly Tensor[] _open;
    private ushort[]? _upperChunk;
    private ushort[]? _lowerChunk;

    /// <summary>Allocates the tensors, zeroed.</summary>
    /// <param name="type">fp32 or bf16.</param>
    /// <param name="exact">
    /// Whether bf16 values are exact fp32 ones, whose lower halves lie beside them (<see cref="SplitFloat32"/>): what is
    /// trained has to be. fp32 values are anyway. Lower halves are there of the set's own part.
    /// </param>
    /// <param name="part">The part that this set works on; null for the only one.</param>
    /// <param name="storage">The share of the parameters that is in memory.</param>
    /// <param name="lowerInHost">Whether lower halves lie in the host's memory, where the host updates them.</param>
    /// <exception cref="InsufficientMemoryException">The device has less memory than that takes.</exception>
    public ParameterSet(
        Backend backend, ParameterTable table, DType type, bool exact = false, ParameterPart? part = null,
        ParameterStorage storage = ParameterStorage.Whole, bool lowerInHost = false)
        : this(backend, table, type, exact, part, storage, lowerInHost, stored: null)
    {
    }

    /// <summary>As the other one, with matrices that are as a file stores them, and are never written.</summary>
    /// <param name="stored">Disposed of with the set, or when it cannot be made; null for none.</param>
    internal ParameterSet(
        Backend backend, ParameterTable table, DType type, bool exact, ParameterPart? part, ParameterStorage storage,
        bool lowerInHost, StoredWeights? stored)
    {
        _stored = stored;
        Backend = backend;
        Table = table;
        Type = type;
        Part = part ?? ParameterPart.Whole;
        Storage = Part.Count == 1 ? ParameterStorage.Whole : storage;
        _layout = new ParameterLayout(table, Part, type, stored is null ? null : stored.Holds);
        _open = new Tensor[Storage == ParameterStorage.Whole ? 0 : table.BlockCount];
        try
        {
            _arena = backend.Allocate(Plan(_layout.Count, type, Part, Storage));
            _lower = IsSplit(type, exact) ? AllocateLower(lowerInHost) : null;
        }
        catch
        {
            _arena?.Dispose();
            stored?.Dispose();
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
    /// <exception cref="InvalidOperationException">The set holds its own part alone, and the block is not open.</exception>
    public Tensor this[int parameter] => IsStored(parameter)
        ? _stored![parameter]
        : At(Table.BlockOf(parameter), _layout.OffsetOf(parameter), Table.Parameters[parameter].Shape);

    /// <summary>The tensor of a checkpoint's name: rows of a fused one, or the embedding for a tied head.</summary>
    /// <exception cref="ArgumentException">The model has no such tensor.</exception>
    public Tensor this[string name] => this[Find(name)];

    /// <summary>The tensor of one of <see cref="ParameterTable.Slices"/>.</summary>
    public Tensor this[ParameterSlice slice] => this[slice.Parameter].Rows(slice.FirstRow, slice.Shape[0]);

    /// <summary>Bytes of a set; nothing is allocated.</summary>
    /// <inheritdoc cref="ParameterSet(Backend, ParameterTable, DType, bool, ParameterPart?, ParameterStorage, bool)" path="/param"/>
    public static long BytesOf(
        ParameterTable table, DType type, bool exact = false, ParameterPart? part = null, ParameterStorage storage = ParameterStorage.Whole)
    {
        part ??= ParameterPart.Whole;
        return Plan(new ParameterLayout(table, part, type).Count, type, part, storage).TotalBytes
            + (exact ? BytesOfLowerHalves(table, type, part) : 0);
    }

    /// <summary>
    /// Bytes of the weights of a model as <see cref="LlamaModel.Load"/> reads them, when they are not trained, and of what products widen.
    /// </summary>
    public static long BytesOf(Backend backend, ParameterTable table, ITensorSource source)
    {
        var (holds, bytes) = StoredWeights.Plan(backend, table, source);
        var layout = new ParameterLayout(table, ParameterPart.Whole, backend.ElementType, holds);
        return bytes + Plan(layout.Count, backend.ElementType, ParameterPart.Whole, ParameterStorage.Whole).TotalBytes;
    }

    /// <summary>Bytes of the lower halves of an exact set; nothing is allocated.</summary>
    public static long BytesOfLowerHalves(ParameterTable table, DType type, ParameterPart part) => IsSplit(type, exact: true)
        ? Plan(new ParameterLayout(table, part, type).Count, DType.UInt16, part, ParameterStorage.OwnPart).TotalBytes
        : 0;

    /// <summary>The thresholds that one of <see cref="ParameterTable.Parameters"/> is split by (<see cref="SplitFloat32"/>).</summary>
    public static uint DitherOf(int parameter) => (uint)parameter;

    /// <summary>
    /// Told of a block before any of its tensors is given out, so that what others bring to a set that keeps everything need not be there
    /// before; null for nobody.
    /// </summary>
    public Action<int>? Arriving { get; set; }

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
            for (var block = 0; block < Table.BlockCount; block++)
            {
                Arriving?.Invoke(block);
            }

            return _arena[0];
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
        var isThere = Backend.IsHostMemory && Type == DType.Float32 && Storage == ParameterStorage.Whole
            && !IsStored(Find(name).Parameter);
        values = isThere ? this[name].AsSpan<float>() : default;
        return isThere;
    }

    /// <summary>Copies a tensor to host memory, as operations read it: in bf16 without its lower halves.</summary>
    internal void ReadComputed(string name, Span<float> destination) => Read(name, destination, exact: false);

    /// <summary>Overwrites the tensor of a checkpoint's name.</summary>
    internal void Write(string name, ReadOnlySpan<float> values)
    {
        var slice = Find(name);
        if (IsStored(slice.Parameter))
        {
            throw new InvalidOperationException($"{name} is as its file stores it, and is not written.");
        }

        Write(slice.Parameter, FirstElement(slice), values);
    }

    /// <summary>
    /// Overwrites elements of one of <see cref="ParameterTable.Parameters"/>, rounded to bf16 where that is all there is; of those that
    /// the set does not keep nothing is written.
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
        if (Kept(parameter, first, halves.Length) is { Count: > 0 } kept)
        {
            Backend.CopyFromHost(Elements(kept), halves.Slice((int)(kept.First - first), kept.Count));
        }

        if (_lower is not null && _layout.Within(parameter, first, halves.Length) is { Count: > 0 } own)
        {
            ClearLower(LowerHalves(own));
        }

        MarkChanged();
    }

    public void Dispose()
    {
        _lower?.Dispose();
        _arena.Dispose();
        _stored?.Dispose();
    }

    private void Read(string name, Span<float> destination, bool exact)
    {
        var slice = Find(name);
        if (IsStored(slice.Parameter))
        {
            _stored!.Read(slice.Parameter, slice.FirstRow, destination);
            if (!exact && Type == DType.BFloat16)
            {
                // Products of many rows widen blocks so.
                var rounded = new ushort[destination.Length];
                HalfPrecision.NarrowBFloat16(destination, rounded);
                HalfPrecision.WidenBFloat16(rounded, destination);
            }

            return;
        }

        var upper = this[slice];
        if (Type == DType.Float32)
        {
            Backend.CopyToHost(destination, upper);
            return;
        }

        if (exact && !IsReadable)
        {
            throw new InvalidOperationException($"{name} is divided into {Part.Count} parts, of which {Location} has one exactly.");
        }

        var first = FirstElement(slice);
        var lower = exact && _lower is not null
            ? LowerHalves(new ParameterPiece(slice.Parameter, first, checked((int)upper.Count)))
            : default;
        Read(upper, lower, destination, slice.Parameter, first);
    }

    /// <summary>Copies bf16 elements of a parameter to host memory, joined with their lower halves where there are some.</summary>
    private void Read(Tensor upper, Tensor lower, Span<float> destination, int parameter, long first)
    {
        var halves = new ushort[upper.Count];
        Backend.CopyToHost<ushort>(halves, upper);
        if (lower.IsEmpty)
        {
            HalfPrecision.WidenBFloat16(halves, destination);
            return;
        }

        var rest = new ushort[upper.Count];
        ReadLower(rest, lower);
        SplitFloat32.Join(halves, rest, destination, DitherOf(parameter), first);
    }

    private void WriteChunk(int parameter, long first, ReadOnlySpan<float> values)
    {
        if (Kept(parameter, first, values.Length) is not { Count: > 0 } kept)
        {
            return;
        }

        values = values.Slice((int)(kept.First - first), kept.Count);
        var upper = Elements(kept);
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
            SplitFloat32.Split(values, halves, rest, DitherOf(parameter), kept.First);
            if (_layout.Within(parameter, kept.First, kept.Count) is { Count: > 0 } own)
            {
                WriteLower(LowerHalves(own), rest.Slice((int)(own.First - kept.First), own.Count));
            }
        }

        Backend.CopyFromHost<ushort>(upper, halves);
    }

    /// <summary>Where a tensor of a checkpoint begins in the one that holds it.</summary>
    internal long FirstElement(ParameterSlice slice) => slice.FirstRow * Table.Parameters[slice.Parameter].Shape.RowLength;

    /// <summary>Whether one of <see cref="ParameterTable.Parameters"/> is as a file stores it.</summary>
    internal bool IsStored(int parameter) => _stored?.Holds(parameter) == true;

    private static bool IsSplit(DType type, bool exact) => exact && type == DType.BFloat16;

    private ParameterSlice Find(string name) => Table.TryFind(name, out var slice)
        ? slice
        : throw new ArgumentException($"The model has no tensor '{name}'.", nameof(name));
}
