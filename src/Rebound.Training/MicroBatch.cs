using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Adapters;

namespace Rebound.Training;

/// <summary>The default number of tokens in a micro-batch.</summary>
public static class MicroBatch
{
    /// <summary>On a CPU more tokens are no faster.</summary>
    private const int HostTokens = 2048;

    /// <summary>A GPU's products run at full speed from here on.</summary>
    private const int MostTokens = 16_384;

    private const int Step = 1024;

    /// <summary>Share of the free memory that is planned with; allocations are rounded.</summary>
    private const double Usable = 0.98;

    /// <summary>The tokens of a batch that fit into device memory beside weights, gradients and moments, within limits.</summary>
    /// <param name="adapter">The adapter to train; null to train the weights.</param>
    /// <param name="frozenBytes">As in <see cref="MemoryPlan.Of"/>.</param>
    public static int TokensThatFit(
        Backend backend, LlamaConfig config, LoraLayout? adapter, TrainingOptions training, long? frozenBytes = null)
    {
        if (backend.IsHostMemory)
        {
            return HostTokens;
        }

        for (var tokens = MostTokens; tokens > Step; tokens -= Step)
        {
            var plan = MemoryPlan.Of(
                backend, config, adapter, training, tokens, heldOutBatch: 0, processBytes: 0, frozenBytes: frozenBytes);
            if (plan.Peak <= Usable * plan.Available)
            {
                return tokens;
            }
        }

        return Step;
    }
}
