using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Models;
using Rebound.Models.Parameters;

namespace Rebound.Training.Ranks;

/// <summary>
/// The work of ranks between the blocks of a pass (ZeRO, Rajbhandari et al. 2020, arXiv 1910.02054): where a rank keeps its part of the
/// weights alone, gathers each block before it is read; sums a block's gradients as soon as they are complete, in a step's last pass where
/// they are whole in memory, and in every pass where a rank keeps its part of them alone.
/// </summary>
internal sealed class ZeroSchedule : IBlockSchedule, IDisposable
{
    private readonly Communicator _ranks;
    private readonly ParameterSet _weights;
    private readonly ParameterSet? _gradients;
    private readonly BlockBuffers? _weightBuffers;
    private readonly BlockBuffers? _gradientBuffers;
    private readonly int[] _needed;

    /// <param name="gradients">Null for a model that only goes forward.</param>
    /// <exception cref="InsufficientMemoryException">The device has no room for the blocks that are whole for a while.</exception>
    public ZeroSchedule(Communicator ranks, ParameterSet weights, ParameterSet? gradients)
    {
        (_ranks, _weights, _gradients) = (ranks, weights, gradients);
        _needed = new int[weights.Table.BlockCount];
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
    }

    /// <summary>Whether the pass that is going on is the last one of its step.</summary>
    public bool IsLastPass { get; set; }

    public void Need(int block)
    {
        if (_weightBuffers is null || _weights.CountOf(block) == 0 || _needed[block]++ > 0)
        {
            return;
        }

        var whole = _weightBuffers.Of(block);
        if (!_weightBuffers.Hold(block))
        {
            _weights.Backend.Copy(OwnOf(whole, _weights), _weights.Own(block));
            _ranks.AllGather(whole);
        }

        _weights.Open(block, whole);
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

        if (_gradientBuffers is null)
        {
            if (IsLastPass)
            {
                _ranks.ReduceScatter(_gradients.Block(block));
            }

            return;
        }

        var whole = _gradients.Block(block);
        _ranks.ReduceScatter(whole);
        _gradients.Backend.Add(_gradients.Own(block), OwnOf(whole, _gradients));
        _gradients.Close(block);
    }

    /// <summary>Gives all ranks the weights that each of them has updated: at once, or when they are next needed.</summary>
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
                _ranks.AllGather(_weights.Block(block));
            }
        }

        _weights.MarkChanged();
    }

    public void Dispose()
    {
        _weightBuffers?.Dispose();
        _gradientBuffers?.Dispose();
    }

    private static Tensor OwnOf(Tensor whole, ParameterSet set)
    {
        var count = whole.Shape[0] / set.Part.Count;
        return whole.Rows(set.Part.Index * count, count);
    }
}
