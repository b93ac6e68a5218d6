using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Parameters;

namespace Rebound.Inference.Scheduling;

/// <summary>How much a <see cref="Scheduler"/> computes and keeps at a time.</summary>
public sealed record SchedulerOptions
{
    private const int CpuStepTokens = 512;
    private const int GpuStepTokens = 8192;

    /// <summary>Half a millisecond of a GPU's memory.</summary>
    private const long MostBytesReadTwice = 2L << 30;

    /// <summary>Most sequences to generate at a time; others wait. More share the reading of weights, and take more cache.</summary>
    public int MaxSequences { get; init; } = 16;

    /// <summary>
    /// Tokens of one step, decoding and prefill together: fewer keep the time between two tokens of an answer short while long
    /// prompts are read, more read them faster. Every running sequence decodes in each step all the same, and prefill gets a
    /// quarter of this at least. Null: 512 on the CPU, 8,192 elsewhere.
    /// </summary>
    public int? StepTokens { get; init; }

    /// <summary>
    /// Tokens of all sequences whose keys and values are kept. Null: on a GPU as many as its free memory holds, on the CPU
    /// 2,048 for each sequence; and never more than the sequences can come to.
    /// </summary>
    public int? CacheTokens { get; init; }

    /// <summary>
    /// Whether sequences decode in a batch of their own beside that of the prompts, where a batch can be recorded. Null: where the
    /// weights, which are then read twice, are small enough to be read while the host enqueues a few operations.
    /// </summary>
    internal bool? DecodesApart { get; init; }

    /// <exception cref="ArgumentException">Options are outside of their range; all of them are named.</exception>
    public void Validate()
    {
        string[] problems =
        [
            .. Below(MaxSequences, "number of sequences"), .. Below(StepTokens, "number of a step's tokens"),
            .. Below(CacheTokens, "number of the cache's tokens"),
        ];
        if (problems.Length > 0)
        {
            throw new ArgumentException($"Scheduler options: {string.Join("; ", problems)}.");
        }
    }

    internal int StepTokensOn(Backend backend) => StepTokens ?? (backend.IsHostMemory ? CpuStepTokens : GpuStepTokens);

    internal bool DecodesApartOn(LlamaModel model) =>
        model.Backend.CanRecord
        && (DecodesApart ?? ParameterSet.BytesOf(model.Weights.Table, model.Weights.Type) <= MostBytesReadTwice);

    private static IEnumerable<string> Below(int? value, string name) =>
        value is < 1 ? [$"the {name} is {value}, and must be at least 1"] : [];
}
