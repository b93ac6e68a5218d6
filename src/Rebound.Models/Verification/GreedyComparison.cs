using Rebound.Checkpoints;
using Rebound.Engine;

namespace Rebound.Models.Verification;

/// <summary>Continues a prompt with the likeliest tokens, as generation does: so many, or fewer where a sequence ends.</summary>
public delegate int[] GreedyDecoder(LlamaModel model, ReadOnlySpan<int> prompt, int count);

/// <summary>
/// Compares greedy continuations. Row r of <c>greedy</c> begins as row r of <c>input_ids</c> does; what differs from it
/// was generated.
/// </summary>
internal static class GreedyComparison
{
    /// <param name="tie">
    /// How much less likely, by their logits as a share of the largest, an expected token may be than the one that was
    /// generated: the model then goes on after the expected one. 0 for none.
    /// </param>
    /// <returns>A row whose largest absolute difference is the number of tokens that differ, and must be 0.</returns>
    public static VerificationRow Run(
        LlamaModel model, ReferenceFile reference, StoredTensor tensor, string shape, double tie, GreedyDecoder decode)
    {
        if (tensor.Shape is not [var rows, > 1 and <= int.MaxValue] || rows > reference.Rows)
        {
            return VerificationRow.Failed(
                tensor.Name, shape, 0, $"a matrix of up to {reference.Rows} rows, one for each of input_ids, is needed");
        }

        var (expected, columns) = (reference.ReadInt32(tensor), (int)tensor.Shape[1]);
        var (different, generated) = (0, 0);
        string? note = null;
        for (var row = 0; row < rows; row++)
        {
            var sequence = expected.AsSpan(row * columns, columns);
            var prompt = PromptLength(sequence, reference.Tokens.AsSpan(row * reference.Columns, reference.Columns));
            if (prompt == 0)
            {
                return VerificationRow.Failed(tensor.Name, shape, 0, $"row {row} does not begin as row {row} of input_ids does");
            }

            generated += columns - prompt;
            if (FirstDifference(model, sequence, prompt, tie, decode) is { } difference)
            {
                different += columns - difference.At;
                note ??= $"row {row}, token {difference.At}: {difference.Token} instead of {sequence[difference.At]}";
            }
        }

        var share = (double)different / generated;
        return new VerificationRow(tensor.Name, shape, different, share, share, 0, different == 0, note);
    }

    /// <summary>Where a continuation leaves the expected one for a token that is more likely by more than a tie.</summary>
    private static (int At, int Token)? FirstDifference(
        LlamaModel model, ReadOnlySpan<int> sequence, int prompt, double tie, GreedyDecoder decode)
    {
        while (prompt < sequence.Length)
        {
            var actual = decode(model, sequence[..prompt], sequence.Length - prompt);
            var same = actual.AsSpan().CommonPrefixLength(sequence[prompt..]);
            if (same == actual.Length)
            {
                return null;
            }

            prompt += same;
            if (tie == 0 || !IsTie(model, sequence[..prompt], actual[same], sequence[prompt], tie))
            {
                return (prompt, actual[same]);
            }

            prompt++;
        }

        return null;
    }

    private static bool IsTie(LlamaModel model, ReadOnlySpan<int> tokens, int generated, int expected, double tie)
    {
        var logits = new float[model.Config.VocabularySize];
        model.Logits(new PackedBatch(tokens, [0, tokens.Length]), [tokens.Length - 1], logits);
        return logits[generated] - logits[expected] <= tie * logits.Max(Math.Abs);
    }

    /// <summary>
    /// A prompt's end is not marked; a generated token that equals the input's leaves it open, and continuing after it
    /// must give the same tokens. At least one token is left to generate.
    /// </summary>
    private static int PromptLength(ReadOnlySpan<int> sequence, ReadOnlySpan<int> input) =>
        Math.Min(sequence.CommonPrefixLength(input), sequence.Length - 1);
}
