using Rebound.Files.Rows;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Selection;

/// <summary>Makes conversations of trajectories, with a prompt and questions or as they are.</summary>
internal sealed class ConversationBuilder
{
    private readonly PromptTemplate? _prompt;
    private readonly QuestionFile? _questions;

    private ConversationBuilder(PromptTemplate? prompt, QuestionFile? questions) => (_prompt, _questions) = (prompt, questions);

    /// <param name="questionPath">Null where trajectories bring their own questions.</param>
    /// <param name="onBadRow">Where rows go that are no questions; null to end the reading there.</param>
    public static async Task<ConversationBuilder> CreateAsync(
        PromptTemplate? prompt, string? questionPath, Action<DataException>? onBadRow, CancellationToken cancellation) =>
        new(prompt, questionPath is null ? null : await QuestionFile.ReadAsync(questionPath, onBadRow, cancellation));

    /// <exception cref="DataException">
    /// The trajectory's question is unknown, or its outcome lacks what the condition needs.
    /// </exception>
    public Conversation Compose(Trajectory trajectory, string file)
    {
        if (_prompt is null)
        {
            return Conversation.Of(trajectory);
        }

        var question = _questions is null ? null : _questions.Find(trajectory.Id)
            ?? throw new DataException(file, trajectory.Row, "id", $"'{trajectory.Id}' is no question of {_questions.Path}.");
        return _prompt.Compose(trajectory, question, file);
    }
}
