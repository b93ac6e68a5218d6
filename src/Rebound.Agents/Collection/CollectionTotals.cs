using System.Text.Json.Nodes;
using Rebound.Agents.Episodes;

namespace Rebound.Agents.Collection;

/// <summary>Counts of a collection so far, earlier runs included.</summary>
public sealed class CollectionTotals
{
    private readonly SortedDictionary<string, int> _causes = new(StringComparer.Ordinal);

    public int Episodes { get; private set; }

    public int Successes { get; private set; }

    public long InputTokens { get; private set; }

    public long OutputTokens { get; private set; }

    public int Steps { get; private set; }

    /// <summary>Failures by cause.</summary>
    public IReadOnlyDictionary<string, int> Causes => _causes;

    /// <summary>A snapshot, while the collection continues.</summary>
    public CollectionTotals Copy()
    {
        var copy = new CollectionTotals
        {
            Episodes = Episodes,
            Successes = Successes,
            InputTokens = InputTokens,
            OutputTokens = OutputTokens,
            Steps = Steps,
        };
        foreach (var (cause, count) in _causes)
        {
            copy._causes[cause] = count;
        }

        return copy;
    }

    public JsonObject ToJson() => new()
    {
        ["episodes"] = Episodes,
        ["successes"] = Successes,
        ["failures"] = Episodes - Successes,
        ["causes"] = new JsonObject(_causes.Select(cause => KeyValuePair.Create<string, JsonNode?>(cause.Key, cause.Value))),
        ["steps"] = Steps,
        ["input_tokens"] = InputTokens,
        ["output_tokens"] = OutputTokens,
    };

    internal void Add(EpisodeRow row)
    {
        Episodes++;
        Successes += row.Cause is null ? 1 : 0;
        (InputTokens, OutputTokens) = (InputTokens + row.InputTokens, OutputTokens + row.OutputTokens);
        Steps += row.Steps;
        if (row.Cause is { } cause)
        {
            _causes[cause] = _causes.GetValueOrDefault(cause) + 1;
        }
    }

    /// <summary>Replaces an episode's row; its tokens still count.</summary>
    internal void Replace(EpisodeRow row)
    {
        Episodes--;
        Steps -= row.Steps;
        if (row.Cause is { } cause && --_causes[cause] == 0)
        {
            _causes.Remove(cause);
        }
    }

    internal static bool IsFinal(EpisodeRow row) => row.Cause != FailureCause.ModelError.Name();
}
