using System.Text.Json;
using Rebound.Files.Json;

namespace Rebound.Training.Verification;

/// <summary>One recorded optimizer step.</summary>
/// <param name="Loss">Before the update.</param>
/// <param name="GradientNorm">Before clipping.</param>
internal sealed record RecordedStep(float LearningRate, double Loss, double GradientNorm);

/// <summary>The parts that records of optimizer steps have in common.</summary>
internal static class RecordJson
{
    /// <param name="of">What it is a record of, for messages.</param>
    /// <exception cref="InvalidDataException">The file is not of the expected form.</exception>
    public static T Read<T>(string path, string of, Func<JsonElement, T> parse)
    {
        try
        {
            return parse(StrictJson.ParseElement(File.ReadAllBytes(path)));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException
            or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path}: not a record of {of}: {exception.Message}", exception);
        }
    }

    public static JsonElement Property(JsonElement json, string name) => json.TryGetProperty(name, out var value)
        ? value
        : throw new FormatException($"'{name}' is missing.");

    public static int[] Integers(JsonElement json, string name) =>
        [.. Property(json, name).EnumerateArray().Select(value => value.GetInt32())];

    public static double[] Numbers(JsonElement json, string name) =>
        [.. Property(json, name).EnumerateArray().Select(value => value.GetDouble())];

    /// <summary>AdamW's <c>betas</c>, <c>eps</c>, <c>weight_decay</c> and <c>clip</c>.</summary>
    public static AdamWOptions Optimizer(JsonElement json)
    {
        var betas = Numbers(json, "betas");
        return new AdamWOptions
        {
            Beta1 = betas.Length == 2 ? (float)betas[0] : throw new FormatException("'betas' must hold two numbers."),
            Beta2 = (float)betas[1],
            Epsilon = Property(json, "eps").GetSingle(),
            WeightDecay = Property(json, "weight_decay").GetSingle(),
            MaxGradientNorm = Property(json, "clip").GetSingle(),
        };
    }

    /// <summary>The <c>steps</c>: <c>lr</c>, <c>loss</c> and <c>grad_norm</c> of each.</summary>
    public static IReadOnlyList<RecordedStep> Steps(JsonElement json) =>
    [
        .. Property(json, "steps").EnumerateArray().Select(step => new RecordedStep(
            Property(step, "lr").GetSingle(), Property(step, "loss").GetDouble(), Property(step, "grad_norm").GetDouble())),
    ];

    /// <summary><c>input_ids</c> and <c>labels</c>, as many of both.</summary>
    /// <param name="what">For messages: <c>row 3</c>.</param>
    public static (int[] Tokens, int[] Labels) Labelled(JsonElement json, string what)
    {
        var (tokens, labels) = (Integers(json, "input_ids"), Integers(json, "labels"));
        return tokens.Length == labels.Length && tokens.Length > 0
            ? (tokens, labels)
            : throw new FormatException($"{what} has {tokens.Length} input_ids and {labels.Length} labels.");
    }
}
