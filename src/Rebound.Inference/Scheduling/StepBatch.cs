using Rebound.Engine;
using Rebound.Models.Layers;

namespace Rebound.Inference.Scheduling;

/// <summary>One forward pass: the scheduled tokens of every branch that takes part, decoding and prefill side by side.</summary>
internal sealed class StepBatch
{
    private readonly bool _isWhole;

    private StepBatch(Sequence[] chosen, int[] tokens, int[] starts, int[] positions, int[] rows, List<int[]> pages)
    {
        (Chosen, Rows, Pages) = (chosen, rows, new PageTable(pages));
        Batch = new PackedBatch(tokens, starts, firstPositions: positions);
        _isWhole = Array.TrueForAll(positions, position => position == 0);
    }

    /// <summary>The sequences that get a token.</summary>
    public Sequence[] Chosen { get; }

    /// <summary>A document for every branch: its scheduled tokens.</summary>
    public PackedBatch Batch { get; }

    /// <summary>The rows whose logits are read: the last one of every branch of <see cref="Chosen"/>, in their order.</summary>
    public int[] Rows { get; }

    public PageTable Pages { get; }

    /// <summary>Packs what is scheduled; null where nothing is.</summary>
    public static StepBatch? Of(IEnumerable<Sequence> sequences)
    {
        var (chosen, rows, pages) = (new List<Sequence>(), new List<int>(), new List<int[]>());
        var (tokens, starts, positions) = (new List<int>(), new List<int> { 0 }, new List<int>());
        foreach (var sequence in sequences)
        {
            var isWhole = sequence.IsScheduledWhole;
            foreach (var branch in sequence.Branches.Where(branch => branch.Scheduled > 0))
            {
                tokens.AddRange(branch.Tokens.Span.Slice(branch.Computed, branch.Scheduled));
                starts.Add(tokens.Count);
                positions.Add(branch.Computed);
                pages.Add(branch.Blocks.ToArray());
                if (isWhole)
                {
                    rows.Add(tokens.Count - 1);
                }
            }

            if (isWhole)
            {
                chosen.Add(sequence);
            }
        }

        return tokens.Count == 0 ? null : new StepBatch([.. chosen], [.. tokens], [.. starts], [.. positions], [.. rows], pages);
    }

    /// <summary>The cache as this batch reads and writes it.</summary>
    public KeyValueCacheView View(KeyValueCache cache) => new(cache.Layers, Pages, _isWhole);
}
