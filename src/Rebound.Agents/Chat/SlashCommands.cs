using System.Globalization;
using Rebound.Trajectories;

namespace Rebound.Agents.Chat;

/// <summary>The next step after a command.</summary>
public enum ChatStep
{
    /// <summary>The next line is read.</summary>
    GoOn,

    /// <summary>The last question is put again.</summary>
    Retry,

    /// <summary>The chat ends.</summary>
    Leave,
}

/// <summary>Carries out a chat's commands.</summary>
/// <param name="openTask">Makes the agent of a task's name, or of none.</param>
public sealed class SlashCommands(ChatSession session, Func<string, Task<ChatAgent>> openTask)
{
    /// <summary>The name that turns to a chat without a task.</summary>
    public const string NoTask = "none";

    private const float HighestTemperature = 2;
    private const string Keep = "keep";
    private const string Fresh = "fresh";

    private readonly ChatTranscript _transcript = new();

    /// <summary>Runs a command and returns its reply.</summary>
    /// <exception cref="ArgumentException">It cannot be; the message is a sentence.</exception>
    public async Task<(string Reply, ChatStep Step)> RunAsync(SlashCommand command) => command.Name switch
    {
        SlashCommand.Exit => (Nothing(command, ""), ChatStep.Leave),
        SlashCommand.Retry when !session.CanRetry => throw new ArgumentException("There is no question to put again yet."),
        SlashCommand.Retry => (Nothing(command, ""), ChatStep.Retry),
        SlashCommand.Task => (await TurnToAsync(command.Argument), ChatStep.GoOn),
        _ => (Carry(command), ChatStep.GoOn),
    };

    private string Carry(SlashCommand command)
    {
        var argument = command.Argument;
        var settings = session.Settings;
        switch (command.Name)
        {
            case SlashCommand.Condition:
                return Choose(argument);
            case SlashCommand.Tools:
                return Nothing(command, Tools());
            case SlashCommand.Save:
                return Save(argument);
            case SlashCommand.Reset:
                session.Reset();
                return Nothing(
                    command,
                    session.Exchanges.Count == 0
                        ? "A new conversation."
                        : $"A new conversation; {Exchanges()} before it can still be saved.");
            case SlashCommand.Good or SlashCommand.Bad:
                return Nothing(command, Judge(command.Name == SlashCommand.Good));
            case SlashCommand.System:
                session.Settings = argument.Length == 0 ? settings : settings with { System = argument == "-" ? null : argument };
                return session.Settings.System is { } system ? $"System text: {system}" : "There is no system text.";
            case SlashCommand.Temperature:
                session.Settings = argument.Length == 0 ? settings : settings with { Temperature = ReadTemperature(argument) };
                return $"Temperature: {session.Settings.Temperature}";
            case SlashCommand.Guidance:
                return Guide(argument);
            case SlashCommand.Seed:
                session.Settings = argument.Length == 0 ? settings : settings with { Seed = ReadSeed(argument) };
                return $"Seed: {session.Settings.Seed}";
            case SlashCommand.Context:
                return Context(argument);
            default:
                return Nothing(command, Help());
        }
    }

    private static string Nothing(SlashCommand command, string reply) =>
        command.Argument.Length == 0 ? reply : throw new ArgumentException($"/{command.Name} takes nothing after it.");

    private async Task<string> TurnToAsync(string name)
    {
        if (name.Length > 0)
        {
            session.TalkTo(await openTask(name));
        }

        var agent = session.Agent;
        return $"Task: {agent.Task ?? NoTask}. {Tools()}"
            + (agent.Prompt is null ? "" : $" Questions are worded by the prompt '{agent.Prompt.Name}', condition {session.Condition}.");
    }

    private string Choose(string name)
    {
        if (name.Length > 0)
        {
            session.Choose(name);
        }

        var prompt = session.Agent.Prompt;
        return session.Agent.Conditions.Count == 0
            ? "Condition: none; nothing tells this model another."
            : $"Condition: {session.Condition}, of {string.Join(", ", session.Agent.Conditions)}"
                + (prompt is { Negative: { } negative } && (prompt.Positive, negative) != ("positive", "negative")
                    ? $" (positive is {prompt.Positive}, negative is {negative})."
                    : ".");
    }

    private string Tools()
    {
        if (session.Agent.Tools is not { } tools)
        {
            return "It has no tools, and just answers.";
        }

        var all = tools.All.Select(tool => $"{tool.Name}[…] {tool.Description}").Append("finish[…] ends with an answer");
        return $"Tools: {string.Join("; ", all)}.";
    }

    private string Save(string path)
    {
        if (path.Length == 0)
        {
            throw new ArgumentException("/save needs the name of a file, for example /save chat.jsonl.");
        }

        if (session.Exchanges.Count == 0)
        {
            throw new ArgumentException("Nothing was answered yet, so there is nothing to save.");
        }

        var home = path.StartsWith("~/", StringComparison.Ordinal)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..])
            : path;
        _transcript.Write(home, session.Exchanges);
        var counts = new[] { Outcome.Positive, Outcome.Negative, Outcome.Unscored }
            .Select(name => (Name: name, Count: session.Exchanges.Count(exchange => exchange.Outcome.Name == name)))
            .Where(outcome => outcome.Count > 0).ToArray();
        return $"Saved {Exchanges()} to {path}: {string.Join(", ", counts.Select(outcome => $"{outcome.Count} {outcome.Name}"))}."
            + (counts.Any(outcome => outcome.Name == Outcome.Unscored) ? " /good and /bad score the last one." : "");
    }

    private string Judge(bool good)
    {
        if (!session.CanJudge)
        {
            throw new ArgumentException("There is no answer to judge.");
        }

        session.Judge(good);
        return good ? "Kept as a success; /save writes it." : "Kept as a failure; /save writes it.";
    }

    private string Context(string argument)
    {
        session.Settings = session.Settings with
        {
            KeepsContext = argument switch
            {
                "" => session.Settings.KeepsContext,
                Keep => true,
                Fresh => false,
                _ => throw new ArgumentException($"/context takes {Keep} or {Fresh}, and not '{argument}'."),
            },
        };
        return session.Settings.KeepsContext ? "Questions are asked with what was said before." : "Every question is asked by itself.";
    }

    private string Guide(string argument)
    {
        if (argument.Length > 0)
        {
            session.Guide(argument == "-" ? null : ReadWeight(argument));
        }

        return session.Settings.Guidance is { } weight ? $"Guidance: {weight}" : "There is no guidance.";
    }

    private static float ReadWeight(string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= 0 && float.IsFinite(value)
            ? value
            : throw new ArgumentException($"The weight of guidance is a number from 0 up, and not '{text}'.");

    private static float ReadTemperature(string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= HighestTemperature
            ? value
            : throw new ArgumentException($"A temperature is a number from 0 to {HighestTemperature}, and not '{text}'.");

    private static long ReadSeed(
        string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
        ? value
        : throw new ArgumentException($"A seed is a whole number, and not '{text}'.");

    private string Exchanges() => session.Exchanges.Count == 1 ? "1 exchange" : $"{session.Exchanges.Count} exchanges";

    private static string Help()
    {
        var width = SlashCommand.All.Max(command => command.Name.Length + command.Argument.Length) + 2;
        return string.Join(
            '\n', SlashCommand.All.Select(command => $"{$"/{command.Name} {command.Argument}".PadRight(width)} {command.Summary}"));
    }
}
