using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Messages;

namespace Rebound.Models.Configuration;

/// <summary>
/// Reads the keys of one JSON object, remembers which were asked for, and collects problems instead of stopping at the
/// first: <see cref="ReportUnread"/> then names every key that nobody asked for.
/// </summary>
internal sealed class ConfigReader
{
    private readonly JsonObject _json;
    private readonly string _prefix;
    private readonly List<string> _problems;
    private readonly HashSet<string> _read = [];

    public ConfigReader(JsonObject json, List<string> problems, string prefix = "")
    {
        _json = json;
        _problems = problems;
        _prefix = prefix;
    }

    /// <summary>The value of a key, or null when it is absent or a JSON null.</summary>
    public JsonNode? Node(string key)
    {
        _read.Add(key);
        return _json[key];
    }

    /// <summary>True when the key is there, be it with a null.</summary>
    public bool Has(string key) => _json.ContainsKey(key);

    public void Problem(string key, string what) => _problems.Add($"'{_prefix}{key}' {what}");

    /// <summary>A positive integer without which there is no model.</summary>
    public int RequiredCount(string key, int most = int.MaxValue)
    {
        if (Node(key) is null)
        {
            Problem(key, "is missing");
            return 1;
        }

        return Count(key, 1, most);
    }

    /// <summary>A positive integer, or a default when absent or null.</summary>
    public int Count(string key, int fallback, int most = int.MaxValue)
    {
        if (Node(key) is not { } node)
        {
            return fallback;
        }

        if (AsInteger(node) is { } value and > 0)
        {
            if (value <= most)
            {
                return value;
            }

            Problem(key, $"is {value}; at most {most} are supported");
            return fallback;
        }

        Problem(key, $"is {node.ToJsonString()}, not a positive integer");
        return fallback;
    }

    /// <summary>A token id, or null.</summary>
    public int? TokenId(string key)
    {
        if (Node(key) is not { } node)
        {
            return null;
        }

        if (AsInteger(node) is { } value)
        {
            return value < 0 ? null : value; // −1 is an old way to write "none"
        }

        Problem(key, $"is {node.ToJsonString()}, not a token id");
        return null;
    }

    /// <summary>Token ids, or other numbers from 0 up: one, or a list.</summary>
    /// <param name="what">Their kind, for messages.</param>
    public int[] TokenIds(string key, string what = "token ids")
    {
        if (Node(key) is not JsonArray list)
        {
            return TokenId(key) is { } one ? [one] : [];
        }

        var ids = list.Select(node => node is null ? null : AsInteger(node)).ToArray();
        if (Array.Exists(ids, id => id is not >= 0))
        {
            Problem(key, $"is {list.ToJsonString()}, not a list of {what}");
            return [];
        }

        return [.. ids.Select(id => id!.Value)];
    }

    /// <summary>A finite number, greater than zero unless <paramref name="zeroAllowed"/>.</summary>
    public float Number(string key, float fallback, bool zeroAllowed = false)
    {
        if (Node(key) is not { } node)
        {
            return fallback;
        }

        if (AsNumber(node) is { } value && double.IsFinite(value) && (value > 0 || (zeroAllowed && value == 0)))
        {
            return (float)value;
        }

        Problem(key, $"is {node.ToJsonString()}, not a positive number");
        return fallback;
    }

    /// <summary>A number without which the rest has no meaning.</summary>
    public float RequiredNumber(string key)
    {
        if (Node(key) is null)
        {
            Problem(key, "is missing");
            return 1;
        }

        return Number(key, 1);
    }

    public bool Flag(string key, bool fallback)
    {
        if (Node(key) is not { } node)
        {
            return fallback;
        }

        if (node.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
        {
            return node.GetValueKind() == JsonValueKind.True;
        }

        Problem(key, $"is {node.ToJsonString()}, neither true nor false");
        return fallback;
    }

    public string? Text(string key)
    {
        if (Node(key) is not { } node)
        {
            return null;
        }

        if (node.GetValueKind() == JsonValueKind.String)
        {
            return node.GetValue<string>();
        }

        Problem(key, $"is {node.ToJsonString()}, not a string");
        return null;
    }

    /// <summary>A key that is allowed with one value only, because any other would change the computation.</summary>
    /// <param name="allowed">JSON text of the value; absent and null are always allowed.</param>
    public void Only(string key, string allowed, string because)
    {
        if (Node(key) is { } node && !JsonNode.DeepEquals(Normalized(node), JsonNode.Parse(allowed)))
        {
            Problem(key, $"is {node.ToJsonString()}: only {allowed} is supported, {because}");
        }
    }

    /// <summary>Marks a key as known and without influence.</summary>
    public void Ignore(string key) => _read.Add(key);

    /// <summary>Adds a problem for every key that was never asked for; one that is null says as little as one that is absent.</summary>
    /// <param name="isOff">Values that ask for nothing, whatever their key means; null for none.</param>
    public void ReportUnread(Func<JsonNode, bool>? isOff = null)
    {
        foreach (var (key, value) in _json)
        {
            if (value is not null && !_read.Contains(key) && isOff?.Invoke(value) != true)
            {
                Problem(
                    key,
                    $"(= {TextExcerpt.Beginning(value.ToJsonString(), 60)}) is not known to this version, and may change what the "
                        + "model computes");
            }
        }
    }

    // 0.0 and 0 are the same number in JSON, but not for JsonNode.DeepEquals across representations.
    private static JsonNode? Normalized(JsonNode node) => AsNumber(node) is { } number
        ? JsonNode.Parse(number.ToString("R"))
        : node.DeepClone();

    private static double? AsNumber(JsonNode node) => node.GetValueKind() == JsonValueKind.Number
        && double.TryParse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : null;

    private static int? AsInteger(JsonNode node) =>
        AsNumber(node) is { } value && value == Math.Floor(value) && Math.Abs(value) <= int.MaxValue ? (int)value : null;
}
