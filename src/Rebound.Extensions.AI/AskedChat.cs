using Microsoft.Extensions.AI;
using Rebound.Inference.Chat;
using Rebound.Inference.Generation;
using Rebound.Inference.Serving;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Extensions.AI;

/// <summary>A request while it is answered: the model holds on to its weights until it is disposed of.</summary>
internal sealed class AskedChat : IDisposable
{
    private readonly ServedModel _model;

    private AskedChat(ServedModel model, IChatClient client, IReadOnlyList<Turn> turns, ChatOptions options) =>
        (_model, Client, Messages, Options) = (model, client, [.. turns.Select(ChatMessages.ToMessage)], options);

    /// <summary>The model under the request's conditions.</summary>
    public IChatClient Client { get; }

    /// <summary>The conversation in the words of the model's prompt.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; }

    public ChatOptions Options { get; }

    /// <summary>Takes the answer's contents.</summary>
    public AnswerContents Contents() => new(showsReasoning: Options.Reasoning?.Output != ReasoningOutput.None);

    /// <exception cref="ArgumentException">The request is none that the model can be asked.</exception>
    /// <exception cref="NotSupportedException">One of its options or contents cannot be kept to.</exception>
    public static AskedChat Begin(ServedModels models, SeedSequence seeds, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        if (options is not null)
        {
            AskedOptions.Check(options);
        }

        var turns = ConversationReader.Read(messages, options?.Instructions);
        var choice = Choose(models, options?.ModelId);
        try
        {
            var model = choice.Model;
            var weight = AskedOptions.GuidanceOf(options);
            var local = new LocalChatModel(
                models.Engine, model.Weights, model.Tokenizer, AskedOptions.Profile(model, options), model.Forms);
            var asked = Worded(turns, choice, choice.Condition);
            var client = weight == 0 ? local : local.Guided(asked.Count, Worded(turns, choice, Opposite(choice)), weight);
            return new AskedChat(model, client, asked, AskedOptions.Completed(options, choice, seeds));
        }
        catch
        {
            choice.Model.Leave();
            throw;
        }
    }

    public void Dispose() => _model.Leave();

    private static ModelChoice Choose(ServedModels models, string? name)
    {
        try
        {
            return models.Enter(name);
        }
        catch (UnknownModelException e)
        {
            throw new ArgumentException($"{e.Message} Those that there are: {string.Join(", ", models.Names)}.", e);
        }
    }

    private static string Opposite(ModelChoice choice) => choice.Prompt?.Negative
        ?? throw new ArgumentException($"Guidance draws between two conditions of a model's prompt, and {choice.Model.Name} has no two.");

    private static IReadOnlyList<Turn> Worded(IReadOnlyList<Turn> turns, ModelChoice choice, string? condition)
    {
        try
        {
            return choice.Prompt is { } prompt ? prompt.Apply(turns, condition!) : turns;
        }
        catch (FormatException e)
        {
            throw new ArgumentException(
                $"The model's prompt cannot be put around these messages: {e.Message}. The model "
                    + $"'{choice.Model.Name}:{ServedModels.Raw}' takes them as they stand.",
                e);
        }
    }
}
