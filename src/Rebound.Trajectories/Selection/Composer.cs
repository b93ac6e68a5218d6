using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Selection;

/// <summary>Makes conversations of trajectories, with a prompt file's template and questions or as they are.</summary>
internal sealed class Composer
{
    private readonly PromptTemplate? _template;
    private readonly QuestionFile? _questions;

    private Composer(PromptTemplate? template, QuestionFile? questions) => (_template, _questions) = (template, questions);

    public static async Task<Composer> CreateAsync(DatasetOptions options, CancellationToken cancellation) => options switch
    {
        { PromptPath: { } prompts, Template: { } template, QuestionPath: { } questions } =>
            new Composer(PromptFile.Load(prompts, template), await QuestionFile.ReadAsync(questions, cancellation)),
        { PromptPath: null, Template: null, QuestionPath: null } => new Composer(null, null),
        _ => throw new ArgumentException("A prompt file, a template and a question file go together.", nameof(options)),
    };

    /// <exception cref="DataException">
    /// The trajectory's question is unknown, or its outcome lacks what the condition needs.
    /// </exception>
    public Conversation Compose(Trajectory trajectory, string file)
    {
        if (_template is null)
        {
            return Conversation.Of(trajectory);
        }

        var question = _questions!.Find(trajectory.Id)
            ?? throw new DataException(file, trajectory.Row, "id", $"'{trajectory.Id}' is no question of {_questions.Path}.");
        return _template.Compose(trajectory, question, file);
    }
}
