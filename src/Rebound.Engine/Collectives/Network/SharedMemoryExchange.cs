using System.IO.MemoryMappedFiles;
using System.Text;

namespace Rebound.Engine.Collectives.Network;

/// <summary>
/// Tensors through memory that the processes of a host share: each rank has a place in it for a chunk of its tensor. The file behind it
/// has no name any more once all have opened it, so that nothing is left of it, however ranks end.
/// <para>
/// There are two places for each rank, used in turn: a rank that writes its next but one chunk has met the others in between, who
/// had read this one before they came.
/// </para>
/// </summary>
internal sealed unsafe class SharedMemoryExchange : ITensorExchange
{
    private const int Turns = 2;

    private static readonly CollectiveCall Opening = CollectiveCall.Of(CollectiveKind.Exchange);

    private readonly RankExchange _exchange;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _memory;
    private readonly int _chunkBytes;
    private int _turn;

    private SharedMemoryExchange(RankExchange exchange, FileStream file, int chunkBytes)
    {
        (_exchange, _chunkBytes) = (exchange, chunkBytes);
        _file = MemoryMappedFile.CreateFromFile(
            file, null, file.Length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _memory);
    }

    public string Description => "tensors through shared memory";

    private int Rank => _exchange.Network.Rank;

    private int Size => _exchange.Network.Size;

    /// <summary>Null, on all ranks, where one of them runs on another host, or cannot open the memory.</summary>
    public static SharedMemoryExchange? TryOpen(RankExchange exchange, CommunicatorOptions options)
    {
        var host = options.SharesMemory ? RankHello.ThisHost : $"{exchange.Network.Rank}";
        var hosts = exchange.Exchange(Encoding.UTF8.GetBytes(host), Opening);
        if (!Array.TrueForAll(hosts, host => host.AsSpan().SequenceEqual(hosts[0])))
        {
            return null;
        }

        var bytes = (long)options.ChunkBytes * Turns * exchange.Network.Size;
        var created = exchange.Network.IsHub ? TryCreate(bytes) : null;
        var path = Encoding.UTF8.GetString(exchange.Exchange(Encoding.UTF8.GetBytes(created?.Name ?? ""), Opening)[exchange.Network.Hub]);
        var opened = exchange.Network.IsHub ? created : TryOpen(path, bytes);
        var isOpen = exchange.Exchange([(byte)(opened is null ? 0 : 1)], Opening);
        if (created is not null)
        {
            File.Delete(path);
        }

        if (Array.TrueForAll(isOpen, answer => answer is [1]))
        {
            return new SharedMemoryExchange(exchange, opened!, options.ChunkBytes);
        }

        opened?.Dispose();
        return null;
    }

    public void AllReduce(Tensor tensor, CollectiveCall call)
    {
        var (type, elementBytes) = (tensor.DType, tensor.DType.SizeInBytes());
        var chunk = _chunkBytes / elementBytes;
        long first = 0;
        do
        {
            var count = (int)Math.Min(chunk, tensor.Count - first);
            var values = (byte*)tensor.Address + (first * elementBytes);
            Copy(values, Place(Rank), count * elementBytes);
            _exchange.Meet(call);
            var (start, end) = Part(count, Rank);
            Sum(start * elementBytes, type, end - start, (nint)(Place(Rank) + (start * elementBytes)));
            _exchange.Meet(call);
            for (var rank = 0; rank < Size; rank++)
            {
                var (from, to) = Part(count, rank);
                Copy(Place(rank) + (from * elementBytes), values + (from * elementBytes), (to - from) * elementBytes);
            }

            Next();
            first += count;
        }
        while (first < tensor.Count);
    }

    public void ReduceScatter(Tensor tensor, CollectiveCall call)
    {
        var elementBytes = tensor.DType.SizeInBytes();
        var (part, piece) = (tensor.Count / Size, _chunkBytes / elementBytes / Size);
        long first = 0;
        do
        {
            var count = (int)Math.Min(piece, part - first);
            for (var rank = 0; rank < Size; rank++)
            {
                Copy(At(tensor, (rank * part) + first), Place(Rank) + (rank * count * elementBytes), count * elementBytes);
            }

            _exchange.Meet(call);
            Sum(Rank * count * elementBytes, tensor.DType, count, (nint)At(tensor, (Rank * part) + first));
            Next();
            first += count;
        }
        while (first < part);
    }

    public void AllGather(Tensor tensor, CollectiveCall call)
    {
        var elementBytes = tensor.DType.SizeInBytes();
        var (part, piece) = (tensor.Count / Size, _chunkBytes / elementBytes);
        long first = 0;
        do
        {
            var count = (int)Math.Min(piece, part - first);
            Copy(At(tensor, (Rank * part) + first), Place(Rank), count * elementBytes);
            _exchange.Meet(call);
            for (var rank = 0; rank < Size; rank++)
            {
                if (rank != Rank)
                {
                    Copy(Place(rank), At(tensor, (rank * part) + first), count * elementBytes);
                }
            }

            Next();
            first += count;
        }
        while (first < part);
    }

    public void Broadcast(Tensor tensor, CollectiveCall call)
    {
        var elementBytes = tensor.DType.SizeInBytes();
        var piece = _chunkBytes / elementBytes;
        long first = 0;
        do
        {
            var count = (int)Math.Min(piece, tensor.Count - first);
            if (Rank == call.Root)
            {
                Copy(At(tensor, first), Place(Rank), count * elementBytes);
            }

            _exchange.Meet(call);
            if (Rank != call.Root)
            {
                Copy(Place(call.Root), At(tensor, first), count * elementBytes);
            }

            Next();
            first += count;
        }
        while (first < tensor.Count);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private static byte* At(Tensor tensor, long element) => (byte*)tensor.Address + (element * tensor.DType.SizeInBytes());

    private static void Copy(byte* source, byte* target, long bytes) => Buffer.MemoryCopy(source, target, bytes, bytes);

    /// <summary>The memory is taken at once: a full file system is found here, and not by a fault on the first write.</summary>
    private static FileStream? TryCreate(long bytes)
    {
        const string sharedMemory = "/dev/shm";
        foreach (var folder in new[] { sharedMemory, Path.GetTempPath() })
        {
            try
            {
                var options = new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.ReadWrite | FileShare.Delete,
                    PreallocationSize = bytes,
                };
                if (!OperatingSystem.IsWindows())
                {
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                var file = new FileStream(Path.Combine(folder, $"rebound-{Guid.NewGuid():N}"), options);
                file.SetLength(bytes);
                return file;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next folder, or the network.
            }
        }

        return null;
    }

    private static FileStream? TryOpen(string path, long bytes)
    {
        if (path.Length == 0)
        {
            return null;
        }

        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length == bytes)
            {
                return file;
            }

            file.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Ranks of one machine that do not see each other's files, as containers.
        }

        return null;
    }

    private byte* Place(int rank) => _memory + ((((long)_turn * Size) + rank) * _chunkBytes);

    private void Next() => _turn = (_turn + 1) % Turns;

    private (int First, int End) Part(int count, int rank) =>
        ((int)((long)count * rank / Size), (int)((long)count * (rank + 1) / Size));

    /// <summary>The sum of what lies at one offset of every rank's place.</summary>
    private void Sum(int offset, DType type, int count, nint target)
    {
        Span<nint> sources = stackalloc nint[Size];
        for (var rank = 0; rank < Size; rank++)
        {
            sources[rank] = (nint)(Place(rank) + offset);
        }

        RankSum.Run(sources, target, type, count);
    }
}
