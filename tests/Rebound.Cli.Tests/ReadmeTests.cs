using System.Text.RegularExpressions;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>What the README tells people to type.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private const string Walk = "## An agent of your own in ten minutes";

    /// <summary>
    /// Stands in for the shell that a person types into: downloads are copies of what is in SHARED, and everything is small.
    /// </summary>
    private const string Shell = """
        set -euo pipefail
        export HOME="$PWD"
        curl() {
            local name
            case $1 in
                -fLO) name=${2##*/} ;;
                -fLo) name=$2 ;;
            esac
            case $name in
                *.gguf) cp "$SHARED/models/smollm2-135m-instruct/$name" . ;;
                test.jsonl) cp "$SHARED/data/strategyqa/test_random_500.jsonl" test.jsonl ;;
                *) cp "$SHARED/data/strategyqa/$name" . ;;
            esac
        }
        rebound() {
            case $1 in
                train) dotnet "$PROGRAM" "${@/#16/2}" --per-device-train-batch-size 1 --pos-num 8 --neg-num 8 ;;
                chat) echo 'Is ice colder than steam?' | dotnet "$PROGRAM" "$@" --max-tokens 8 ;;
                evaluate) dotnet "$PROGRAM" "${@/#20/1}" --max-tokens 8 --step-limit 2 ;;
                *) dotnet "$PROGRAM" "$@" ;;
            esac
        }

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-readme-").FullName;

    private static string Text { get; } = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "README.md"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_command_is_one_that_rebound_takes()
    {
        var wrong = Commands().SelectMany(line => ParsedLine.Problems(Words(line)));

        Assert.InRange(Commands().Count(), 20, 100);
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_ten_minutes_can_be_walked_as_they_are_printed()
    {
        var shared = SharedData.Path("");
        var block = Block().Match(Text[Text.IndexOf(Walk, StringComparison.Ordinal)..]).Groups["lines"].Value;
        File.WriteAllText(Path.Combine(_folder, "walk.sh"), Shell + block);
        var walk = ShellRun.Of("cd \"$1\" && SHARED=\"$2\" PROGRAM=\"$3\" bash walk.sh", _folder, shared, ReboundProcess.Program);

        Assert.True(walk.ExitCode == 0, walk.Error + walk.Output);
        Assert.Contains("positive − negative", walk.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "first-agent", "agent", "adapter_model.safetensors")));
        Assert.True(File.Exists(Path.Combine(_folder, "first-agent", "results", "aggregate.json")));
    }

    /// <summary>
    /// The lines of code blocks that call rebound, with those that go on joined, and without what the shell does besides. A line
    /// whose options come from a file cannot be judged without it.
    /// </summary>
    private static IEnumerable<string> Commands() => Block().Matches(Text)
        .SelectMany(block => block.Groups["lines"].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
        .Select(line => Redirection().Replace(Prompt().Replace(line, ""), ""))
        .Where(line => line.StartsWith("rebound ", StringComparison.Ordinal) && !line.Contains(".yml", StringComparison.Ordinal));

    /// <summary>The arguments of a line, as a shell parts them.</summary>
    private static string[] Words(string line) =>
        [.. Word().Matches(line).Skip(1).Select(word =>
            word.Value.Replace("\"", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal))];

    [GeneratedRegex(@"^```(sh|console)\n(?<lines>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline,
        matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Block();

    [GeneratedRegex(@"^(\$ )?(\./)?(?=rebound )", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Prompt();

    [GeneratedRegex(@" [<>|] .*$", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Redirection();

    [GeneratedRegex("""("[^"]*"|'[^']*'|[^\s"'])+""", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Word();
}
