using Rebound.Agents.Chat;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tools;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;

namespace Rebound.Agents.Tests.Chat;

public sealed class SlashCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-chat-").FullName;
    private readonly ChatSession _session = new(
        new StreamingModel((_, _) => "Action: finish[4]"), new EpisodeOptions(), TimeProvider.System);
    private readonly SlashCommands _commands;

    public SlashCommandTests()
    {
        _session.TalkTo(Math);
        _commands = new SlashCommands(
            _session, name => name == "none" ? Task.FromResult(ChatAgent.Plain) : throw new ArgumentException($"no task {name}."));
    }

    private static ChatAgent Math => new("gsm8k", new ToolSet(new CalculateTool()), BuiltInPrompts.Get("math"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Why?", "Why?", null, null)]
    [InlineData("  a\nb ", "a\nb", null, null)]
    [InlineData("//usr is a folder?", "/usr is a folder?", null, null)]
    [InlineData("/save  my file.json ", null, "save", "my file.json")]
    [InlineData("/SYSTEM be\nbrief", null, "system", "be\nbrief")]
    [InlineData("/quit", null, "exit", "")]
    [InlineData("/bye", null, "exit", "")]
    [InlineData("/clear", null, "reset", "")]
    [InlineData("/?", null, "help", "")]
    [InlineData("/regenerate", null, "retry", "")]
    [InlineData("/set temperature 0.5", null, "temperature", "0.5")]
    [InlineData("/set parameter seed 7", null, "seed", "7")]
    [InlineData("/set system Be brief.", null, "system", "Be brief.")]
    public void A_line_is_a_question_or_a_command(string line, string? question, string? name, string? argument)
    {
        var (asked, command) = SlashCommand.Read(line);

        Assert.Equal((question, name, argument), (asked, command?.Name, command?.Argument));
    }

    [Theory]
    [InlineData("/conditon negative", "/conditon; did you mean /condition?")]
    [InlineData("/tempe", "did you mean /temperature?")]
    [InlineData("/re", "did you mean /retry or /reset?")]
    [InlineData("/claer", "did you mean /reset?")]
    [InlineData("/baf", "did you mean /bad?")]
    [InlineData("/baby", "There is no command /baby; /help lists them")]
    [InlineData("/gold", "did you mean /good?")]
    [InlineData("/load x", "start it with 'rebound chat MODEL'")]
    [InlineData("/set wordwrap", "a setting is a command of its own")]
    [InlineData("/zzzzzzzz", "There is no command /zzzzzzzz; /help lists them")]
    public void An_unknown_command_is_one_sentence_with_the_nearest(string line, string words) =>
        Assert.Contains(words, Assert.Throws<ArgumentException>(() => SlashCommand.Read(line)).Message);

    [Fact]
    public void Beginnings_of_commands_go_on()
    {
        Assert.Equal(["/condition", "/context"], SlashCommand.Complete("/con"));
        Assert.Empty(SlashCommand.Complete("con"));
        Assert.Empty(SlashCommand.Complete("/save f"));
    }

    [Fact]
    public async Task Conditions_settings_and_tasks_are_shown_and_chosen()
    {
        Assert.Equal("Condition: positive, of positive, negative, none.", await Say("/condition"));
        Assert.Equal("Condition: negative, of positive, negative, none.", await Say("/condition negative"));
        Assert.Equal("Temperature: 0.9", await Say("/temperature 0.9"));
        Assert.Equal("Seed: -3", await Say("/seed -3"));
        Assert.Equal("There is no guidance.", await Say("/guidance"));
        Assert.Equal("System text: be brief", await Say("/system be brief"));
        Assert.Equal("There is no system text.", await Say("/system -"));
        Assert.Equal("Questions are asked with what was said before.", await Say("/context keep"));
        Assert.Contains("calculate[…]", await Say("/tools"));
        Assert.StartsWith("Task: gsm8k.", await Say("/task"));
        Assert.Equal("Task: none. It has no tools, and just answers.", await Say("/task none"));
        Assert.Equal("Condition: none; nothing tells this model another.", await Say("/condition"));
        Assert.All(SlashCommand.All, command => Assert.DoesNotContain('\n', command.Summary));
    }

    [Theory]
    [InlineData("/condition best", "has no condition 'best'")]
    [InlineData("/temperature hot", "from 0 to 2, and not 'hot'")]
    [InlineData("/temperature 2.5", "from 0 to 2")]
    [InlineData("/seed x", "whole number")]
    [InlineData("/guidance -1", "from 0 up, and not '-1'")]
    [InlineData("/guidance 1", "computed here")]
    [InlineData("/context some", "/context takes keep or fresh")]
    [InlineData("/retry", "no question to put again")]
    [InlineData("/good", "no answer to judge")]
    [InlineData("/save", "needs the name of a file")]
    [InlineData("/save a.json", "nothing to save")]
    [InlineData("/reset now", "/reset takes nothing after it")]
    [InlineData("/task nothing", "no task nothing")]
    public async Task What_cannot_be_done_is_said_and_changes_nothing(string line, string words)
    {
        var before = (_session.Agent, _session.Condition, _session.Settings);

        Assert.Contains(words, (await Assert.ThrowsAsync<ArgumentException>(() => Say(line))).Message);

        Assert.Equal(before, (_session.Agent, _session.Condition, _session.Settings));
    }

    [Theory]
    [InlineData("chat.jsonl")]
    [InlineData("chat.json")]
    public async Task What_was_said_is_saved_as_trajectories_and_no_other_file_is_written_over(string name)
    {
        var path = Path.Combine(_folder, name);
        await AskAsync("one");
        await Say("/good");
        await AskAsync("two");

        Assert.Equal(
            $"Saved 2 exchanges to {path}: 1 positive, 1 unscored. /good and /bad score the last one.", await Say($"/save {path}"));
        await AskAsync("three");
        await Say("/bad");
        await Say($"/save {path}");
        File.WriteAllText(Path.Combine(_folder, "other"), "dear");

        Assert.Contains(
            "is there already",
            (await Assert.ThrowsAsync<ArgumentException>(() => Say($"/save {Path.Combine(_folder, "other")}"))).Message);
        var read = new List<Trajectory>();
        await foreach (var trajectory in TrajectoryFile.ReadAsync(path, cancellation: TestContext.Current.CancellationToken))
        {
            read.Add(trajectory);
        }

        Assert.Equal(["positive", "unscored", "negative"], read.Select(trajectory => trajectory.Outcome.Name));
        Assert.Equal(["one", "two", "three"], read.Select(trajectory => trajectory.Turns[0].Content));
        Assert.Equal(3, read.Select(trajectory => trajectory.Id).Distinct().Count());
    }

    private Task<ChatExchange> AskAsync(string question) =>
        _session.AskAsync(question, new RecordingObserver(), TestContext.Current.CancellationToken);

    private async Task<string> Say(string line) => (await _commands.RunAsync(SlashCommand.Read(line).Command!)).Reply;
}
