using Rebound.Checkpoints;
using Rebound.Engine;

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
    /// <summary>
    /// Compares everything that the reference holds; what it holds and nobody knows is a failure. Results beyond what the
    /// model's type allows in general are judged by what rounding does to this model (<see cref="RoundingVerdict"/>).
    /// </summary>
    /// <param name="decode">Generates, for <c>greedy</c>.</param>
    /// <param name="tolerance">Largest difference allowed, relative to the largest expected value of a tensor;
    /// null: what the model's type allows.</param>
    /// <param name="inFloat32">
    /// Gives the same model in fp32 on the same device, which stays its owner's: what bf16 does not hold within the general
    /// tolerance has to be right there. Null: it cannot be asked.
    /// </param>
    /// <param name="onMeasure">Told before rounding is measured, which takes a while.</param>
    /// <exception cref="CheckpointException">The reference cannot be read, or has no usable inputs.</exception>
    /// <exception cref="ArgumentException">The inputs do not fit the model.</exception>
    public static IReadOnlyList<VerificationRow> Run(
        LlamaModel model, string referencePath, GreedyDecoder decode, RoundingTolerance? tolerance = null,
        Func<LlamaModel>? inFloat32 = null,
        Action? onMeasure = null)
    {
        using var reference = new ReferenceFile(referencePath);
        var rows = Compare(model, reference, reference.Expected, tolerance ?? RoundingTolerance.For(model), decode);
        if (tolerance is not null || !rows.Any(RoundingVerdict.IsNeeded))
        {
            return rows;
        }

        onMeasure?.Invoke();
        return RoundingVerdict.Judge(rows, model, reference, inFloat32);
    }

    /// <summary>Compares some of a reference's tensors, gradients last.</summary>
    internal static IReadOnlyList<VerificationRow> Compare(
        LlamaModel model, ReferenceFile reference, IEnumerable<StoredTensor> tensors,
        RoundingTolerance tolerance, GreedyDecoder? decode = null)
    {
        using var results = new ModelResults(model, reference);
        return [.. tensors
            .OrderBy(tensor => ModelResults.IsGradient(tensor) ? 1 : 0)
            .Select(tensor => Compare(model, results, reference, tensor, tolerance, decode))];
    }

    private static VerificationRow Compare(
        LlamaModel model, ModelResults results, ReferenceFile reference, StoredTensor tensor,
        RoundingTolerance tolerance, GreedyDecoder? decode)
    {
        var shape = ModelResults.ShapeOf(tensor);
        if (tensor.Name == "greedy" && decode is not null)
        {
            return GreedyComparison.Run(model, reference, tensor, shape, Tie(model, tolerance), decode);
        }

        var allowed = ModelResults.Tolerance(tensor.Name, tolerance);
        return results.Find(tensor, out var actual) is { } problem
            ? VerificationRow.Failed(tensor.Name, shape, allowed, problem)
            : VerificationRow.Compare(tensor.Name, shape, actual, reference.Read(tensor), allowed);
    }

    /// <summary>In fp32 the tokens have to be the same; in bf16 two logits that are each off by the tolerance may change places.</summary>
    private static double Tie(LlamaModel model, RoundingTolerance tolerance) =>
        model.Backend.ElementType == DType.BFloat16 ? 2 * tolerance.Forward : 0;
}
