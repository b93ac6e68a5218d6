using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Rebound.Engine;
using Rebound.Files;
using Rebound.Training.Methods;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Checkpoints;

/// <summary>
/// Everything that decides what a run computes, as names and values, so that a resume under other circumstances can be
/// refused by name. Options have the names that transformers gives them.
/// </summary>
public static class RunIdentity
{
    /// <summary>The name of <see cref="Fingerprint"/> among the values.</summary>
    public const string TrainingData = "training data";

    /// <summary>The name of what a method reads beside tokens and labels; there for a method that reads anything.</summary>
    public const string MethodData = "what the method reads";

    private const int HashBytesShown = 8;

    /// <param name="data">What is trained on.</param>
    /// <param name="heldOut">The held-out documents; empty for none.</param>
    /// <param name="model">The fingerprint of the starting weights.</param>
    /// <param name="computing">The type that is computed in.</param>
    public static SortedDictionary<string, string> Of(
        TrainingOptions options, LearningSet data, IReadOnlyList<TokenizedDocument> heldOut, string model, DType computing)
    {
        var identity = OfLikelihood(options, data, heldOut, model, computing);
        if (!data.IsPlain)
        {
            var numbers = MethodText.Numbers(data.Method, data.Options).Select(number => $"{number.Name} {number.Value}");
            identity["method"] = string.Join(", ", numbers.Prepend(data.Method.Name()));
            identity[MethodData] = $"SHA-256 {MethodFingerprint.Of(data)}…";
        }

        return identity;
    }

    private static SortedDictionary<string, string> OfLikelihood(
        TrainingOptions options, LearningSet data, IReadOnlyList<TokenizedDocument> heldOut, string model, DType computing) =>
        new(StringComparer.Ordinal)
        {
            ["model"] = model,
            [TrainingData] = Fingerprint(data.Documents.Select(document => document.Document)),
            ["held-out data"] = heldOut.Count == 0 ? "none" : Fingerprint(heldOut),
            ["num_train_epochs"] = options.MaxSteps is null ? Text(options.Epochs) : "unused",
            ["max_steps"] = options.MaxSteps is { } steps ? Text(steps) : "-1",
            ["per_device_train_batch_size × gradient_accumulation_steps"] = Text(options.StepDocuments),
            ["pack_tokens"] = Text(options.PackTokens),
            ["learning_rate"] = Text(options.LearningRate),
            ["lr_scheduler_type"] = options.Schedule.ToString(),
            ["warmup_ratio"] = options.WarmupSteps is null ? Text(options.WarmupRatio) : "unused",
            ["warmup_steps"] = options.WarmupSteps is { } warmup ? Text(warmup) : "0",
            ["weight_decay"] = Text(options.Optimizer.WeightDecay),
            ["adam_beta1"] = Text(options.Optimizer.Beta1),
            ["adam_beta2"] = Text(options.Optimizer.Beta2),
            ["adam_epsilon"] = Text(options.Optimizer.Epsilon),
            ["max_grad_norm"] = Text(options.Optimizer.MaxGradientNorm),
            ["seed"] = Text(options.Seed),
            ["dtype"] = computing.ToString(),
            ["moments_dtype"] = options.Optimizer.MomentType.ToString(),
        };

    /// <summary>The differences, a phrase each: <c>seed was 42 and is now 43</c>.</summary>
    public static IReadOnlyList<string> Differences(
        IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now) =>
    [
        .. before.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
            .Select(name => (Name: name, Before: before.GetValueOrDefault(name, "not set"), Now: now.GetValueOrDefault(name, "not set")))
            .Where(pair => pair.Before != pair.Now)
            .Select(pair => $"{pair.Name} was {pair.Before} and is now {pair.Now}"),
    ];

    /// <summary>
    /// A fingerprint of documents: their number, their tokens, and a few digits of a hash of ids, tokens and labels in order.
    /// </summary>
    public static string Fingerprint(IEnumerable<TokenizedDocument> documents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        var (count, all, labels) = (0, 0L, Array.Empty<int>());
        foreach (var document in documents)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, document.Length);
            hash.AppendData(length);
            hash.AppendData(Encoding.UTF8.GetBytes(document.Id));
            hash.AppendData(MemoryMarshal.AsBytes(document.Content.Tokens.Span));
            Array.Resize(ref labels, Math.Max(labels.Length, document.Length));
            document.Content.CopyLabels(labels.AsSpan(0, document.Length));
            hash.AppendData(MemoryMarshal.AsBytes(labels.AsSpan(0, document.Length)));
            (count, all) = (count + 1, all + document.Length);
        }

        var digits = Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, HashBytesShown));
        return $"{Text(count)} documents of {Text(all)} tokens (SHA-256 {digits}…)";
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
