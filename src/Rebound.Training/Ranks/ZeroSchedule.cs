using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Models;
using Rebound.Models.Parameters;

namespace Rebound.Training.Ranks;

/// <summary>
/// The work of ranks between the blocks of a pass (ZeRO, Rajbhandari et al. 2020, arXiv 1910.02054): where a rank keeps its part of the
/// weights alone, gathers each block before it is read, one ahead of the pass; sums a block's gradients as soon as they are complete, in a
/// step's last pass where they are whole in memory, and in every pass where a rank keeps its part of them alone. Nothing waits for
/// the ranks before it needs what they bring.
/// </summary>
internal sealed class ZeroSchedule : IBlockSchedule, IDisposable
{
    private readonly Communicator _ranks;
    private readonly ParameterSet _weights;
    private readonly ParameterSet? _gradients;
    private readonly BlockBuffers? _weightBuffers;
    private readonly BlockBuffers? _gradientBuffers;
    private readonly PendingCollective[] _shared;
    private readonly int[] _needed;
    private PendingCollective _summed;
    private int _last;

    /// <param name="gradients">Null for a model that only goes forward.</param>
    /// <exception cref="InsufficientMemoryException">The device has no room for the blocks that are whole for a while.</exception>
    public ZeroSchedule(Communicator ranks, ParameterSet weights, ParameterSet? gradients)
    {
        (_ranks, _weights, _gradients) = (ranks, weights, gradients);
        _needed = new int[weights.Table.BlockCount];
        _shared = new PendingCollective[weights.Table.BlockCount];
        _weightBuffers = weights.Storage == ParameterStorage.OwnPart ? new BlockBuffers(weights) : null;
        try
        {
            _gradientBuffers = gradients?.Storage == ParameterStorage.OwnPart ? new BlockBuffers(gradients) : null;
        }
        catch
        {
            _weightBuffers?.Dispose();
            throw;
        }

        weights.Arriving = _weightBuffers is null ? Settle : null;
    }

    /// <summary>Whether the pass that is going on is the last one of its step.</summary>
    public bool IsLastPass { get; set; }

    public void Need(int block)
    {
        if (_weightBuffers is null)
        {
            Settle(block);
            return;
        }

        if (_weights.CountOf(block) == 0 || _needed[block]++ > 0)
        {
            return;
        }

        Gather(_weightBuffers, block);
        Wait(ref _weightBuffers.Pending(block));
        _weights.Open(block, _weightBuffers.Of(block));
        if (Following(block) is { } next && _weights.CountOf(next) > 0
            && (_weightBuffers.HeldBeside(next) is not { } held || _needed[held] == 0))
        {
            Gather(_weightBuffers, next);
        }
    }

    public void Release(int block)
    {
        if (_weightBuffers is not null && _weights.CountOf(block) > 0 && --_needed[block] == 0)
        {
            _weights.Close(block);
        }
    }

    public void Open(int block)
    {
        if (_gradientBuffers is not null && _gradients!.CountOf(block) > 0)
        {
            Keep(_gradientBuffers, block);
            var whole = _gradientBuffers.Of(block);
            _gradients.Backend.Fill(whole, 0);
            _gradients.Open(block, whole);
        }
    }

    public void Complete(int block)
    {
        if (_gradients is null || _gradients.CountOf(block) == 0)
        {
            return;
        }

        if (_gradientBuffers is not null)
        {
            _gradientBuffers.Pending(block) = _ranks.BeginReduceScatter(_gradients.Block(block));
            _gradientBuffers.Hold(block);
            _gradients.Close(block);
        }
        else if (IsLastPass)
        {
            _summed = _ranks.BeginReduceScatter(_gradients.Block(block));
        }
    }

    /// <summary>Ends a step's passes: the own part of the gradients is the sum over all ranks.</summary>
    public void EndPasses()
    {
        Wait(ref _summed);
        foreach (var block in _gradientBuffers?.Held.ToArray() ?? [])
        {
            Keep(_gradientBuffers!, block);
        }
    }

    /// <summary>Gives all ranks the weights that each of them has updated: by when they are next needed.</summary>
    public void ShareWeights()
    {
        if (_weightBuffers is not null)
        {
            _weightBuffers.Forget();
            return;
        }

        for (var block = 0; block < _weights.Table.BlockCount; block++)
        {
            if (_weights.CountOf(block) > 0)
            {
                _shared[block] = _ranks.BeginAllGather(_weights.Block(block));
            }
        }

        _weights.MarkChanged();
    }

    public void Dispose()
    {
        _weights.Arriving = null;
        try
        {
            Array.ForEach(_shared, _ranks.Wait);
        }
        catch (CommunicationException)
        {
            // Whoever calls the ranks next is told.
        }

        _weightBuffers?.Dispose();
        _gradientBuffers?.Dispose();
    }

    private void Gather(BlockBuffers buffers, int block)
    {
        if (buffers.HeldBeside(block) == block)
        {
            return;
        }

        Wait(ref buffers.Pending(block));
        var whole = buffers.Of(block);
        _weights.Backend.Copy(OwnOf(whole, _weights), _weights.Own(block));
        buffers.Pending(block) = _ranks.BeginAllGather(whole);
        buffers.Hold(block);
    }

    /// <summary>The block that a pass comes to after a block, as far as the blocks before tell.</summary>
    private int? Following(int block)
    {
        var (before, head) = (_last, _weights.Table.BlockCount - 1);
        _last = block;
        return block == 0
            ? before == head && _weights.Table.IsTied ? null : 1
            : block > before
                ? block < head ? block + 1 : null
                : block > 1 ? block - 1 : null;
    }

    /// <summary>Adds what ranks have summed in a block's buffer, of whichever block it is, to the own part.</summary>
    private void Keep(BlockBuffers buffers, int block)
    {
        if (buffers.HeldBeside(block) is { } held)
        {
            Wait(ref buffers.Pending(held));
            _gradients!.Backend.Add(_gradients.Own(held), OwnOf(buffers.Of(held), _gradients));
            buffers.Free(held);
        }
    }

    private void Settle(int block) => Wait(ref _shared[block]);

    private void Wait(ref PendingCollective pending)
    {
        if (!pending.IsDone)
        {
            _ranks.Wait(pending);
            pending = default;
        }
    }

    private static Tensor OwnOf(Tensor whole, ParameterSet set)
    {
        var count = whole.Shape[0] / set.Part.Count;
        return whole.Rows(set.Part.Index * count, count);
    }
}
