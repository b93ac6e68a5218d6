using Rebound.Files.Rows;

namespace Rebound.Trajectories.Conditions;

/// <summary>
/// A prompt: the turns that open every conversation, the question prompt, and the wordings of its conditions. It is saved with the
/// model, so that inference prompts as training did.
/// </summary>
public sealed class PromptTemplate
{
    private readonly Dictionary<string, Condition> _conditions;

    /// <param name="opening">The prompt's own turns, never in the loss.</param>
    /// <param name="question">Null where every condition brings its own question prompt and none is neutral.</param>
    /// <param name="conditions">In the order in which their rules are asked; the first that holds counts. May be empty.</param>
    /// <param name="positive">The condition to ask under; null for the first one.</param>
    /// <param name="negative">Its opposite; null for the last of several.</param>
    /// <exception cref="ArgumentException">A condition is named twice or not there, or nothing asks the question.</exception>
    internal PromptTemplate(
        string name,
        IReadOnlyList<Turn> opening,
        QuestionPrompt? question,
        IReadOnlyList<Condition> conditions,
        string? positive = null,
        string? negative = null)
    {
        Name = name;
        Opening = opening;
        Question = question;
        Conditions = conditions;
        _conditions = conditions.ToDictionary(condition => condition.Name, StringComparer.Ordinal);
        Positive = positive ?? (conditions.Count > 0 ? conditions[0].Name : Conversation.Unconditioned);
        Negative = negative ?? (conditions.Count > 1 ? conditions[^1].Name : null);
    }

    /// <summary>A prompt that opens conversations with a system turn, and leaves questions as they are.</summary>
    public static PromptTemplate OfSystem(string system) =>
        new("system", [new Turn(Roles.System, system, Loss: false)], QuestionPrompt.Bare, []);

    public string Name { get; }

    /// <summary>The turns that open every conversation.</summary>
    public IReadOnlyList<Turn> Opening { get; }

    /// <summary>The question prompt without any condition; null where there is none.</summary>
    public QuestionPrompt? Question { get; }

    /// <summary>The conditions in the order of their tests; empty for a prompt without conditions.</summary>
    public IReadOnlyList<Condition> Conditions { get; }

    /// <summary>The condition to ask under at inference; <see cref="Conversation.Unconditioned"/> where there are none.</summary>
    public string Positive { get; }

    /// <summary>The condition of failures; null where there is none.</summary>
    public string? Negative { get; }

    /// <summary>Resolves a condition, given by its role (<c>positive</c>, <c>negative</c>), as <c>none</c>, or by name.</summary>
    /// <exception cref="ArgumentException">The prompt has no such condition.</exception>
    public string Find(string condition) => condition switch
    {
        _ when _conditions.ContainsKey(condition) => condition,
        "positive" => Positive,
        "negative" when Negative is not null => Negative,
        Conversation.Unconditioned when Question is not null => condition,
        _ => throw new ArgumentException($"The prompt '{Name}' has no condition '{condition}'; it has {Known()}."),
    };

    /// <summary>The turns to answer: the opening, and the question as the condition words it.</summary>
    /// <param name="condition">One of the prompt's conditions, or <see cref="Conversation.Unconditioned"/>.</param>
    /// <exception cref="ArgumentException">The prompt has no such condition.</exception>
    public IReadOnlyList<Turn> Ask(string question, string condition) =>
        Build([new Turn(Roles.User, question, Loss: false)], 0, condition);

    /// <summary>
    /// Words the question of a conversation that brings its own: the last user turn before the first answer in the loss.
    /// </summary>
    /// <param name="condition">One of the prompt's conditions, or <see cref="Conversation.Unconditioned"/>.</param>
    /// <exception cref="FormatException">No user turn comes before the first answer.</exception>
    /// <exception cref="ArgumentException">The prompt has no such condition.</exception>
    public IReadOnlyList<Turn> Apply(IReadOnlyList<Turn> turns, string condition) =>
        Build(turns, OwnQuestion(turns) ?? throw new FormatException("no user turn asks before the first answer"), condition);

    /// <summary>
    /// The conversation to train on: opening, question under the condition of the trajectory's outcome, then the
    /// trajectory's turns with their loss flags. What was not scored at all is asked without a condition, if the prompt has
    /// words for that.
    /// </summary>
    /// <param name="question">Null where the trajectory brings its own.</param>
    /// <param name="file">The trajectory's file, for messages.</param>
    /// <exception cref="DataException">The outcome lacks what the condition depends on, or there is no question.</exception>
    public Conversation Compose(Trajectory trajectory, string? question, string file)
    {
        if (trajectory.Tools is { } tools && this.HasToolsPlace())
        {
            return this.WithTools(ToolLines.Of(tools)).Compose(trajectory, question, file);
        }

        var condition = ConditionOf(trajectory, file);
        var turns = trajectory.Turns;
        if (question is not null)
        {
            turns = Build([new Turn(Roles.User, question, Loss: false), .. turns], 0, condition);
        }
        else if (OwnQuestion(turns) is { } own)
        {
            turns = Build(turns, own, condition);
        }
        else if (turns.Count > 0 && !LeavesAsItIs(condition))
        {
            throw WithoutQuestion(trajectory, file);
        }

        return new Conversation(trajectory.Id, condition, turns) { Tools = trajectory.Tools };
    }

