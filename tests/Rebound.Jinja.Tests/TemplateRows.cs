using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Jinja.Tests;

/// <summary>Rows of template, messages and variables → rendered text or error, as an oracle wrote them.</summary>
internal static class TemplateRows
{
    /// <summary>What <c>strftime_now</c> saw when the oracle rendered: 5 July 2024, 09:03:07.123456.</summary>
    private static readonly DateTimeOffset OracleTime = new DateTimeOffset(2024, 7, 5, 9, 3, 7, TimeSpan.Zero).AddTicks(1_234_560);

    /// <summary>Renders every row and gives a line for each that differs.</summary>
    public static List<string> Differences(string path, out int count)
    {
        var differences = new List<string>();
        count = 0;
        foreach (var line in File.ReadLines(path))
        {
            count++;
            var row = JsonNode.Parse(line)!.AsObject();
            var expected = row["rendered"]?.GetValue<string>();
            var (rendered, error) = Render(row);
            if (rendered != expected || (error is null) != (row["error"] is null))
            {
                differences.Add($"row {count}: {row["template"]!.ToJsonString()}\n  expected {Show(expected)} {row["error"]}\n"
                    + $"  got      {Show(rendered)} {error}");
            }
        }

        return differences;
    }

    private static (string? Rendered, string? Error) Render(JsonObject row)
    {
        try
        {
            var template = ChatTemplate.Parse(row["template"]!.GetValue<string>(), clock: new FixedClock());
            return (template.Render(
                row["messages"] as JsonArray ?? [],
                row["tools"] as JsonArray,
                row["add_generation_prompt"]?.GetValue<bool>() ?? false,
                row["bos_token"]?.GetValue<string>() ?? "",
                row["eos_token"]?.GetValue<string>() ?? "",
                row["variables"] as JsonObject), null);
        }
        catch (ChatTemplateException exception)
        {
            return (null, exception.Description);
        }
    }

    private static string Show(string? text) => text is null ? "an error" : JsonSerializer.Serialize(text);

    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => OracleTime;
    }
}
