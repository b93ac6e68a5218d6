using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Verification;
using Rebound.Training.Methods;

namespace Rebound.Training.Verification;

/// <summary>
/// Repeats the recorded losses of training methods: log-probabilities, gradients, and optimizer steps. The record is a JSON object with the
/// <c>optimizer</c> (<c>betas</c>, <c>eps</c>, <c>weight_decay</c> of matrices, <c>clip</c>), the <c>rows</c> that are all in every step
/// (<c>input_ids</c>, <c>labels</c>, <c>outcome</c> 1 or 0, the <c>pair</c> of dpo, the <c>rate</c> of nft, the <c>advantage</c> of grpo),
/// the <c>mismatched</c> document of each for kto, summed log-probabilities of the rows under a reference model (<c>reference_logps</c>)
/// and the model they were drawn from (<c>old_logps</c>), and <c>methods</c>: for each its <c>hyperparameters</c>, <c>first</c> (the rows'
/// <c>logps</c>, kto's <c>kl</c>) and <c>steps</c> (<c>lr</c>, <c>loss</c> before the update, <c>grad_norm</c> before clipping). Beside the
/// file, <c>METHOD.safetensors</c> has the first step's gradients, <c>grad.NAME</c>.
/// </summary>
public static class LossReplay
{
    /// <summary>Repeats every method of the record.</summary>
    /// <param name="load">Opens the model with its weights as they are stored; called for every method, and disposed here.</param>
    /// <param name="reference">The reference model.</param>
    /// <param name="old">The model that the rows were drawn from.</param>
    /// <param name="tolerance">Largest relative difference allowed; null: what the model's type allows.</param>
    /// <param name="onMethod">Told before the first method and after each how many are done, and of how many.</param>
    /// <exception cref="InvalidDataException">The record is not of this form; the message names the field.</exception>
    /// <exception cref="CheckpointException">A file of gradients cannot be read.</exception>
    public static IReadOnlyList<VerificationRow> Run(
        Func<LlamaModel> load, LlamaModel reference, LlamaModel old, string path, RoundingTolerance? tolerance = null,
        Action<int, int>? onMethod = null, CancellationToken cancellation = default)
    {
        var record = LossRecord.Read(path);
        var allowed = tolerance ?? RoundingTolerance.For(reference);
        var baselines = new RecordedBaselines(record, reference, old);
        var rows = new List<VerificationRow>
        {
            Compare("reference logps", baselines.Reference, record.Reference, allowed.Loss),
            Compare("old logps", baselines.Old, record.Old, allowed.Loss),
        };
        onMethod?.Invoke(0, record.Methods.Count);
        foreach (var (method, number) in record.Methods.Select((method, index) => (method, index + 1)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (Problem(method) is { } problem)
            {
                rows.Add(VerificationRow.Failed(method.Name, "[]", allowed.Loss, problem));
                continue;
            }

            using var gradients = Gradients(path, method.Name);
            var results = MethodResults.Of(load, record, method, baselines, [.. gradients?.Tensors.Keys ?? []]);
            rows.AddRange(Compare(method, results, gradients, allowed));
            onMethod?.Invoke(number, record.Methods.Count);
        }

        return rows;
    }

    private static string? Problem(LossRecord.Method method) => method switch
    {
        { Kind: null } => "there is no method of this name",
        { Unknown: [var name, ..] } => $"the hyperparameter '{name}' is not known",
        _ when method.Options.Validate() is [var problem, ..] => problem.ToString(),
        _ => null,
    };

    private static SafetensorsFile? Gradients(string path, string method)
    {
        var file = Path.Combine(Path.GetDirectoryName(path)!, $"{method}.safetensors");
        return File.Exists(file) ? new SafetensorsFile(file) : null;
    }

    private static IEnumerable<VerificationRow> Compare(
        LossRecord.Method method, MethodResults results, SafetensorsFile? gradients, RoundingTolerance allowed)
    {
        yield return Compare($"{method.Name} logps", results.LogProbabilities, method.LogProbabilities, allowed.Loss);
        if (results.Divergence is { } divergence)
        {
            yield return VerificationRow.Compare($"{method.Name} kl", divergence, method.Divergence, allowed.Loss);
        }

        foreach (var tensor in (gradients?.Tensors.Values ?? []).OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            var (name, shape) = ($"{method.Name} {tensor.Name}", $"[{string.Join(", ", tensor.Shape)}]");
            if (results.Gradients.TryGetValue(tensor.Name, out var actual))
            {
                var expected = new float[checked((int)tensor.Count)];
                gradients!.Read(tensor.Name, expected);
                yield return VerificationRow.Compare(name, shape, actual, expected, allowed.Backward);
            }
            else
            {
                yield return VerificationRow.Failed(name, shape, allowed.Backward, "no parameter of this name is trained");
            }
        }

        foreach (var (step, number) in method.Steps.Select((step, index) => (step, index + 1)))
        {
            var (loss, norm) = results.Steps[number - 1];
            yield return VerificationRow.Compare($"{method.Name} step {number} loss", loss, step.Loss, allowed.Loss);
            yield return VerificationRow.Compare($"{method.Name} step {number} grad_norm", norm, step.GradientNorm, allowed.GradientNorm);
        }
    }

    private static VerificationRow Compare(string name, double[] actual, double[] expected, double tolerance) => VerificationRow.Compare(
        name, $"[{expected.Length}]", Array.ConvertAll(actual, value => (float)value), Array.ConvertAll(expected, value => (float)value),
        tolerance);
}
