using System.Runtime.InteropServices;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine.Cuda;

/// <summary>
/// Rows and drawn tokens in device memory at fixed addresses. Edits may lie anywhere: the rows say where. Results come to two slots of
/// page-locked memory in turn.
/// </summary>
internal sealed unsafe class CudaSampling : PreparedSampling
{
    private readonly IListMemory _memory;
    private readonly DriverApi.StreamHandle _stream;
    private readonly Action _makeCurrent;
    private readonly SamplingEdits _edits;
    private readonly DeviceList _rows;
    private readonly Slot[] _slots = new Slot[Slots];
    private bool _isDisposed;

    /// <param name="makeCurrent">Makes the backend's context that of the calling thread.</param>
    public CudaSampling(Device device, int rows, int vocabulary, IListMemory memory, DriverApi.StreamHandle stream, Action makeCurrent)
        : base(device, rows, vocabulary)
    {
        (_memory, _stream, _makeCurrent) = (memory, stream, makeCurrent);
        _rows = new DeviceList(memory, (long)rows * RowInts);
        _edits = new SamplingEdits(memory);
        Drawn = memory.Allocate(ResultBytes);
        for (var slot = 0; slot < Slots; slot++)
        {
            _slots[slot] = new Slot(rows, ResultBytes);
        }
    }

    /// <summary>[capacity] <see cref="DeviceSamplingRow"/>.</summary>
    public nint DeviceRows => _rows.Address;

    /// <summary>[capacity] token ids; log-probabilities and the likeliest tokens follow.</summary>
    public nint Drawn { get; }

    /// <summary>[capacity] floats.</summary>
    public nint LogProbabilities => Drawn + ((nint)Capacity * sizeof(int));

    /// <summary>[capacity, <see cref="SamplingRow.MostLikeliest"/>] <see cref="LikelyToken"/>.</summary>
    public nint Likeliest => Drawn + (nint)PlainBytes;

    private static int RowInts => sizeof(DeviceSamplingRow) / sizeof(int);

    private long PlainBytes => (long)Capacity * (sizeof(int) + sizeof(float));

    private long ResultBytes => PlainBytes + LikeliestBytes(Capacity);

    public override void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _makeCurrent();
        _edits.Dispose();
        _rows.Dispose();
        _memory.Free(Drawn);
        Array.ForEach(_slots, slot => slot.Dispose());
    }

    private protected override void RefillCore()
    {
        _makeCurrent();
        _edits.Replace(Rows, Vocabulary);
        _rows.Clear();
        var rows = MemoryMarshal.Cast<int, DeviceSamplingRow>(_rows.Take(Count * RowInts));
        for (var row = 0; row < Count; row++)
        {
            rows[row] = DeviceSamplingRow.Of(Rows[row], FirstLogitRow(row), LikeliestCount(row), _edits.Place(row));
        }

        _rows.Upload();
    }

    private protected override void CollectCore(int slot)
    {
        _makeCurrent();
        var kept = _slots[slot];
        kept.Note(this);
        DriverApi.CopyToHost(kept.Address, Drawn, PlainBytes + (kept.HasLikeliest ? LikeliestBytes(Count) : 0), _stream);
        DriverApi.Record(kept.Arrived, _stream);
    }

    private protected override ReadOnlySpan<SampledToken> ReadCore(int slot)
    {
        _makeCurrent();
        var kept = _slots[slot];
        DriverApi.Synchronize(kept.Arrived);
        return kept.Read(Capacity, PlainBytes);
    }

    private static long LikeliestBytes(int rows) => (long)rows * SamplingRow.MostLikeliest * sizeof(LikelyToken);

    /// <summary>The results of one collection.</summary>
    private sealed class Slot(int rows, long bytes) : IDisposable
    {
        private readonly DriverApi.PinnedMemory _memory = DriverApi.AllocatePinned(bytes);
        private readonly SampledToken[] _tokens = new SampledToken[rows];
        private readonly LikelyToken[] _likeliest = new LikelyToken[rows * SamplingRow.MostLikeliest];
        private readonly int[] _likeliestCounts = new int[rows];
        private int _count;

        public nint Address => _memory.Value;

        public DriverApi.EventHandle Arrived { get; } = DriverApi.CreateEvent(timed: false);

        public bool HasLikeliest => _likeliestCounts.AsSpan(0, _count).ContainsAnyExcept(0);

        /// <summary>Keeps how many results there are, for when the rows have been replaced.</summary>
        public void Note(CudaSampling sampling)
        {
            _count = sampling.Count;
            for (var row = 0; row < _count; row++)
            {
                _likeliestCounts[row] = sampling.LikeliestCount(row);
            }
        }

        public ReadOnlySpan<SampledToken> Read(int capacity, long plainBytes)
        {
            var tokens = (int*)Address;
            var likeliest = (LikelyToken*)(Address + (nint)plainBytes);
            var logProbabilities = (float*)(tokens + capacity);
            for (var row = 0; row < _count; row++)
            {
                var (first, count) = (row * SamplingRow.MostLikeliest, tokens[row] < 0 ? 0 : _likeliestCounts[row]);
                new ReadOnlySpan<LikelyToken>(likeliest + first, count).CopyTo(_likeliest.AsSpan(first));
                _tokens[row] = new SampledToken(tokens[row], logProbabilities[row], _likeliest.AsMemory(first, count));
            }

            return _tokens.AsSpan(0, _count);
        }

        public void Dispose()
        {
            _memory.Dispose();
            Arrived.Dispose();
        }
    }
}
