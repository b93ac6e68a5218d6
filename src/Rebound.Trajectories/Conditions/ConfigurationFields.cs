using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Messages;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Conditions;

/// <summary>An object of a configuration with its place, so that everything wrong with it names file and key.</summary>
/// <param name="File">Where it is from, for messages.</param>
/// <param name="Path">Its own place in the file, for example <c>conditions.positive</c>; empty for the whole.</param>
public sealed record ConfigurationFields(string File, string Path, JsonObject Object)
{
    /// <exception cref="DataException">The node is no object.</exception>
    public static ConfigurationFields Of(string file, string path, JsonNode? node) => node is JsonObject value
        ? new ConfigurationFields(file, path, value)
        : throw new DataException(file, null, path.Length == 0 ? null : path, "must be an object of keys and values.");

    public DataException Error(string key, string problem, Exception? inner = null) => new(File, null, Place(key), problem, inner);

    /// <exception cref="DataException">A key is none of these; the message names the nearest one.</exception>
    public void CheckKeys(params string[] known)
    {
        foreach (var key in Object.Select(member => member.Key).Where(key => !known.Contains(key)))
        {
            var nearest = NearestName.Find(key, known) is { } name ? $"; did you mean '{name}'?" : ".";
            throw Error(key, $"is no known key here{nearest} There are {string.Join(", ", known)}.");
        }
    }

    public bool Has(string key) => Object[key] is not null;

    /// <summary>The text of a key; null where it is absent.</summary>
    /// <exception cref="DataException">It is no text.</exception>
    public string? Text(string key) => Object[key] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => throw Error(key, $"must be text, but is {Object[key]!.ToJsonString()}."),
    };

    public QuestionPrompt? Question(string key)
    {
        try
        {
            return Text(key) is { } text ? QuestionPrompt.Parse(text) : null;
        }
        catch (FormatException e)
        {
            throw Error(key, e.Message, e);
        }
    }

    public IEnumerable<ConfigurationFields> List(string key) => Object[key] switch
    {
        null => [],
        JsonArray list => list.Select((item, index) => Of(File, $"{Place(key)}[{index}]", item)),
        _ => throw Error(key, "must be a list."),
    };

    public ConfigurationFields? Member(string key) => Object[key] is { } node ? Of(File, Place(key), node) : null;

    private string Place(string key) => Path.Length == 0 ? key : $"{Path}.{key}";
}
