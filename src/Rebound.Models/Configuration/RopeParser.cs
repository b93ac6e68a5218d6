using System.Text.Json.Nodes;

namespace Rebound.Models.Configuration;

/// <summary>
/// Rotary settings in both layouts: <c>rope_theta</c> beside <c>rope_scaling</c> (transformers 4), and
/// <c>rope_parameters</c> with both (transformers 5).
/// </summary>
internal static class RopeParser
{
    private const string Scaling = "rope_scaling";
    private const string Parameters = "rope_parameters";

    public static RopeSettings Read(ConfigReader reader, List<string> problems)
    {
        var theta = reader.Number("rope_theta", 10000);
        var (old, current) = (reader.Node(Scaling), reader.Node(Parameters));
        if (old is not null && current is not null && !JsonNode.DeepEquals(old, current))
        {
            reader.Problem(Scaling, $"and '{Parameters}' are both given and differ: keep one of them");
        }

        var key = current is null ? Scaling : Parameters;
        var node = current ?? old;
        if (node is null)
        {
            return new RopeSettings { Theta = theta };
        }

        if (node is not JsonObject json)
        {
            reader.Problem(key, $"is {node.ToJsonString()}, not an object");
            return new RopeSettings();
        }

        var inner = new ConfigReader(json, problems, key + ".");
        var innerTheta = inner.Number("rope_theta", theta);
        if (reader.Has("rope_theta") && innerTheta != theta)
        {
            inner.Problem("rope_theta", $"is {innerTheta}, but the 'rope_theta' outside of it is {theta}");
        }

        var settings = ReadScaling(inner, innerTheta);
        inner.Only("partial_rotary_factor", "1", "as whole heads are rotated");
        inner.ReportUnread();
        return settings;
    }

    private static RopeSettings ReadScaling(ConfigReader reader, float theta)
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
                return new RopeSettings { Theta = theta };
            case "linear":
                return new RopeSettings { Theta = theta, Scaling = RopeScaling.Linear, Factor = reader.RequiredNumber("factor") };
            case "llama3":
                return ReadLlama3(reader, theta);
            case var unknown:
                reader.Problem("rope_type", $"is \"{unknown}\": only default, linear and llama3 are supported");
                return new RopeSettings();
        }
    }

    private static RopeSettings ReadLlama3(ConfigReader reader, float theta)
    {
        var settings = new RopeSettings
        {
            Theta = theta,
            Scaling = RopeScaling.Llama3,
            Factor = reader.RequiredNumber("factor"),
            LowFrequencyFactor = reader.RequiredNumber("low_freq_factor"),
            HighFrequencyFactor = reader.RequiredNumber("high_freq_factor"),
            OriginalMaxPositions = reader.RequiredCount("original_max_position_embeddings"),
        };
        if (reader.Has("low_freq_factor") && reader.Has("high_freq_factor")
            && settings.HighFrequencyFactor <= settings.LowFrequencyFactor)
        {
            reader.Problem("high_freq_factor", $"is {settings.HighFrequencyFactor}, not above low_freq_factor ({settings.LowFrequencyFactor})");
        }

        return settings;
    }
}