    /// <summary>The same prompt for every outcome: neutrally worded, or as for the positive condition if it has no neutral words.</summary>
    public PromptTemplate Unconditioned()
    {
        if (Conditions.Count == 0)
        {
            return this;
        }

        if (Question is not null)
        {
            return new PromptTemplate(Name, Opening, Question, []);
        }

        var wording = WordingOf(Positive);
        return new PromptTemplate(
            Name,
            [.. WithSystem([.. Opening.TakeWhile(IsSystem)], wording.System), .. Opening.SkipWhile(IsSystem)],
            wording.Question!.Surround(wording.Prefix, wording.Suffix),
            []);
    }

    /// <summary>The same prompt, opened by a system turn, where it has no opening of its own.</summary>
    public PromptTemplate OpenedBy(string system) => Opening.Count > 0
        ? this
        : new PromptTemplate(Name, [new Turn(Roles.System, system, Loss: false)], Question, Conditions, Positive, Negative);

    private string ConditionOf(Trajectory trajectory, string file)
    {
        try
        {
            return Conditions.Count == 0
                ? Conversation.Unconditioned
                : Conditions.FirstOrDefault(condition => condition.When.Holds(trajectory.Outcome))?.Name
                    ?? throw new OutcomeException("info", $"fits none of the conditions {Known()}.");
        }
        catch (OutcomeException) when (Question is not null && trajectory.Outcome is { Reward: null, F1: null, Cause: null })
        {
            return Conversation.Unconditioned;
        }
        catch (OutcomeException e)
        {
            throw new DataException(file, trajectory.Row, e.Field, $"{e.Problem} (template '{Name}', id {trajectory.Id})", e);
        }
    }

    /// <summary>Index of the last user turn before the first answer in the loss; null if there is none.</summary>
    private static int? OwnQuestion(IReadOnlyList<Turn> turns)
    {
        var asking = turns.TakeWhile(turn => !turn.Loss).Index().Where(turn => turn.Item.Role == Roles.User).ToArray();
        return asking.Length > 0 ? asking[^1].Index : null;
    }

    private Turn[] Build(IReadOnlyList<Turn> turns, int question, string condition)
    {
        if (this.HasToolsPlace())
        {
            return this.WithTools("").Build(turns, question, condition);
        }

        var wording = WordingOf(condition);
        var prompt = wording.Question ?? Question
            ?? throw new ArgumentException($"The prompt '{Name}' has no neutral wording; it has {Known()}.");
        var asked = turns[question] with
        {
            Content = wording.Prefix + prompt.Fill(turns[question].Content) + wording.Suffix,
            Loss = false,
        };
        var own = turns.Take(question).ToArray();
        var system = own.TakeWhile(IsSystem).Concat(Opening.TakeWhile(IsSystem)).ToArray();
        return
        [
            .. WithSystem(system, wording.System),
            .. Opening.SkipWhile(IsSystem),
            .. own.SkipWhile(IsSystem),
            asked,
            .. turns.Skip(question + 1),
        ];
    }

    /// <summary>Whether a conversation under the condition is the one that it was.</summary>
    private bool LeavesAsItIs(string condition) =>
        Opening.Count == 0 && Question?.Source == QuestionPrompt.Bare.Source && WordingOf(condition) == Wording.Neutral;

    private Wording WordingOf(string condition) => _conditions.TryGetValue(condition, out var known) ? known.Wording
        : condition == Conversation.Unconditioned ? Wording.Neutral
        : throw new ArgumentException($"The prompt '{Name}' has no condition '{condition}'; it has {Known()}.");

    private static bool IsSystem(Turn turn) => turn.Role == Roles.System;

    /// <summary>One system turn at most, since few chat templates take more, and nothing twice in it.</summary>
    private static Turn[] WithSystem(Turn[] system, string? more)
    {
        var texts = system.Select(turn => turn.Content).Concat(more is null ? [] : [more]).Distinct().ToArray();
        return texts.Length switch
        {
            0 => [],
            1 when system.Length > 0 => [system[0]],
            _ => [new Turn(Roles.System, string.Join("\n\n", texts), Loss: false)],
        };
    }

    private string Known() => string.Join(", ", Conditions.Select(condition => condition.Name)
        .Concat(Question is null ? [] : [Conversation.Unconditioned]));

    private DataException WithoutQuestion(Trajectory trajectory, string file) => new(
        file,
        trajectory.Row,
        "conversations",
        $"id {trajectory.Id} has no user turn before its first answer, so the prompt '{Name}' finds no question to ask; name "
        + "a file of questions by id, or choose the prompt 'none' to use trajectories as they stand.")
    {
        Fault = RowFault.WithoutQuestion,
    };
}
