using System.Text.Json.Nodes;

namespace Rebound.Models.Configuration;

/// <summary>
/// Rotary settings in both layouts: <c>rope_theta</c> beside <c>rope_scaling</c> (transformers 4), and
/// <c>rope_parameters</c> with both (transformers 5). A file may have both, where they say the same.
/// </summary>
internal static class RopeParser
{
    private const string Base = "rope_theta";
    private const string Scaling = "rope_scaling";
    private const string Parameters = "rope_parameters";

    public static RopeSettings Read(ConfigReader reader, List<string> problems)
    {
        var outside = Theta(reader);
        var (old, current) = (ReadBlock(reader, Scaling, outside, problems), ReadBlock(reader, Parameters, outside, problems));
        if (old is not null && current is not null && !Agree(old, current))
        {
            reader.Problem(Scaling, $"and '{Parameters}' are both given and differ: keep one of them");
        }

        var settings = (current ?? old)?.Settings ?? new RopeSettings();
        return settings with { Theta = outside ?? current?.Theta ?? old?.Theta ?? settings.Theta };
    }

    private static bool Agree(Block one, Block other) =>
        one.Settings == other.Settings && (one.Theta is null || other.Theta is null || one.Theta == other.Theta);

    private static float? Theta(ConfigReader reader) => reader.Node(Base) is null ? null : reader.Number(Base, 0);

    private static Block? ReadBlock(ConfigReader reader, string key, float? outside, List<string> problems)
    {
        switch (reader.Node(key))
        {
            case null:
                return null;
            case JsonObject json:
                var inner = new ConfigReader(json, problems, key + ".");
                var theta = Theta(inner);
                if (theta is not null && outside is not null && theta != outside)
                {
                    inner.Problem(Base, $"is {theta}, but the '{Base}' outside of it is {outside}");
                }

                var settings = ReadScaling(inner);
                inner.Only("partial_rotary_factor", "1", "as whole heads are rotated");
                inner.ReportUnread();
                return new Block(settings, theta);
            case { } other:
                reader.Problem(key, $"is {other.ToJsonString()}, not an object");
                return null;
        }
    }

    private static RopeSettings ReadScaling(ConfigReader reader)
    {
        var (type, oldType) = (reader.Text("rope_type"), reader.Text("type"));
        if (type is not null && oldType is not null && type != oldType)
        {
            reader.Problem("type", $"is \"{oldType}\" and 'rope_type' is \"{type}\": they must agree");
        }

        reader.Ignore("original_max_position_embeddings");
        switch (type ?? oldType ?? "default")
        {
            case "default":
                return new RopeSettings();
            case "linear":
                return new RopeSettings { Scaling = RopeScaling.Linear, Factor = reader.RequiredNumber("factor") };
            case "llama3":
                return ReadLlama3(reader);
            case var unknown:
                reader.Problem("rope_type", $"is \"{unknown}\": only default, linear and llama3 are supported");
                return new RopeSettings();
        }
    }

    private static RopeSettings ReadLlama3(ConfigReader reader)
    {
        var settings = new RopeSettings
        {
            Scaling = RopeScaling.Llama3,
            Factor = reader.RequiredNumber("factor"),
            LowFrequencyFactor = reader.RequiredNumber("low_freq_factor"),
            HighFrequencyFactor = reader.RequiredNumber("high_freq_factor"),
            OriginalMaxPositions = reader.RequiredCount("original_max_position_embeddings"),
        };
        if (reader.Has("low_freq_factor") && reader.Has("high_freq_factor")
            && settings.HighFrequencyFactor <= settings.LowFrequencyFactor)
        {
            reader.Problem(
                "high_freq_factor", $"is {settings.HighFrequencyFactor}, not above low_freq_factor ({settings.LowFrequencyFactor})");
        }

        return settings;
    }

    /// <summary>One of the two blocks.</summary>
    /// <param name="Settings">Without the base, which may stand outside.</param>
    /// <param name="Theta">The base, where the block has it.</param>
    private sealed record Block(RopeSettings Settings, float? Theta);
}
