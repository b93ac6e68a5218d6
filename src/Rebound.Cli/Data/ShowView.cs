using System.Text.Json;
using Rebound.Cli.Terminal;
using Rebound.Text;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;

namespace Rebound.Cli.Data;

/// <summary>Trajectories for people: roles and the loss in colours where they are welcome, and readable without.</summary>
internal sealed class ShowView(TerminalWriter output)
{
    private const string Dim = "2";
    private const string Green = "32";
    private const string Yellow = "33";
    private const string Cyan = "36";
    private const string Magenta = "35";

    private const string Indent = "  ";

    /// <summary>Columns of the terminal; null where the output goes elsewhere.</summary>
    private readonly int? _width = output.IsTerminal ? TerminalStyle.Width : null;

    private readonly bool _coloured = TerminalStyle.Allowed(!output.IsTerminal);

    /// <summary>Which trajectory it is and how it ended.</summary>
    public void Header(TrajectoryRow row)
    {
        var (trajectory, outcome) = (row.Trajectory, row.Trajectory.Outcome);
        var colour = outcome.Success switch
        {
            true => Green,
            false => TerminalStyle.Red,
            null => Yellow,
        };
        string?[] facts =
        [
            outcome.Reward is { } reward ? $"reward {reward:0.###}" : null,
            outcome.F1 is { } f1 ? $"f1 {f1:0.###}" : null,
            outcome.Cause is { } cause ? $"cause {cause}" : null,
            outcome.GroundTruth is { } truth ? $"truth {truth.GetRawText()}" : null,
            outcome.Prediction is { } guess ? $"answer {guess.GetRawText()}" : null,
            trajectory.Source is { } source ? $"source {source}" : null,
        ];
        Styled($"{row.File} row {trajectory.Row}", TerminalStyle.Bold);
        output.WriteLine($", id {trajectory.Id}");
        Styled(outcome.Name, colour);
        output.WriteLine(string.Concat(facts.Where(fact => fact is not null).Select(fact => $", {fact}")));
        output.WriteLine();
    }

    /// <summary>The turns as they are; those that are not learned of the assistant's, and learned of others, say so.</summary>
    public void Turns(Trajectory trajectory)
    {
        if (trajectory.Tools is { } tools)
        {
            Styled("tools", TerminalStyle.Bold);
            output.WriteLine($"  {string.Join(", ", tools.EnumerateArray().Select(NameOf))}\n");
        }

        foreach (var turn in trajectory.Turns)
        {
            var note = turn.Loss == (turn.Role == Roles.Assistant) ? "" : turn.Loss ? " (learned)" : " (not learned)";
            Styled(turn.Role, RoleColour(turn.Role));
            Styled(note, Dim);
            output.WriteLine();
            if (turn.Content.Length > 0)
            {
                output.WriteLine(Indented(turn.Content));
            }

            foreach (var call in turn.ToolCalls)
            {
                output.Write(Indent);
                Styled("→", TerminalStyle.Bold);
                output.WriteLine($" {call.Name} {call.Arguments}");
            }

            output.WriteLine();
        }

        if (trajectory.Turns.Count == 0)
        {
            output.WriteLine("It has no turns: the episode failed before its first.\n");
        }
    }

    /// <summary>All that the model reads, with what it learns set off.</summary>
    public void Document(TokenizedDocument document, Tokenizer tokenizer)
    {
        foreach (var span in LossPreview.Of(document, tokenizer))
        {
            Styled(!_coloured && span.InLoss ? $"⟦{span.Text}⟧" : span.Text, span.InLoss ? Green : Dim);
        }

        output.WriteLine();
        var cut = document.CutTokens > 0 ? $", {document.CutTokens:N0} more were cut" : "";
        output.WriteLine();
        Styled($"condition {document.Condition}: {document.Length:N0} tokens, {document.SupervisedTokens:N0} of them learned{cut}",
            TerminalStyle.Bold);
        output.WriteLine("\n");
    }

    public void Nothing() => output.WriteLine("Training leaves it out: nothing of it is learned.\n");

    /// <summary>The name of a tool's function, or the text that stands in its place.</summary>
    private static string NameOf(JsonElement tool) => (tool.TryGetProperty("function", out var function) ? function : tool) switch
    {
        { ValueKind: JsonValueKind.Object } schema when schema.TryGetProperty("name", out var name) => name.ToString(),
        { ValueKind: JsonValueKind.String } text => text.ToString(),
        _ => "?",
    };

    private static string RoleColour(string role) => role switch
    {
        Roles.Assistant => Green,
        Roles.User => Cyan,
        Roles.Tool => Yellow,
        _ => Magenta,
    };

    /// <summary>Two columns in; on a terminal broken at words, and in a file left as it is.</summary>
    private string Indented(string text)
    {
        var lines = output.Shown(text).ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').AsEnumerable();
        return string.Join(
            '\n',
            (_width is { } width ? lines.SelectMany(line => LineFill.Words(line, width - Indent.Length)) : lines)
                .Select(line => Indent + line));
    }

    private void Styled(string text, string style) => output.WriteStyled(text, _coloured ? style : "");
}
