using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Cleaning.Redaction;

/// <summary>
/// Replaces personal data in trajectories by marks such as <c>[EMAIL_1]</c>. Within a trajectory a value has one mark, so that what was
/// read in one turn and used in another still fits; between trajectories marks say nothing.
/// </summary>
public sealed class Redactor
{
    private readonly IReadOnlyList<PersonalData> _kinds;
    private readonly OrderedDictionary<string, RedactionCount> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<(PersonalData Kind, string Value), string> _marks = [];
    private readonly Dictionary<PersonalData, int> _found = [];

    /// <param name="kinds">Where two overlap the first counts.</param>
    /// <exception cref="ArgumentException">Two have the same name.</exception>
    public Redactor(IReadOnlyList<PersonalData> kinds)
    {
        _kinds = kinds;
        foreach (var kind in kinds)
        {
            if (!_counts.TryAdd(kind.Name, default))
            {
                throw new ArgumentException($"'{kind.Name}' names two kinds of personal data.", nameof(kinds));
            }
        }
    }

    /// <summary>Replacements so far, for every kind.</summary>
    public IReadOnlyDictionary<string, RedactionCount> Counts => _counts;

    /// <summary>Turns whose stored tokens were left out, as these would still say what their text no longer does.</summary>
    public int TurnsWithoutTokens { get; private set; }

    /// <summary>A trajectory's row without personal data, in every text, name and number of it.</summary>
    public JsonObject Redact(JsonElement row)
    {
        _marks.Clear();
        _found.Clear();
        var redacted = Object(row);
        foreach (var (kind, found) in _found)
        {
            var count = _counts[kind.Name];
            _counts[kind.Name] = new RedactionCount(count.Found + found, count.Trajectories + 1);
        }

        return redacted;
    }

    private JsonNode? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => Object(value),
        JsonValueKind.Array => new JsonArray([.. value.EnumerateArray().Select(Value)]),
        JsonValueKind.String => JsonValue.Create(Text(value.GetString()!)),
        JsonValueKind.Number when value.GetRawText() is var number && Text(number) is var text && text != number => JsonValue.Create(text),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(value),
    };

    private JsonObject Object(JsonElement value)
    {
        var before = _found.Values.Sum();
        var redacted = new JsonObject();
        JsonProperty? tokens = null;
        foreach (var member in value.EnumerateObject())
        {
            if (GeneratedTokensJson.IsTokens(member))
            {
                tokens = member;
                continue;
            }

            redacted[Text(member.Name)] = Value(member.Value);
        }

        if (tokens is { } generated)
        {
            if (_found.Values.Sum() == before)
            {
                redacted[generated.Name] = JsonObject.Create(generated.Value);
            }
            else
            {
                TurnsWithoutTokens++;
            }
        }

        return redacted;
    }

    private string Text(string text)
    {
        var places = Places(text);
        if (places.Count == 0)
        {
            return text;
        }

        var redacted = new StringBuilder(text.Length);
        var end = 0;
        foreach (var (start, length, kind) in places.OrderBy(place => place.Start))
        {
            redacted.Append(text, end, start - end).Append(Mark(kind, text.Substring(start, length)));
            end = start + length;
        }

        return redacted.Append(text, end, text.Length - end).ToString();
    }

    /// <summary>The places to replace; none overlaps another.</summary>
    private List<(int Start, int Length, PersonalData Kind)> Places(string text)
    {
        var places = new List<(int Start, int Length, PersonalData Kind)>();
        var taken = Array.Empty<bool>();
        foreach (var kind in _kinds)
        {
            foreach (var range in kind.Find(text))
            {
                taken = taken.Length == 0 ? new bool[text.Length] : taken;
                if (!taken.AsSpan(range).Contains(true))
                {
                    var (start, length) = range.GetOffsetAndLength(text.Length);
                    taken.AsSpan(range).Fill(true);
                    places.Add((start, length, kind));
                }
            }
        }

        return places;
    }

    private string Mark(PersonalData kind, string value)
    {
        _found[kind] = _found.GetValueOrDefault(kind) + 1;
        if (!_marks.TryGetValue((kind, value), out var mark))
        {
            var number = _marks.Keys.Count(known => known.Kind == kind) + 1;
            mark = $"[{kind.Name.Replace('-', '_').ToUpperInvariant()}_{number.ToString(CultureInfo.InvariantCulture)}]";
            _marks.Add((kind, value), mark);
        }

        return mark;
    }
}
