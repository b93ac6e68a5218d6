using System.Text.Json;
using Rebound.Files.Json;

namespace Rebound.Training;

/// <summary>Recorded optimizer steps, as <see cref="StepReplay"/> describes them.</summary>
internal sealed record StepRecord(AdamWOptions Options, IReadOnlyList<StepRecord.Row> Rows, IReadOnlyList<StepRecord.Step> Steps)
{
    public sealed record Row(int[] Tokens, int[] Labels);

    public sealed record Step(float LearningRate, double Loss, double GradientNorm);

    /// <exception cref="InvalidDataException">The file is not of the expected form.</exception>
    public static StepRecord Read(string path)
    {
        try
        {
            return Parse(StrictJson.ParseElement(File.ReadAllBytes(path)));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException
            or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path}: not a record of optimizer steps: {exception.Message}", exception);
        }
    }

    private static StepRecord Parse(JsonElement json)
    {
        var betas = Property(json, "betas").EnumerateArray().Select(beta => beta.GetSingle()).ToArray();
        var options = new AdamWOptions
        {
            Beta1 = betas.Length == 2 ? betas[0] : throw new FormatException("'betas' must hold two numbers."),
            Beta2 = betas[1],
            Epsilon = Property(json, "eps").GetSingle(),
            WeightDecay = Property(json, "weight_decay").GetSingle(),
            MaxGradientNorm = Property(json, "clip").GetSingle(),
        };
        var rows = Property(json, "rows").EnumerateArray().Select(ParseRow).ToArray();
        if (!rows.Any(row => row.Labels.Skip(1).Any(label => label >= 0)))
        {
            throw new FormatException("'rows' has no supervised token.");
        }

        var steps = Property(json, "steps").EnumerateArray().Select(step => new Step(
            Property(step, "lr").GetSingle(), Property(step, "loss").GetDouble(), Property(step, "grad_norm").GetDouble()));
        return new StepRecord(options, rows, [.. steps]);
    }

    private static Row ParseRow(JsonElement json, int index)
    {
        var (tokens, labels) = (Integers(json, "input_ids"), Integers(json, "labels"));
        return tokens.Length == labels.Length && tokens.Length > 0
            ? new Row(tokens, labels)
            : throw new FormatException($"row {index} has {tokens.Length} input_ids and {labels.Length} labels.");
    }

    private static int[] Integers(JsonElement json, string name) =>
        [.. Property(json, name).EnumerateArray().Select(value => value.GetInt32())];

    private static JsonElement Property(JsonElement json, string name) => json.TryGetProperty(name, out var value)
        ? value
        : throw new FormatException($"'{name}' is missing.");
}
