using Rebound.Engine;
using Rebound.Models;

namespace Rebound.Inference.Scheduling;

/// <summary>How many pages a cache is to have.</summary>
internal static class CacheSize
{
    /// <summary>On the CPU: room for each sequence on average; a longer one takes that of others.</summary>
    private const int CpuTokensPerSequence = 2048;

    /// <summary>The part of a GPU's free memory that is left to what is not planned: kernels, attention's partial results.</summary>
    private const double Spared = 0.08;

    /// <param name="options">Valid ones.</param>
    public static int Pages(LlamaModel model, SchedulerOptions options)
    {
        if (options.CacheTokens is { } tokens)
        {
            return BlockTable.PagesFor(tokens);
        }

        // Room for two sequences at the least: under guidance an answer is two.
        var (sequences, context) = (Math.Max(2L, options.MaxSequences), model.Config.ContextLength);
        var pages = model.Backend.FreeBytes is { } free
            ? Math.Min(2 * sequences * BlockTable.PagesFor(context), PagesIn(free, model, options))
            : Math.Max(BlockTable.PagesFor(context), sequences * BlockTable.PagesFor(Math.Min(context, CpuTokensPerSequence)));
        return (int)Math.Clamp(pages, 1, int.MaxValue / PageTable.PageTokens);
    }

    /// <summary>The most tokens of a step: the budget, and what decodes beside it.</summary>
    public static int MostStepTokens(Backend backend, SchedulerOptions options) =>
        options.StepTokensOn(backend) + (2 * options.MaxSequences) + DecodingSizes.MostPadding;

    private static long PagesIn(long free, LlamaModel model, SchedulerOptions options)
    {
        var tokens = MostStepTokens(model.Backend, options);
        var workspace = LlamaModel.WorkspaceBytes(model.Backend, model.Config, tokens, backward: false, model.Adapter?.Layout);
        return (long)((free * (1 - Spared)) - workspace) / KeyValueCache.PageBytes(model.Backend, model.Config);
    }
}
