using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Checkpoints;
using Rebound.Models.Parameters;

namespace Rebound.Models.Verification;

/// <summary>
/// Runs a model on the inputs of a reference and compares what it computes with what is expected. The reference is a
/// safetensors file with <c>input_ids</c> [R, N], and any of: <c>labels</c> [R, N] (a token's own id where it is
/// supervised, −100 elsewhere; all tokens are without them), <c>logits</c> [R, N, V], <c>loss</c> [1] (the mean over
/// supervised tokens), <c>grad.NAME</c> (of that loss, by what is trained), <c>greedy</c> [r, n], and with an adapter
/// <c>merged_logits</c> [R, N, V], of the adapter worked into the weights.
/// </summary>
public static class ModelVerification
{
    private const string GradientPrefix = "grad.";

    /// <summary>Compares everything that the reference holds; what it holds and nobody knows is a failure.</summary>
    /// <param name="tolerance">Largest difference allowed, relative to the largest expected value of a tensor; null: what the model's type allows.</param>
    /// <exception cref="CheckpointException">The reference cannot be read, or has no usable inputs.</exception>
    /// <exception cref="ArgumentException">The inputs do not fit the model.</exception>
    public static IReadOnlyList<VerificationRow> Run(LlamaModel model, string referencePath, RoundingTolerance? tolerance = null)
    {
        tolerance ??= RoundingTolerance.For(model);
        using var reference = new ReferenceFile(referencePath);
        var expected = reference.Expected.ToArray();
        using var gradients = Array.Exists(expected, IsGradient) ? model.CreateGradients() : null;
        var loss = MeanLoss(model, reference, gradients);
        return [.. expected
            .OrderBy(tensor => IsGradient(tensor) ? 1 : 0)
            .Select(tensor => Compare(model, reference, tensor, loss, gradients, tolerance))];
    }

    private static bool IsGradient(StoredTensor tensor) => tensor.Name.StartsWith(GradientPrefix, StringComparison.Ordinal);

    private static double MeanLoss(LlamaModel model, ReferenceFile reference, ParameterSet? gradients)
    {
        var supervised = reference.Batch.SupervisedRows.Length;
        var sum = gradients is null
            ? model.Loss(reference.Batch)
            : model.LossAndGradients(reference.Batch, gradients, 1f / Math.Max(1, supervised));
        return sum / supervised;
    }

    private static VerificationRow Compare(
        LlamaModel model, ReferenceFile reference, StoredTensor tensor, double loss, ParameterSet? gradients,
        RoundingTolerance tolerance)
    {
        var shape = $"[{string.Join(", ", tensor.Shape)}]";
        VerificationRow Failed(string note) => VerificationRow.Failed(tensor.Name, shape, tolerance.Forward, note);

        switch (tensor.Name)
        {
            case "logits":
                return CompareLogits(model, reference, tensor, shape, tolerance.Forward);
            case "merged_logits" when model.Adapter is null:
                return Failed("there is no adapter to merge");
            case "merged_logits":
                using (var merged = LlamaModel.Load(
                    model.Backend, model.Config, new MergedTensors(model.Weights, model.Adapter)))
                {
                    return CompareLogits(merged, reference, tensor, shape, tolerance.Forward);
                }

            case "greedy":
                return GreedyComparison.Run(model, reference, tensor, shape, Tie(model, tolerance));
            case "loss" when tensor.Count != 1:
                return Failed("is not one number");
            case "loss":
                return VerificationRow.Compare("loss", loss, reference.Read(tensor)[0], tolerance.Loss);
        }

        if (!IsGradient(tensor))
        {
            return Failed("is not known: input_ids, labels, logits, merged_logits, loss, greedy and grad.* are");
        }

        var name = PeftNames.WithoutAdapter(tensor.Name[GradientPrefix.Length..]);
        if (gradients is null || !gradients.Table.TryFind(name, out var slice))
        {
            return Failed($"no parameter '{name}' is trained");
        }

        if (slice.Shape.ToString() != shape)
        {
            return Failed($"the model's gradient is {slice.Shape}");
        }

        var actual = new float[slice.Shape.Count];
        gradients.Read(name, actual);
        return VerificationRow.Compare(tensor.Name, shape, actual, reference.Read(tensor), tolerance.Backward);
    }

    /// <summary>In fp32 the tokens have to be the same; in bf16 two logits that are each off by the tolerance may change places.</summary>
    private static double Tie(LlamaModel model, RoundingTolerance tolerance) =>
        model.Backend.ElementType == DType.BFloat16 ? 2 * tolerance.Forward : 0;

    private static VerificationRow CompareLogits(
        LlamaModel model, ReferenceFile reference, StoredTensor tensor, string shape, double tolerance)
    {
        var expected = new Shape(reference.Rows, reference.Columns, model.Config.VocabularySize);
        if (shape != expected.ToString())
        {
            return VerificationRow.Failed(tensor.Name, shape, tolerance, $"the model's logits are {expected}");
        }

        var actual = new float[expected.Count];
        model.Logits(reference.Batch, actual);
        return VerificationRow.Compare(tensor.Name, shape, actual, reference.Read(tensor), tolerance);
    }
}
