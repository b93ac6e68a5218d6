namespace Rebound.Trajectories.Conditions;

/// <summary>
/// One template of a prompt file: the turns that open every conversation, and the question prompts by condition.
/// </summary>
public sealed class PromptTemplate
{
    private readonly IReadOnlyDictionary<string, QuestionPrompt> _questionPrompts;
    private readonly ConditionRule _rule;

    internal PromptTemplate(
        string name,
        IReadOnlyList<Turn> opening,
        IReadOnlyDictionary<string, QuestionPrompt> questionPrompts,
        ConditionRule rule)
    {
        Name = name;
        Opening = opening;
        _questionPrompts = questionPrompts;
        _rule = rule;
    }

    public string Name { get; }

    /// <summary>The prompt's own turns, never in the loss.</summary>
    public IReadOnlyList<Turn> Opening { get; }

    /// <summary>The names of the conditions, in the file's order; a single <c>none</c> for an unconditioned template.</summary>
    public IEnumerable<string> Conditions => _questionPrompts.Keys;

    /// <summary>
    /// The conversation to train on: opening, question as a user turn under the condition of the trajectory's outcome,
    /// then the trajectory's turns with their loss flags.
    /// </summary>
    /// <param name="file">The trajectory's file, for messages.</param>
    /// <exception cref="DataException">The outcome lacks what the condition depends on.</exception>
    public Conversation Compose(Trajectory trajectory, string question, string file)
    {
        try
        {
            var condition = _rule.Of(trajectory.Outcome);
            var asked = new Turn(Roles.User, _questionPrompts[condition].Fill(question), Loss: false);
            return new Conversation(trajectory.Id, condition, [.. Opening, asked, .. trajectory.Turns]) { Tools = trajectory.Tools };
        }
        catch (OutcomeException e)
        {
            throw new DataException(file, trajectory.Row, e.Field, $"{e.Problem} (template '{Name}', id {trajectory.Id})", e);
        }
    }
}
