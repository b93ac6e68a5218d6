using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models.Verification;

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
    /// <param name="tolerance">
    /// Largest relative difference allowed; null: what the models' type allows, and where results are beyond it what rounding does to them
    /// (<see cref="RoundingVerdict"/>).
    /// </param>
    /// <param name="inFloat32">
    /// Gives the same models in fp32 on the same device, which stay their owner's; null: they cannot be had.
    /// </param>
    /// <param name="onMethod">Told after each method how many are done, and of how many.</param>
    /// <param name="onMeasure">Told before rounding is measured, which takes a while.</param>
    /// <exception cref="InvalidDataException">The record is not of this form; the message names the field.</exception>
    /// <exception cref="CheckpointException">A file of gradients cannot be read.</exception>
    public static IReadOnlyList<VerificationRow> Run(
        LossModels models, string path, RoundingTolerance? tolerance = null, Func<LossModels>? inFloat32 = null,
        Action<int, int>? onMethod = null, Action? onMeasure = null, CancellationToken cancellation = default)
    {
        var record = LossRecord.Read(path);
        var rows = Compare(record, path, models, tolerance, onMethod, cancellation);
        if (tolerance is not null || rows.TrueForAll(row => row.Passed))
        {
            return [.. rows, .. Problems(record)];
        }

        onMeasure?.Invoke();
        using var trained = models.Load();
        var isRounded = trained.Backend.ElementType == DType.BFloat16;
        var exact = isRounded ? inFloat32?.Invoke() : null;
        using var exactTrained = exact?.Load();
        var judged = RoundingVerdict.Judge(
            rows,
            [trained, models.Reference, models.Old],
            exact is null ? [] : [exactTrained!, exact.Reference, exact.Old],
            exact is null ? [] : Compare(record, path, exact, null, null, cancellation),
            copies => Compute(record, copies, rows, cancellation),
            ExpectedLoss.IsGradient);
        return [.. judged, .. Problems(record)];
    }

    private static List<VerificationRow> Compare(
        LossRecord record, string path, LossModels models, RoundingTolerance? tolerance, Action<int, int>? onMethod,
        CancellationToken cancellation)
    {
        var expected = ExpectedLoss.Of(record, path, tolerance ?? RoundingTolerance.For(models.Reference));
        var results = MethodResults.Of(record, models, expected.Select(result => result.Name).ToHashSet(), onMethod, cancellation);
        return
        [
            .. expected.Select(result => results.TryGetValue(result.Name, out var actual)
                ? VerificationRow.Compare(result.Name, result.Shape, actual, result.Values, result.Tolerance)
                : VerificationRow.Failed(result.Name, result.Shape, result.Tolerance, "no parameter of this name is trained")),
        ];
    }

    private static IReadOnlyDictionary<string, float[]> Compute(
        LossRecord record, RoundedCopies copies, IReadOnlyList<VerificationRow> rows, CancellationToken cancellation)
    {
        using var reference = copies.Open(1);
        using var old = copies.Open(2);
        return MethodResults.Of(
            record, new LossModels(() => copies.Open(0), reference, old), rows.Select(row => row.Name).ToHashSet(), null, cancellation);
    }

    private static IEnumerable<VerificationRow> Problems(LossRecord record) => record.Methods
        .Where(method => method.Problem is not null)
        .Select(method => VerificationRow.Failed(method.Name, "[]", 0, method.Problem!));
}
