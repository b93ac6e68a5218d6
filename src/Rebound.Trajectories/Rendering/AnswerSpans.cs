namespace Rebound.Trajectories.Rendering;

/// <summary>A supervised assistant turn as text.</summary>
/// <param name="Prompt">All that inference renders to ask for it.</param>
/// <param name="Text">The turn as the template writes it, its stop token included and nothing after that.</param>
internal readonly record struct AnswerSpan(string Prompt, string Text);

/// <summary>
/// Finds the text of assistant turns in what a chat template renders, for any template that keeps two properties: its
/// generation prompt is how it begins an assistant turn, and it ends an assistant turn with a special token. Nothing is
/// known of the template but what it renders.
/// </summary>
internal sealed class AnswerSpans(Func<TemplateConversation, bool, string> render, Func<string, string?> firstSpecialToken)
{
    /// <summary>Stands for an answer, to see what a template writes around one.</summary>
    private const string Probe = "rebound-probe-answer";

    private const string Question = "rebound-probe-question";

    private string? _stop;

    /// <summary>The text of the special token that ends an assistant turn.</summary>
    /// <exception cref="FormatException">The template ends it with none.</exception>
    public string Stop => _stop ??= FindStop();

    /// <summary>The span of the next turn.</summary>
    /// <param name="before">The turns before it; after the call, the turn itself too.</param>
    /// <exception cref="FormatException">The template lacks a property that training needs; the message says which.</exception>
    public AnswerSpan Next(TemplateConversation before, Turn turn)
    {
        var prompt = Before(before);
        before.Add(turn);
        var whole = render(before, false);
        if (!whole.StartsWith(prompt, StringComparison.Ordinal))
        {
            var same = prompt.AsSpan().CommonPrefixLength(whole);
            throw new FormatException(
                "the chat template's generation prompt is not how it begins an assistant turn, so inference would see other"
                + $" text than training: to ask for the answer it renders {Excerpt(prompt, same)}, "
                + $"and with the answer {Excerpt(whole, same)}.");
        }

        var end = whole.LastIndexOf(Stop, StringComparison.Ordinal);
        if (end < prompt.Length)
        {
            throw new FormatException($"the chat template does not end this assistant turn with its stop token {Stop}.");
        }

        var text = whole[prompt.Length..(end + Stop.Length)];
        return turn.ToolCalls.FirstOrDefault(call => !text.Contains(call.Name, StringComparison.Ordinal)) is { } unseen
            ? throw new FormatException(
                $"the chat template does not render calls of tools, so the call of '{unseen.Name}' could not be learned; "
                + "write calls as the turn's text, or take a model whose template knows tool_calls.")
            : new AnswerSpan(prompt, text);
    }

    /// <summary>All that inference renders to ask for the turn after these.</summary>
    public string Before(TemplateConversation turns) => turns.Messages.Count == 0 ? Header() : render(turns, true);

    /// <summary>The turns up to the end of the last one's text, with none of what the template writes behind it.</summary>
    /// <param name="content">The last turn's.</param>
    /// <exception cref="FormatException">The template does not show it, or ends it with no special token.</exception>
    public string Open(TemplateConversation turns, string content)
    {
        var whole = render(turns, false);
        var end = whole.LastIndexOf(Stop, StringComparison.Ordinal);
        var trimmed = content.Trim();
        var start = end < 0 ? -1 : whole.LastIndexOf(trimmed, end, StringComparison.Ordinal);
        if (start < 0)
        {
            throw new FormatException(
                "the chat template does not render the last turn's text as it stands, so that nothing can go on with it.");
        }

        // Templates may trim: white space at the end counts where it is rendered.
        var kept = content.TrimStart();
        return whole[..start] + (string.CompareOrdinal(whole, start, kept, 0, kept.Length) == 0 ? kept : trimmed);
    }

    /// <summary>The text before an answer that opens the conversation, where no user turn can prompt for it.</summary>
    private string Header()
    {
        var text = render(new TemplateConversation([new Turn(Roles.Assistant, Probe, Loss: true)]), false);
        var start = text.IndexOf(Probe, StringComparison.Ordinal);
        return start >= 0 ? text[..start] : throw NoContent();
    }

    private string FindStop()
    {
        var text = render(
            new TemplateConversation([new Turn(Roles.User, Question, Loss: false), new Turn(Roles.Assistant, Probe, Loss: true)]), false);
        var end = text.LastIndexOf(Probe, StringComparison.Ordinal);
        if (end < 0)
        {
            throw NoContent();
        }

        var after = text[(end + Probe.Length)..];
        return firstSpecialToken(after) ?? throw new FormatException(
            $"the chat template ends an assistant turn with '{after}', which has no special token, "
            + "so a model could not learn to stop.");
    }

    private static FormatException NoContent() => new("the chat template does not render an assistant turn's content.");

    private static string Excerpt(string text, int from) =>
        $"'…{text[Math.Max(0, from - 20)..Math.Min(text.Length, from + 40)]}'";
}
