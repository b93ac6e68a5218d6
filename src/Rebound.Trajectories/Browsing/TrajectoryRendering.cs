using Rebound.Files.Rows;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Browsing;

/// <summary>A trajectory as a model reads and learns it.</summary>
/// <param name="renderer">The model's.</param>
/// <param name="prompt">How the model is asked; null for conversations as they stand.</param>
public sealed class TrajectoryRendering(ConversationRenderer renderer, PromptTemplate? prompt)
{
    /// <summary>Conditions that the question can be asked under, beside the trajectory's own.</summary>
    public IReadOnlyList<string> Conditions { get; } = prompt is null ? [] :
    [
        .. prompt.Conditions.Select(condition => condition.Name),
        .. prompt.Question is null ? Array.Empty<string>() : [Conversation.Unconditioned],
    ];

    /// <summary>The documents that training makes of it.</summary>
    /// <param name="condition">Null for that of the trajectory's outcome, as training has it.</param>
    /// <param name="question">Null where the trajectory brings its own.</param>
    /// <param name="file">The trajectory's file, for messages.</param>
    /// <exception cref="DataException">There is no question, or the outcome fits no condition.</exception>
    /// <exception cref="ArgumentException">The prompt has no such condition.</exception>
    /// <exception cref="RenderingException">It cannot be rendered for this model.</exception>
    public IReadOnlyList<TokenizedDocument> Render(Trajectory trajectory, string? condition, string? question, string file) =>
        renderer.Render(Asked(trajectory, condition, question, file));

    private Conversation Asked(Trajectory trajectory, string? condition, string? question, string file)
    {
        if (prompt is null)
        {
            return Conversation.Of(trajectory);
        }

        if (condition is null)
        {
            return prompt.Compose(trajectory, question, file);
        }

        var told = trajectory.Tools is { } tools && prompt.HasToolsPlace() ? prompt.WithTools(ToolLines.Of(tools)) : prompt;
        try
        {
            return new Conversation(trajectory.Id, condition, told.Apply(
                question is null ? trajectory.Turns : [new Turn(Roles.User, question, Loss: false), .. trajectory.Turns], condition))
            {
                Tools = trajectory.Tools,
            };
        }
        catch (FormatException e)
        {
            throw new DataException(file, trajectory.Row, null, $"{e.Message}, so the prompt has no question to ask.", e);
        }
    }
}
