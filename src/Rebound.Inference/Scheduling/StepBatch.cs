using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Layers;

namespace Rebound.Inference.Scheduling;

/// <summary>One forward pass: the scheduled tokens of every branch that takes part.</summary>
internal sealed class StepBatch
{
    private readonly PageTable _pages;
    private readonly bool _isWhole;

    private StepBatch(
        LlamaModel model, Sequence[] chosen, int[] tokens, int[] starts, int[] positions, int[] sources, int[] rows,
        List<int[]> pages, int? padding, ScoredRow[] scored)
    {
        (Model, Chosen, Rows, Sources, _pages, Scored) = (model, chosen, rows, sources, new PageTable(pages), scored);
        (Padding, IsDecoding) = (padding ?? 0, padding is not null);
        Batch = new PackedBatch(tokens, starts, firstPositions: positions);
        _isWhole = Array.TrueForAll(positions, position => position == 0) && !IsDecoding;
    }

    /// <summary>The model that computes it.</summary>
    public LlamaModel Model { get; }

    /// <summary>The sequences that get a token.</summary>
    public Sequence[] Chosen { get; }

    /// <summary>A document for every branch: its scheduled tokens.</summary>
    public PackedBatch Batch { get; }

    /// <summary>The rows with logits: those of <see cref="Scored"/>, and the last one of every branch of <see cref="Chosen"/>.</summary>
    public int[] Rows { get; }

    /// <summary>The places in prompts that the first of <see cref="Rows"/> are read for.</summary>
    public ScoredRow[] Scored { get; }

    /// <summary>[T] for a token that the step before draws, its place among what that one draws; else −1.</summary>
    public int[] Sources { get; }

    /// <summary>Whether every document is one token, and is read: what <see cref="Models.LlamaModel.Decode"/> takes.</summary>
    public bool IsDecoding { get; }

    /// <summary>Documents at the end that only make the batch one of few sizes; a token is drawn for each of them, too.</summary>
    public int Padding { get; }

    /// <summary>Tokens that are drawn: of <see cref="Chosen"/>, and for <see cref="Padding"/>.</summary>
    public int Draws => Chosen.Length + Padding;

    /// <summary>Packs what is scheduled of some sequences.</summary>
    /// <param name="sequences">At least one, of one model.</param>
    /// <param name="sparePage">Of sequences that all decode a page that nobody reads, for padding; null for a batch of any tokens.</param>
    public static StepBatch Of(IReadOnlyCollection<Sequence> sequences, int? sparePage)
    {
        var (chosen, rows, pages) = (new List<Sequence>(), new List<int>(), new List<int[]>());
        var (tokens, starts, positions, sources) = (new List<int>(), new List<int> { 0 }, new List<int>(), new List<int>());
        var (scored, scoredRows) = (new List<ScoredRow>(), new List<int>());
        foreach (var sequence in sequences)
        {
            var isWhole = sequence.IsScheduledWhole;
            AddScored(sequence, tokens.Count, scored, scoredRows);
            foreach (var branch in sequence.Branches)
            {
                if (branch.Scheduled == 0)
                {
                    continue;
                }

                tokens.AddRange(branch.ScheduledTokens);
                starts.Add(tokens.Count);
                positions.Add(branch.Computed);
                pages.Add(branch.Blocks.ToArray());
                while (sources.Count < tokens.Count)
                {
                    sources.Add(-1);
                }

                if (isWhole)
                {
                    rows.Add(tokens.Count - 1);
                    sources[^1] = branch.IsAwaiting ? sequence.Source : -1;
                }
            }

            if (isWhole)
            {
                chosen.Add(sequence);
            }
        }

        int? padding = null;
        if (sparePage is { } spare)
        {
            padding = DecodingSizes.Padded(pages.Count) - pages.Count;
            for (var i = 0; i < padding; i++)
            {
                rows.Add(tokens.Count);
                tokens.Add(0);
                starts.Add(tokens.Count);
                positions.Add(0);
                sources.Add(-1);
                pages.Add([spare]);
            }
        }

        return new StepBatch(
            sequences.First().Model, [.. chosen], [.. tokens], [.. starts], [.. positions], [.. sources], [.. scoredRows, .. rows], pages,
            padding, [.. scored]);
    }

    /// <summary>Tokens up to where the one of a chosen sequence is drawn.</summary>
    public int Length(int chosen)
    {
        var row = Scored.Length + Chosen.Take(chosen).Sum(sequence => sequence.Branches.Length);
        return Batch.Positions[Rows[row]] + 1;
    }

    /// <summary>Adds the scheduled tokens of a prompt whose logits are still to be read.</summary>
    /// <param name="first">The row of the sequence's first scheduled token, which is its own prompt's.</param>
    private static void AddScored(Sequence sequence, int first, List<ScoredRow> scored, List<int> rows)
    {
        var own = sequence.Branches[0];
        for (var i = 0; sequence.IsScored && i < own.Scheduled; i++)
        {
            if (sequence.Scores!.Lacks(own.Computed + i))
            {
                scored.Add(new ScoredRow(sequence.Scores, own.Computed + i));
                rows.Add(first + i);
            }
        }
    }

    /// <summary>The cache as this batch reads and writes it.</summary>
    public KeyValueCacheView View(KeyValueCache cache) => new(cache.Layers, _pages, _isWhole);
}
