using Rebound.Engine.Collectives;
using Rebound.Models.Parameters;

namespace Rebound.Training.Ranks;

/// <summary>Gives all ranks the parameters that each of them has updated.</summary>
internal static class ParameterExchange
{
    /// <param name="weights">Of this rank; their own part is up to date, and afterwards all is.</param>
    public static void Gather(Communicator ranks, ParameterSet weights)
    {
        for (var block = 0; block < weights.Table.BlockCount; block++)
        {
            if (weights.CountOf(block) > 0)
            {
                ranks.AllGather(weights.Block(block));
            }
        }

        weights.MarkChanged();
    }
}
