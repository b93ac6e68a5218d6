using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Models;
using Rebound.Checkpoints;
using Rebound.Inference.Generation;
using Rebound.Trajectories;

namespace Rebound.Cli.Agents;

/// <summary>The model of an agent: a checkpoint that is computed here, or one behind a server.</summary>
internal abstract class AgentModel : IDisposable
{
    /// <summary>For people and reports.</summary>
    public abstract string Name { get; }

    /// <summary>What a model trained here says of how it is asked; null for one from elsewhere.</summary>
    public abstract AgentCard? Card { get; }

    /// <summary>How it calls tools where nobody says how.</summary>
    public virtual ToolFormat ToolFormat => ToolFormat.React;

    /// <summary>Counts what it reads and writes.</summary>
    public ModelMeter Meter { get; } = new();

    /// <summary>A checkpoint where <c>--model</c> or <c>--adapter</c> is one, unless a server is named; else what the server calls so.</summary>
    /// <param name="attempts">How often a request to a server is made before it fails.</param>
    /// <exception cref="InputException">It is neither.</exception>
    public static AgentModel Open(CommandContext context, EndpointOptions endpoint, int attempts)
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
                var help = HubName.Help(model) is { } sentence ? $" {sentence}" : "";
                throw new InputException(
                    $"{context.Label(SharedOptions.Model)} {model} does not exist; it is a folder, a .gguf file, or with {endpoint.Endpoints.Name} a name that its server knows.{help}");
            }

            if (adapter is null && !endpoint.HasKey(context))
            {
                throw new InputException(
                    $"{context.Label(SharedOptions.Model)} {model} is no folder and no .gguf file here; a name that a server knows needs {endpoint.Endpoints.Name}, or for OpenAI's a key in {context.Require(endpoint.KeyVariable)}.");
            }
        }

        if (ReasoningModes.Find(context.Get(SharedOptions.Reasoning)) is not null)
        {
            throw new InputException(
                $"{SharedOptions.Reasoning.Name} is for a checkpoint that is computed here; many servers take {endpoint.ExtraBody.Name} '{{\"chat_template_kwargs\": {{\"enable_thinking\": false}}}}'.");
        }

        return adapter is null
            ? new ServedAgentModel(context, endpoint, attempts)
            : throw new InputException($"{SharedOptions.Adapter.Name} is computed here, and {endpoint.Endpoints.Name} names a server; give one of them.");
    }

    /// <summary>Why no answer can be had from where it is; null while one can.</summary>
    public virtual string? Broken => null;

    /// <summary>How the model's own files say that its tokens are drawn; nothing where they say nothing.</summary>
    public virtual OwnSampling Sampling => OwnSampling.None;

    /// <summary>Draws tokens as <see cref="Sampling"/> says where a request does not; to be chosen before <see cref="Start"/>.</summary>
    public virtual void SampleAsItsOwn()
    {
    }

    /// <summary>Adds what tells the model from others, for files that keep what it did.</summary>
    public virtual void Describe(JsonObject description) => description["model"] = Name;

    /// <summary>Makes it ready; the caller disposes of this alone.</summary>
    /// <param name="conversations">Most conversations at a time.</param>
    public IChatClient Start(int conversations) => Metered(Open(conversations, Meter), Meter);

    /// <summary>Makes it ready, to answer without being counted.</summary>
    /// <param name="conversations">Most conversations at a time.</param>
    /// <param name="meter">Hears of requests that are made again.</param>
    public abstract IChatClient Open(int conversations, ModelMeter meter);

    /// <summary>What <see cref="Open(int, ModelMeter)"/> gave, or what was made of it, so that it is counted.</summary>
    public IChatClient Metered(IChatClient client, ModelMeter meter) => new MeteredModel(client, meter, CountsTokens);

    /// <summary>Whether tokens can be counted one by one while an answer is written.</summary>
    protected abstract bool CountsTokens { get; }

    /// <summary>Ends work that has no more point, since no answer can come of the model any more.</summary>
    public virtual void ThrowIfBroken()
    {
    }

    public abstract void Dispose();
}
