using Microsoft.Extensions.AI;
using Rebound.Agents.Models;
using Rebound.Cli.Models;
using Rebound.Inference;
using Rebound.Trajectories;

namespace Rebound.Cli.Agents;

/// <summary>The model of an agent: a checkpoint that is computed here, or one behind a server.</summary>
internal abstract class AgentModel : IDisposable
{
    /// <summary>For people and reports.</summary>
    public abstract string Name { get; }

    /// <summary>What a model trained here says of how it is asked; null for one from elsewhere.</summary>
    public abstract AgentCard? Card { get; }

    /// <summary>A checkpoint where <c>--model</c> or <c>--adapter</c> is one, unless a server is named; else what the server calls so.</summary>
    /// <exception cref="InputException">It is neither.</exception>
    public static AgentModel Open(CommandContext context, EndpointOptions endpoint)
    {
        var (model, adapter) = (context.Get(SharedOptions.Model), context.Get(SharedOptions.Adapter));
        if (!context.IsGiven(endpoint.Endpoints))
        {
            if (adapter is not null || Path.Exists(model))
            {
                return new LocalAgentModel(context);
            }

            if (model!.IndexOfAny(['/', '\\']) >= 0 || model.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            {
                throw new InputException(
                    $"{context.Label(SharedOptions.Model)} {model} does not exist; it is a folder, a .gguf file, or with {endpoint.Endpoints.Name} a name that its server knows.");
            }
        }

        return adapter is null
            ? new ServedAgentModel(context, endpoint)
            : throw new InputException($"{SharedOptions.Adapter.Name} is computed here, and {endpoint.Endpoints.Name} names a server; give one of them.");
    }

    /// <summary>Makes it ready; the caller disposes of this alone.</summary>
    /// <param name="conversations">Most conversations at a time.</param>
    public abstract IChatClient Start(int conversations);

    public abstract void Dispose();
}

/// <summary>A checkpoint that is computed here.</summary>
internal sealed class LocalAgentModel(CommandContext context) : AgentModel
{
    private readonly OpenedModel _opened = new(context);
    private AskedModel? _asked;
    private LocalChatModel? _model;

    public override string Name => _opened.Name;

    public override AgentCard? Card => Asked.Card;

    private AskedModel Asked => _asked ??= AskedModel.Of(_opened.Source);

    public override IChatClient Start(int conversations) =>
        _model = new LocalChatModel(_opened.Weights, _opened.Source.Tokenizer, Asked, conversations);

    public override void Dispose()
    {
        _model?.Dispose();
        _opened.Dispose();
    }
}

/// <summary>A model behind a server.</summary>
internal sealed class ServedAgentModel(CommandContext context, EndpointOptions endpoint) : AgentModel
{
    private EndpointPool? _model;

    public override string Name => context.Get(SharedOptions.Model)!;

    public override AgentCard? Card => null;

    public override IChatClient Start(int conversations) => _model = endpoint.Open(context, Name);

    public override void Dispose() => _model?.Dispose();
}
