namespace Rebound.Agents.Episodes;

/// <summary>Recognizes turns in which a model declines: no action, and an opening that says so.</summary>
internal static class Refusals
{
    private static readonly string[] Openings =
    [
        "i'm sorry", "i am sorry", "sorry,", "i apologize", "i can't", "i cannot", "i can not", "i'm unable", "i am unable", "i'm not able",
        "i am not able", "i won't", "i will not", "as an ai", "i must decline",
    ];

    public static bool Is(string text)
    {
        var opening = text.Replace('’', '\'').TrimStart();
        opening = opening.StartsWith("Thought:", StringComparison.OrdinalIgnoreCase) ? opening["Thought:".Length..].TrimStart() : opening;
        return Openings.Any(refusal => opening.StartsWith(refusal, StringComparison.OrdinalIgnoreCase));
    }
}
