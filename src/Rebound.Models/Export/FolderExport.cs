using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Verification;

namespace Rebound.Models.Export;

/// <summary>
/// Writes a model, with its adapter merged, as a Hugging Face folder. The result is opened again and compared with the model, and its
/// adapter beside the weights; a model that answers otherwise is deleted.
/// </summary>
public static class FolderExport
{
    /// <summary>The comparison before weights are rounded to what they are stored as.</summary>
    public const string MergedName = "logits, merged";

    /// <summary>The comparison of what was written and read again.</summary>
    public const string WrittenName = "logits, written";

    /// <summary>fp32 sums in another order.</summary>
    private const double ArithmeticTolerance = 1e-4;

    /// <param name="source">A model, with an adapter or without.</param>
    /// <param name="folder">The folder to be made.</param>
    /// <param name="writeBeside">Writes what else goes with the model into the folder that it is given; null for nothing.</param>
    /// <returns>How far logits differ from those of the source: merged, where there is an adapter, and written.</returns>
    /// <exception cref="InvalidDataException">The written model answers otherwise; nothing was written.</exception>
    /// <exception cref="IOException">The target is taken, or the disk refuses.</exception>
    /// <exception cref="OperationCanceledException"><see cref="ModelSource.Interrupted"/> was cancelled; nothing was written.</exception>
    public static IReadOnlyList<VerificationRow> Write(
        Backend backend, ModelSource source, string folder, StoredFloatType type, bool overwrite, Action<string>? writeBeside = null)
    {
        HuggingFaceFolder.CheckTarget(folder, overwrite);
        var batch = LogitsProbe.Random(source.Config);
        float[] expected;
        using (var model = source.Load(backend))
        {
            expected = LogitsProbe.Logits(model, batch);
        }

        List<VerificationRow> rows = [];
        using var merged = source.Adapter is null ? source.Load(backend) : LoadMerged(backend, source);
        if (source.Adapter is not null)
        {
            rows.Add(Require(MergedName, LogitsProbe.Logits(merged, batch), expected, ArithmeticTolerance, batch));
        }

        var options = new HuggingFaceFolderOptions
        {
            Type = type,
            Overwrite = overwrite,
            GenerationConfig = source.GenerationConfigJson,
            Check = partial =>
            {
                merged.Dispose();
                writeBeside?.Invoke(partial);
                using var copy = ModelSource.Open(partial);
                copy.Interrupted = source.Interrupted;
                using var model = copy.Load(backend);
                rows.Add(Require(
                    WrittenName, LogitsProbe.Logits(model, batch), expected, WrittenTolerance(type, source.Config.Layers), batch));
            },
        };
        using var weights = new InterruptibleTensors(merged.Weights, source.Interrupted);
        HuggingFaceFolder.Write(folder, source.ConfigJson, weights, source.TokenizerSource, options);
        return rows;
    }

    /// <summary>
    /// The tolerance of logits after rounding to a stored type. Rounding a matrix errs by up to the type's unit u in every element; a
    /// block has seven matrices, whose errors are independent, so that after L blocks about u·√(7·L) is left; the largest of many
    /// logits errs by up to twice that.
    /// </summary>
    internal static double WrittenTolerance(StoredFloatType type, int layers)
    {
        var unit = type switch
        {
            StoredFloatType.F16 => 1.0 / (1 << 11),
            StoredFloatType.BF16 => 1.0 / (1 << 8),
            _ => 0,
        };
        return ArithmeticTolerance + (2 * unit * Math.Sqrt(7 * layers));
    }

    private static LlamaModel LoadMerged(Backend backend, ModelSource source)
    {
        using var adapter = source.Adapter!.Load(backend, source.Config);
        using var tensors = new MergedTensors(source.Tensors, adapter);
        using var interruptible = new InterruptibleTensors(tensors, source.Interrupted);
        return LlamaModel.Load(backend, source.Config, interruptible);
    }

    private static VerificationRow Require(
        string name, float[] actual, float[] expected, double tolerance, PackedBatch batch)
    {
        var row = VerificationRow.Compare(
            name, $"[{batch.TokenCount}, {expected.Length / batch.TokenCount}]", actual, expected, tolerance);
        return row.Passed
            ? row
            : throw new InvalidDataException(
                $"The {name[(name.IndexOf(' ', StringComparison.Ordinal) + 1)..]} model's logits differ from those of the "
                + $"model that it is made of by {row.MaxRelative:g2} of the largest, and {tolerance:g2} is allowed; nothing was written.");
    }
}
