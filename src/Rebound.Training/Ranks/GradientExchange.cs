using Rebound.Engine.Collectives;
using Rebound.Models;
using Rebound.Models.Parameters;

namespace Rebound.Training.Ranks;

/// <summary>
/// Sums gradients over ranks, block by block, as a backward pass completes them: each rank gets the sum of its own part (ZeRO, Rajbhandari
/// et al. 2020, arXiv 1910.02054).
/// </summary>
/// <param name="gradients">Of this rank; afterwards only the own part of them is defined.</param>
internal sealed class GradientExchange(Communicator ranks, ParameterSet gradients) : IGradientListener
{
    public void Completed(int block)
    {
        if (gradients.CountOf(block) > 0)
        {
            ranks.ReduceScatter(gradients.Block(block));
        }
    }

    /// <summary>The share of a rank that has no batch in a step's last pass.</summary>
    public void CompleteAll()
    {
        for (var block = gradients.Table.BlockCount - 1; block >= 0; block--)
        {
            Completed(block);
        }
    }
}
