using System.Text.Json;
using Rebound.Jinja;

namespace Rebound.Trajectories.Rendering;

/// <summary>
/// Turns conversations into tokens: whole ones with labels for training, and beginnings that wait for an answer for
/// inference. Both come from one implementation, so that <b>the tokens before every answer in the loss are those that
/// <see cref="Ask"/> gives for the turns before it</b>.
/// </summary>
public abstract class ConversationRenderer
{
    /// <summary>The name that options and agent cards know it by.</summary>
    public abstract string Name { get; }

    /// <summary>Text of the special token that ends an assistant turn: what the model learns to stop with.</summary>
    /// <exception cref="FormatException">The model's chat template ends a turn with no special token.</exception>
    /// <exception cref="ChatTemplateException">The template does not render a question and an answer.</exception>
    public abstract string StopToken { get; }

    /// <summary>
    /// One document, or more where one cannot show every answer in the loss what inference would. Without anything in
    /// the loss it is one document.
    /// </summary>
    /// <exception cref="RenderingException">
    /// The conversation cannot be rendered for training, or a turn in the loss is not the assistant's.
    /// </exception>
    public IReadOnlyList<TokenizedDocument> Render(Conversation conversation)
    {
        try
        {
            CheckRoles(conversation.Turns);
            return RenderDocuments(conversation);
        }
        catch (Exception e) when (e is ChatTemplateException or FormatException)
        {
            throw new RenderingException(conversation.Id, e.Message, e);
        }
    }

    /// <summary>The tokens to feed a model so that it answers.</summary>
    /// <param name="turns">
    /// The turns so far. <see cref="Turn.Loss"/> is set for what the model itself has said in this conversation, as it was
    /// in training, and not for the prompt's own turns.
    /// </param>
    /// <param name="tools">The schemas of the tools on offer, as <see cref="Trajectory.Tools"/> has them.</param>
    /// <exception cref="FormatException">The turns cannot be rendered.</exception>
    /// <exception cref="ChatTemplateException">The template refuses the turns.</exception>
    public abstract int[] Ask(IReadOnlyList<Turn> turns, JsonElement? tools = null);

    /// <summary>The tokens to feed a model so that it goes on with the last turn, which is left open at the end of its text.</summary>
    /// <param name="turns">The last one is the assistant's, with text and without calls.</param>
    /// <param name="tools">The schemas of the tools on offer, as <see cref="Trajectory.Tools"/> has them.</param>
    /// <exception cref="FormatException">The turns cannot be rendered, or the last one's text is not seen in what is rendered.</exception>
    /// <exception cref="ChatTemplateException">The template refuses the turns.</exception>
    public abstract int[] Continue(IReadOnlyList<Turn> turns, JsonElement? tools = null);

    /// <summary>The tokens of the turns as they stand, with nothing opened behind the last one.</summary>
    /// <param name="turns">At least one.</param>
    /// <param name="tools">The schemas of the tools on offer, as <see cref="Trajectory.Tools"/> has them.</param>
    /// <exception cref="FormatException">The turns cannot be rendered.</exception>
    /// <exception cref="ChatTemplateException">The template refuses the turns.</exception>
    public abstract int[] Close(IReadOnlyList<Turn> turns, JsonElement? tools = null);

    /// <summary>Whether tools are part of the rendered text, so that a model can call them natively.</summary>
    public virtual bool RendersTools => false;

    /// <summary>Whether the model is to reason before it answers; null for its chat template's default.</summary>
    public virtual bool? Reasoning => null;

    private protected abstract IReadOnlyList<TokenizedDocument> RenderDocuments(Conversation conversation);

    private static void CheckRoles(IReadOnlyList<Turn> turns)
    {
        foreach (var (index, turn) in turns.Index())
        {
            if (turn.Loss && turn.Role != Roles.Assistant)
            {
                throw new FormatException(
                    $"turn {index} is in the loss with the role '{turn.Role}'; only assistant turns can be.");
            }
        }
    }
}
