namespace Rebound.Agents.Collection;

/// <summary>The limits of a collection; null for no limit.</summary>
public sealed record Budget
{
    /// <summary>Tokens read and written.</summary>
    public long? Tokens { get; init; }

    public decimal? Money { get; init; }

    public TimeSpan? Time { get; init; }

    /// <summary>The price of a million tokens that the model reads.</summary>
    public decimal InputPrice { get; init; }

    /// <summary>The price of a million tokens that the model writes.</summary>
    public decimal OutputPrice { get; init; }

    public decimal Cost(long inputTokens, long outputTokens) => ((inputTokens * InputPrice) + (outputTokens * OutputPrice)) / 1_000_000;

    /// <summary>The limit that was reached, in words; null while none was.</summary>
    public string? Exceeded(CollectionTotals totals, TimeSpan elapsed) =>
        Tokens is { } tokens && totals.InputTokens + totals.OutputTokens >= tokens ? $"the budget of {tokens} tokens is used up"
        : Money is { } money && Cost(totals.InputTokens, totals.OutputTokens) >= money ? $"the budget of {money} is used up"
        : Time is { } time && elapsed >= time ? $"the time of {time} is over"
        : null;
}
