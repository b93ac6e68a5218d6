using Rebound.Checkpoints.Safetensors;
using Rebound.Models.Verification;
using Rebound.Training.Methods;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Verification;

/// <summary>A result that a record of losses expects.</summary>
/// <param name="Name">For example <c>dpo grad.model.norm.weight</c>.</param>
/// <param name="Shape">Extents, for people.</param>
internal sealed record ExpectedLoss(string Name, string Shape, float[] Values, double Tolerance)
{
    public const string GradientPrefix = "grad.";

    /// <summary>Whether a name is that of a gradient's tensor.</summary>
    public static bool IsGradient(string name) => name.Contains($" {GradientPrefix}", StringComparison.Ordinal);

    /// <summary>All that a record expects of the methods that are known.</summary>
    /// <param name="path">The record's file, beside which gradients are.</param>
    public static IReadOnlyList<ExpectedLoss> Of(LossRecord record, string path, RoundingTolerance tolerance) =>
    [
        Vector("reference logps", record.Reference, tolerance.Loss),
        Vector("old logps", record.Old, tolerance.Loss),
        .. record.Methods.Where(method => method.Problem is null).SelectMany(method => OfMethod(method, path, tolerance)),
    ];

    private static IEnumerable<ExpectedLoss> OfMethod(LossRecord.Method method, string path, RoundingTolerance tolerance)
    {
        yield return Vector($"{method.Name} logps", method.LogProbabilities, tolerance.Loss);
        if (method.Kind == TrainingMethod.Kto)
        {
            yield return Vector($"{method.Name} kl", [method.Divergence], tolerance.Loss);
        }

        foreach (var gradient in Gradients(method, path, tolerance))
        {
            yield return gradient;
        }

        foreach (var (step, number) in method.Steps.Select((step, index) => (step, index + 1)))
        {
            yield return Vector($"{method.Name} step {number} loss", [step.Loss], tolerance.Loss);
            yield return Vector($"{method.Name} step {number} grad_norm", [step.GradientNorm], tolerance.GradientNorm);
        }
    }

    private static IEnumerable<ExpectedLoss> Gradients(LossRecord.Method method, string path, RoundingTolerance tolerance)
    {
        var file = Path.Combine(Path.GetDirectoryName(path)!, $"{method.Name}.safetensors");
        if (!File.Exists(file))
        {
            yield break;
        }

        using var gradients = new SafetensorsFile(file);
        foreach (var tensor in gradients.Tensors.Values.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            var values = new float[checked((int)tensor.Count)];
            gradients.Read(tensor.Name, values);
            yield return new ExpectedLoss(
                $"{method.Name} {tensor.Name}", $"[{string.Join(", ", tensor.Shape)}]", values, tolerance.Backward);
        }
    }

    private static ExpectedLoss Vector(string name, double[] values, double tolerance) =>
        new(name, $"[{values.Length}]", Array.ConvertAll(values, value => (float)value), tolerance);
}
