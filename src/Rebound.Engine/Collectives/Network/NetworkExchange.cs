using System.Buffers;

namespace Rebound.Engine.Collectives.Network;

/// <summary>
/// Tensors over the connections of ranks, by way of the hub: right wherever ranks run, and no faster than the hub's network is.
/// </summary>
internal sealed unsafe class NetworkExchange(RankExchange exchange, int chunkBytes) : ITensorExchange
{
    private readonly RankNetwork _network = exchange.Network;

    public string Description => "tensors over TCP";

    public void AllReduce(Tensor tensor, CollectiveCall call)
    {
        exchange.Meet(call);
        var elementBytes = tensor.DType.SizeInBytes();
        var chunk = chunkBytes / elementBytes;
        for (long first = 0; first < tensor.Count; first += chunk)
        {
            var count = (int)Math.Min(chunk, tensor.Count - first);
            var values = tensor.Address + (nint)(first * elementBytes);
            if (_network.IsHub)
            {
                Reduce(values, tensor.DType, count, call);
            }
            else
            {
                _network.Send(_network.Hub, FrameKind.Data, new ReadOnlySpan<byte>((void*)values, count * elementBytes));
                Take(_network.Hub, values, count * elementBytes, call);
            }
        }
    }

    /// <summary>The sum of all parts, of which the rank's own is asked for.</summary>
    public void ReduceScatter(Tensor tensor, CollectiveCall call) => AllReduce(tensor, call);

    public void AllGather(Tensor tensor, CollectiveCall call)
    {
        exchange.Meet(call);
        var partBytes = tensor.Count / _network.Size * tensor.DType.SizeInBytes();
        for (var rank = 0; rank < _network.Size; rank++)
        {
            Spread(tensor.Address + (nint)(rank * partBytes), partBytes, rank, call);
        }
    }

    public void Broadcast(Tensor tensor, CollectiveCall call)
    {
        exchange.Meet(call);
        Spread(tensor.Address, tensor.Count * tensor.DType.SizeInBytes(), call.Root, call);
    }

    public void Dispose()
    {
        // The connections are the network's.
    }

    private void Reduce(nint values, DType type, int count, CollectiveCall call)
    {
        var bytes = count * type.SizeInBytes();
        var frames = new Frame?[_network.Size];
        var pins = new MemoryHandle[_network.Size];
        try
        {
            Span<nint> sources = stackalloc nint[_network.Size];
            for (var rank = 0; rank < _network.Size; rank++)
            {
                if (rank == _network.Rank)
                {
                    sources[rank] = values;
                    continue;
                }

                frames[rank] = Data(rank, bytes, call);
                pins[rank] = frames[rank]!.Value.Memory.Pin();
                sources[rank] = (nint)pins[rank].Pointer;
            }

            RankSum.Run(sources, values, type, count);
        }
        finally
        {
            Array.ForEach(pins, pin => pin.Dispose());
            Array.ForEach(frames, frame => frame?.Dispose());
        }

        SendToOthers(_network.Rank, new ReadOnlySpan<byte>((void*)values, bytes));
    }

    /// <summary>One rank's bytes, for all.</summary>
    private void Spread(nint address, long bytes, int root, CollectiveCall call)
    {
        for (long first = 0; first < bytes; first += chunkBytes)
        {
            var length = (int)Math.Min(chunkBytes, bytes - first);
            var place = address + (nint)first;
            if (_network.Rank != root)
            {
                Take(_network.IsHub ? root : _network.Hub, place, length, call);
            }

            if (_network.IsHub)
            {
                SendToOthers(root, new ReadOnlySpan<byte>((void*)place, length));
            }
            else if (_network.Rank == root)
            {
                _network.Send(_network.Hub, FrameKind.Data, new ReadOnlySpan<byte>((void*)place, length));
            }
        }
    }

    /// <summary>From the hub to all but the rank that has it.</summary>
    private void SendToOthers(int root, ReadOnlySpan<byte> bytes)
    {
        for (var rank = 0; rank < _network.Size; rank++)
        {
            if (rank != root && rank != _network.Rank)
            {
                _network.Send(rank, FrameKind.Data, bytes);
            }
        }
    }

    private void Take(int rank, nint target, int bytes, CollectiveCall call)
    {
        using var frame = Data(rank, bytes, call);
        frame.Payload.CopyTo(new Span<byte>((void*)target, bytes));
    }

    private Frame Data(int rank, int bytes, CollectiveCall call)
    {
        var frame = exchange.Expect(rank, FrameKind.Data, call);
        return frame.Payload.Length == bytes
            ? frame
            : throw new InvalidDataException($"Rank {rank} sent {frame.Payload.Length} bytes in {call}, and {bytes} were due.");
    }
}
