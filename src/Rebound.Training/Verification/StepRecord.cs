using System.Text.Json;

namespace Rebound.Training.Verification;

/// <summary>Recorded optimizer steps, as <see cref="StepReplay"/> describes them.</summary>
internal sealed record StepRecord(AdamWOptions Options, IReadOnlyList<StepRecord.Row> Rows, IReadOnlyList<RecordedStep> Steps)
{
    public sealed record Row(int[] Tokens, int[] Labels);

    /// <exception cref="InvalidDataException">The file is not of the expected form.</exception>
    public static StepRecord Read(string path) => RecordJson.Read(path, "optimizer steps", Parse);

    private static StepRecord Parse(JsonElement json)
    {
        var options = RecordJson.Optimizer(json);
        var rows = RecordJson.Property(json, "rows").EnumerateArray().Select(ParseRow).ToArray();
        if (!rows.Any(row => row.Labels.Skip(1).Any(label => label >= 0)))
        {
            throw new FormatException("'rows' has no supervised token.");
        }

        return new StepRecord(options, rows, RecordJson.Steps(json));
    }

    private static Row ParseRow(JsonElement json, int index)
    {
        var (tokens, labels) = RecordJson.Labelled(json, $"row {index}");
        return new Row(tokens, labels);
    }
}
