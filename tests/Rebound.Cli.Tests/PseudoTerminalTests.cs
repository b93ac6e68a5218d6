using System.Text.RegularExpressions;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>What a person's terminal gets of files that try to steer it, and what a file gets.</summary>
public sealed partial class PseudoTerminalTests : IDisposable
{
    private const string Evil =
        "\u001b]52;c;ZXZpbA==\u0007\u001b]0;PWNED\u0007\u001b[2J\u009b31m\u202eabc\u001b]8;;http://evil.example/\u0007x";
    private const string Shown = "␛]52;c;ZXZpbA==␇␛]0;PWNED␇␛[2J\\u009b31m\\u202eabc␛]8;;http://evil.example/␇x";

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-terminal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Trajectories_that_are_shown_and_counted_steer_nothing()
    {
        var file = SharedData.Path("cases/hostile/esc_traj.json");
        Assert.Contains(Shown, Harmless(PseudoTerminal.Run(400, "data", "show", file)));
        Assert.Contains("unfinished", Harmless(PseudoTerminal.Run(80, "data", "stats", file)));
        Assert.Contains(Evil, ReboundProcess.Run("data", "show", file).Succeeded());
    }

    [Fact]
    public void Errors_that_quote_a_row_or_a_template_steer_nothing()
    {
        var rows = SharedData.Path("cases/hostile/esc_bad.jsonl");
        Assert.Contains(Shown, Harmless(PseudoTerminal.Run(400, "data", "show", rows)));
        Assert.Contains(Evil, ReboundProcess.Run("data", "show", rows).Refused());
        var messages = Path("messages.json");
        File.WriteAllText(messages, """[{"role": "user", "content": "x"}]""");
        var template = SharedData.Path("cases/hostile/esc_tpl.jinja");
        Assert.Contains(Shown, Harmless(PseudoTerminal.Run(400, "template", "--template", template, "--messages", messages)));
    }

    [Fact]
    public void Results_notes_and_tables_steer_nothing()
    {
        var messages = Path("messages.json");
        File.WriteAllText(messages, $$"""[{"role": "user", "content": "\u001b[2J{{"\u202e"}}"}]""");
        var template = Path("plain.jinja");
        File.WriteAllText(template, "{{ messages[0].content }}");
        Assert.Contains("␛[2J\\u202e", Harmless(PseudoTerminal.Run(80, "template", "--template", template, "--messages", messages)));
        Harmless(PseudoTerminal.Run(80, "tool", "calculate", "1 \u001b[2J"));
        Harmless(PseudoTerminal.Run(80, "nosuch\u001b[2J"));
        TinyChatModel.Write(Path("model"));
        Harmless(PseudoTerminal.Run(80, "tokenize", "--tokenizer", Path("model"), "a\u001b]0;x\u0007\u202eb\u009bc"));
    }

    [Fact]
    public void Generated_text_and_a_chat_steer_nothing()
    {
        // A random model of bytes writes any of them.
        TinyChatModel.Write(Path("model"));
        string[] model = ["--model", Path("model"), "--temperature", "1.5", "--threads", "1"];
        var generated = Enumerable.Range(0, 3).Select(seed => PseudoTerminal.Run(
            80, ["generate", .. model, "--prompt", "x", "--max-new-tokens", "150", "--seed", $"{seed}", "--quiet"])).ToArray();
        Assert.All(generated, output => Harmless(output));
        Assert.Contains(generated, output => output.Any(character => character is >= '\u2400' and <= '\u2421'));
        Harmless(
            PseudoTerminal.Run(80, [("> ", "red?\r"), (" tokens in ", ""), ("> ", "\u0004")], ["chat", .. model, "--max-tokens", "100"]));
    }

    /// <summary>
    /// Asserts that nothing but the program's own sequences is left: styles, moves and clears at the cursor, modes of keys and pastes.
    /// </summary>
    private static string Harmless(string output)
    {
        var text = Own().Replace(output, "");
        var strange = text.Where(character =>
            (char.IsControl(character) && character is not ('\n' or '\t' or '\r')) || character is '\u202e' or '\u2028').ToArray();
        Assert.True(
            strange.Length == 0,
            $"{strange.Length} characters steer the terminal: {string.Join(' ', strange.Select(c => $"{(int)c:x4}"))} in {text}");
        return text;
    }

    private string Path(string name) => System.IO.Path.Combine(_folder, name);

    /// <summary>Nothing of it is what the files hold: [2J clears the screen, [31m stands after C1.</summary>
    [GeneratedRegex(
        @"\x1b\[(?:0|1|2|31|32|33|34|35|36|1;3[0-6]|38;5;\d+|9\d)m|\x1b\[(?:\d*[ACK]|J)|\x1b\[\?(?:1|2004|25)[hl]|\x1b[=>]|\x1b\[6n",
        RegexOptions.NonBacktracking)]
    private static partial Regex Own();
}
