using Rebound.Engine;

namespace Rebound.Models.Verification;

/// <summary>
/// The verdict on a result outside its type's usual tolerance, since some models amplify rounding. Its error, relative in norm, has to
/// be within the effect of rounding as <see cref="RoundingMeasurement"/> measures it; a result computed in bf16 must also be right in
/// fp32 on the same device. Where rounding alone explains so much that this bound would say little, fp32 decides, and all gradients are
/// judged together, whose errors average out.
/// </summary>
/// <param name="Allowed">The relative error by the norm that rounding explains.</param>
/// <param name="Float32">The same comparison of the model in fp32; null when the model is in fp32, or could not be had in it.</param>
public sealed record RoundingVerdict(double Allowed, VerificationRow? Float32)
{
    /// <summary>The name of the comparison of all gradients together.</summary>
    public const string Together = "grad.* together";

    /// <summary>A vector that is off by this share of its norm is up to 45° from where it should point.</summary>
    private const double MostTelling = 0.7;

    /// <summary>Whether rounding leaves enough of the result to judge it in the type that it was computed in.</summary>
    public bool IsTelling => Allowed <= MostTelling;

    /// <summary>Whether a comparison is to be judged: its numbers were compared, and are further off than the tolerance.</summary>
    internal static bool IsNeeded(VerificationRow row) =>
        !row.Passed && double.IsFinite(row.NormRelative) && ModelResults.IsOfModel(row.Name);

    /// <summary>The comparisons with those beyond their tolerance judged, and one of all gradients if there are any among these.</summary>
    /// <param name="inFloat32">Null: the model is in fp32, or cannot be had in it.</param>
    internal static IReadOnlyList<VerificationRow> Judge(
        IReadOnlyList<VerificationRow> rows, LlamaModel model, ReferenceFile reference, Func<LlamaModel>? inFloat32)
    {
        var (needed, available) = (RoundingMeasurement.BytesFor(model, reference), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (needed > available)
        {
            var note = $"what rounding explains was not measured: it takes {needed >> 20} MiB of memory, and {available >> 20} are there";
            return [.. rows.Select(row => IsNeeded(row) ? row with { Note = note } : row)];
        }

        var isRounded = model.Backend.ElementType == DType.BFloat16;
        var float32 = isRounded ? inFloat32?.Invoke() : null;
        var exact = float32 is null ? [] : InFloat32(rows.Where(IsNeeded), reference, float32);
        var measurement = RoundingMeasurement.Of(model, float32 ?? model, reference, RoundingMeasurement.BitsOf(model));
        return Judge(rows, measurement, exact, isRounded, IsNeeded, ModelResults.IsGradient);
    }

    /// <summary>
    /// The comparisons of anything that models compute, with those beyond their tolerance judged, and one of all gradients if there are any
    /// among these.
    /// </summary>
    /// <param name="models">As they were computed with.</param>
    /// <param name="inFloat32">The same in fp32; empty where <paramref name="models"/> are, or cannot be had in it.</param>
    /// <param name="rowsInFloat32">The same comparisons of these.</param>
    /// <param name="compute">Computes all results, by the comparisons' names, with copies of the models.</param>
    /// <param name="isGradient">Whether a name is that of a gradient's tensor.</param>
    public static IReadOnlyList<VerificationRow> Judge(
        IReadOnlyList<VerificationRow> rows, IReadOnlyList<LlamaModel> models, IReadOnlyList<LlamaModel> inFloat32,
        IReadOnlyList<VerificationRow> rowsInFloat32, Func<RoundedCopies, IReadOnlyDictionary<string, float[]>> compute,
        Func<string, bool> isGradient)
    {
        var measurement = RoundingMeasurement.Of(
            models, inFloat32.Count > 0 ? inFloat32 : models, RoundingMeasurement.BitsOf(models[0]), compute, isGradient);
        return Judge(
            rows, measurement, rowsInFloat32.ToDictionary(row => row.Name), models[0].Backend.ElementType == DType.BFloat16,
            row => !row.Passed && double.IsFinite(row.NormRelative), isGradient);
    }

    private static IReadOnlyList<VerificationRow> Judge(
        IReadOnlyList<VerificationRow> rows, RoundingMeasurement measurement, IReadOnlyDictionary<string, VerificationRow> exact,
        bool isRounded, Func<VerificationRow, bool> isNeeded, Func<string, bool> isGradient)
    {
        var judged = rows.Select(row => isNeeded(row)
            ? Judge(row, new RoundingVerdict(measurement.AllowedOf(row.Name), exact.GetValueOrDefault(row.Name)), isRounded)
            : row);
        var gradients = rows.Where(row => isGradient(row.Name)).ToArray();
        return Array.Exists(gradients, row => isNeeded(row)) ? [.. judged, AllTogether(gradients, measurement)] : [.. judged];
    }

    private static Dictionary<string, VerificationRow> InFloat32(
        IEnumerable<VerificationRow> rows, ReferenceFile reference, LlamaModel model)
    {
        var names = rows.Select(row => row.Name).ToHashSet();
        var exact = ModelVerification.Compare(
            model, reference, reference.Expected.Where(tensor => names.Contains(tensor.Name)), RoundingTolerance.For(model));
        return (exact.Any(IsNeeded) ? Judge(exact, model, reference, inFloat32: null) : exact).ToDictionary(row => row.Name);
    }

    /// <param name="isRounded">Whether the model computes in bf16.</param>
    internal static VerificationRow Judge(VerificationRow row, RoundingVerdict verdict, bool isRounded)
    {
        var explained = $"its norm is off by {row.NormRelative:p1}, rounding explains {verdict.Allowed:p1}";
        var exact = verdict.Float32 is { } float32 ? $"; in float32 it is off by {float32.NormRelative:g2}" : "";
        return row with
        {
            Verdict = verdict,
            Note = explained + exact,
            Passed = verdict.IsTelling
                ? row.NormRelative <= verdict.Allowed && verdict.Float32 is not { Passed: false }
                : isRounded && verdict.Float32 is { Passed: true },
        };
    }

    private static VerificationRow AllTogether(VerificationRow[] gradients, RoundingMeasurement measurement)
    {
        var error = Math.Sqrt(gradients.Average(row => row.NormRelative * row.NormRelative));
        var allowed = measurement.AllowedOfGradients;
        return new VerificationRow(
            Together, $"[{gradients.Length}]", double.NaN, error, error, allowed, error <= allowed && allowed <= MostTelling,
            "root mean square of the errors relative by norms");
    }
}
