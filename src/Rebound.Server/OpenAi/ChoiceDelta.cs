using Rebound.Inference.Generation;

namespace Rebound.Server.OpenAi;

/// <summary>A token's part in an answer.</summary>
/// <param name="step">Null where the token is not wanted.</param>
internal sealed class ChoiceDelta(GenerationEvent? step)
{
    private List<CallDelta>? _calls;

    /// <summary>The token, or none.</summary>
    public IReadOnlyList<GenerationEvent> Steps { get; } = step is { } token ? [token] : [];

    /// <summary>With the first part, where they are wanted: the scores of the prompt's tokens from the second one on.</summary>
    public IReadOnlyList<ScoredToken> Prompt { get; init; } = [];

    public string Text { get; set; } = "";

    public string Reasoning { get; set; } = "";

    /// <summary>Pieces of calls.</summary>
    public IReadOnlyList<CallDelta> Calls => _calls ?? [];

    /// <summary>Why the answer ended, in OpenAI's words; null while it goes on.</summary>
    public string? Finish { get; set; }

    /// <summary>Whether there is nothing to show.</summary>
    public bool IsEmpty => Text.Length == 0 && Reasoning.Length == 0 && Calls.Count == 0 && Finish is null;

    public void Add(CallDelta call) => (_calls ??= []).Add(call);
}
