namespace Rebound.Trajectories.Conditions;

/// <summary>
/// How the NAT reference chooses among the question prompts of a template, told from which ones there are; its rules and
/// thresholds.
/// </summary>
/// <param name="Positive">The condition it asks under at inference; null where there are none.</param>
internal sealed record ReferenceRules(
    IReadOnlyList<(string Name, OutcomeRule When)> Conditions, string? Positive, string? Negative)
{
    private const string Correct = "correct";
    private const string Incorrect = "incorrect";

    /// <summary>The reference tells its soft template from the other two-condition ones by its name alone.</summary>
    private const string SoftSuffix = "-soft";

    private const double SoftThreshold = 0.2;

    /// <summary>The F1 that separates the two middle classes of four.</summary>
    private const double MiddleF1 = 0.4;

    /// <summary>The rules for a template; null for prompts that are no known set.</summary>
    /// <param name="prompts">The names of its question prompts.</param>
    public static ReferenceRules? For(string template, IReadOnlyCollection<string> prompts) =>
        prompts.Order(StringComparer.Ordinal).ToArray() switch
        {
            [Conversation.Unconditioned] => new ReferenceRules([], null, null),
            [Correct, Incorrect] => new ReferenceRules(
                template.EndsWith(SoftSuffix, StringComparison.Ordinal)
                    ? [(Correct, F1(new(Above: SoftThreshold))), (Incorrect, F1(new(To: SoftThreshold)))]
                    : [(Correct, new OutcomeRule { Success = true }), (Incorrect, new OutcomeRule { Success = false })],
                Correct,
                Incorrect),
            ["class_1", "class_2", "class_3"] => new ReferenceRules(
                [("class_1", F1(new(Is: 0))), ("class_2", F1(new(Above: 0, Below: 1))), ("class_3", F1(new(Is: 1)))],
                "class_3",
                "class_1"),
            ["class_1", "class_2", "class_3", "class_4"] => new ReferenceRules(
                [
                    ("class_1", F1(new(Is: 0))),
                    ("class_2", F1(new(Above: 0, Below: MiddleF1))),
                    ("class_3", F1(new(From: MiddleF1, Below: 1))),
                    ("class_4", F1(new(Is: 1))),
                ],
                "class_4",
                "class_1"),
            _ => null,
        };

    private static OutcomeRule F1(NumberTest test) => new() { F1 = test };
}
