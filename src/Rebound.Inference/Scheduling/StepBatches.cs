namespace Rebound.Inference.Scheduling;

/// <summary>The batches of one step, in the order in which they are computed and draw.</summary>
internal static class StepBatches
{
    /// <summary>
    /// Packs what is scheduled: into one batch, or into one of the sequences that decode and one of the prompts; where several models take
    /// part, into one for each, none of whose tokens may be awaited.
    /// </summary>
    /// <param name="sparePage">A page that nobody reads, for the padding of decoding batches; null to decode as prompts are read.</param>
    /// <param name="apart">Whether sequences decode in a batch of their own where prompts are read beside them.</param>
    public static IReadOnlyList<StepBatch> Of(IEnumerable<Sequence> sequences, int? sparePage, bool apart)
    {
        Sequence[] scheduled = [.. sequences.Where(sequence => sequence.IsScheduled)];
        if (scheduled.Length == 0)
        {
            return [];
        }

        if (scheduled.Any(sequence => sequence.Model != scheduled[0].Model))
        {
            return [.. scheduled.GroupBy(sequence => sequence.Model).Select(group => StepBatch.Of([.. group], sparePage: null))];
        }

        var decoding = scheduled.Where(Decodes).ToArray();
        if (sparePage is not null && decoding.Length == scheduled.Length)
        {
            return [StepBatch.Of(decoding, sparePage)];
        }

        // The first batch's draws replace those of the step before, which the second one must not wait for then.
        var prompts = scheduled.Where(sequence => !Decodes(sequence)).ToArray();
        return apart && decoding.Length > 0 && !prompts.Any(prompt => prompt.IsAwaiting)
            ? [StepBatch.Of(decoding, sparePage), StepBatch.Of(prompts, sparePage: null)]
            : [StepBatch.Of(scheduled, sparePage: null)];
    }

    private static bool Decodes(Sequence sequence) => sequence.IsDecoding && sequence.IsScheduledWhole;
}
