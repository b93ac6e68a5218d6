using System.Runtime.Versioning;
using System.Text;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>An agent card that cannot be read ends whatever would ask by it, in one sentence that names it.</summary>
public sealed class UnreadableCardTests : IDisposable
{
    private const string Sound =
        """{"base_model": "m", "renderer": "chat-template", "stop_token": "<|im_end|>", "trained_on": [], "steps": 1, "epochs": 1}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-card-").FullName;

    public UnreadableCardTests()
    {
        TinyChatModel.Write(Path("base"));
        TinyChatModel.WriteAdapter(Path("agent"), Path("base"));
        File.WriteAllText(Path("questions.jsonl"), """{"id": 1, "question": "1+1?", "answer": "#### 2"}""" + "\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, string, string> Cards => new()
    {
        { "\"m\", ", "\"m\", ", "is no agent card, line 1: it ends within an object or a list." },
        { "\"m\"", "\"\u00ff\"", "is no agent card, line 1, 'base_model': it holds bytes that are not UTF-8." },
        { "\"m\"", "\"\\ud83d\"", "is no agent card, line 1, 'base_model': it holds half of a surrogate pair, which is no text." },
        { "\"steps\": 1", "\"steps\": \"one\"", "is no agent card, line 1: 'steps' is not a whole number that can be used." },
        {
            "{",
            $"{{\"prompt\": {new string('[', 10_000)}{new string(']', 10_000)}, ",
            "is no agent card, line 1: it nests more than 200 deep."
        },
    };

    /// <param name="text">What of a sound card becomes something else: the first of it, or what follows where that is the same.</param>
    [Theory]
    [MemberData(nameof(Cards))]
    public void It_is_named_by_every_command_that_asks_by_it(string text, string instead, string problem)
    {
        var place = Sound.IndexOf(text, StringComparison.Ordinal);
        var spoilt = text == instead ? Sound[..place] : Sound[..place] + instead + Sound[(place + text.Length)..];
        File.WriteAllBytes(Card, Encoding.Latin1.GetBytes(spoilt));

        Assert.All(Commands, command =>
        {
            var run = ReboundProcess.Run(command.Split(' '));
            Assert.StartsWith($"rebound: {Card}: {problem}", run.Refused());
            Assert.Single(run.Error.TrimEnd().Split('\n'));
        });
        Assert.False(Directory.Exists(Path("out")));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void One_that_may_not_be_read_is_named_too()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Rights are taken away as POSIX has them.");
        File.WriteAllText(Card, Sound);
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_111_111);
        File.SetUnixFileMode(Card, UnixFileMode.None);

        Assert.All(Commands, command =>
        {
            var run = NobodysRun.Of(command);
            Assert.Equal(
                (2, $"rebound: {Card}: access is denied. Check the path and its permissions.\n", ""),
                (run.ExitCode, run.Error, run.Output));
        });
    }

    private string Card => Path("agent/rebound.json");

    private IEnumerable<string> Commands =>
    [
        $"chat {Path("agent")} --quiet",
        $"generate {Path("agent")} --message x --quiet",
        $"evaluate {Path("agent")} --task gsm8k --question-path {Path("questions.jsonl")} --output-dir {Path("out")} --quiet",
        $"merge --adapter {Path("agent")} --output {Path("out")} --quiet",
    ];

    private string Path(string name) => System.IO.Path.Combine(_folder, name);
}
