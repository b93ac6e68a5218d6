using Rebound.Checkpoints;
using Rebound.Cli.Machine;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Inference.Chat;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Cli.Agents;

/// <summary>Opens the models that options name.</summary>
internal static class AgentModels
{
    /// <summary>
    /// A checkpoint where <c>--model</c> or <c>--adapter</c> is one, unless a server is named; else what the server calls so.
    /// </summary>
    /// <param name="attempts">How often a request to a server is made before it fails.</param>
    /// <exception cref="InputException">It is neither.</exception>
    public static OpenedAgentModel Open(CommandContext context, EndpointOptions endpoint, int attempts)
    {
        var (model, adapter) = (context.Get(SharedOptions.Model), context.Get(SharedOptions.Adapter));
        if (!context.IsGiven(endpoint.Endpoints))
        {
            if (adapter is not null || Path.Exists(model))
            {
                return OpenLocal(context);
            }

            if (model!.IndexOfAny(['/', '\\']) >= 0 || model.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            {
                var help = HubName.Help(model) is { } sentence ? $" {sentence}" : "";
                throw new InputException(
                    $"{context.Label(SharedOptions.Model)} {model} does not exist; it is a folder, a .gguf file, or with "
                        + $"{endpoint.Endpoints.Name} a name that its server knows.{help}");
            }

            if (adapter is null && !endpoint.HasKey(context))
            {
                throw new InputException(
                    $"{context.Label(SharedOptions.Model)} {model} is no folder and no .gguf file here; a name that a server knows needs "
                        + $"{endpoint.Endpoints.Name}, or for OpenAI's a key in {context.Require(endpoint.KeyVariable)}.");
            }
        }

        if (ReasoningModes.Find(context.Get(SharedOptions.Reasoning)) is not null)
        {
            throw new InputException(
                $"{SharedOptions.Reasoning.Name} is for a checkpoint that is computed here; many servers take {endpoint.ExtraBody.Name} "
                    + $"'{{\"chat_template_kwargs\": {{\"enable_thinking\": false}}}}'.");
        }

        return adapter is null
            ? new OpenedAgentModel(new ServedAgentModel(context, endpoint, attempts), null)
            : throw new InputException(
                $"{SharedOptions.Adapter.Name} is computed here, and {endpoint.Endpoints.Name} names a server; give one of them.");
    }

    private static OpenedAgentModel OpenLocal(CommandContext context)
    {
        var opened = new OpenedModel(context);
        try
        {
            return new OpenedAgentModel(
                new LocalAgentModel(opened.Source, () => opened.Weights, ReasoningModes.Find(context.Get(SharedOptions.Reasoning)))
                {
                    OnOpened = chat => context.Terminal.Note(
                        $"Keys and values of up to {chat.CacheTokens:N0} tokens are kept ({Fact.Bytes(chat.CacheBytes)})."),
                },
                opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }
}

/// <summary>A model with the files and the device that it needs; null where it is a server's.</summary>
internal sealed record OpenedAgentModel(AgentModel Model, OpenedModel? Files) : IDisposable
{
    public void Dispose()
    {
        Model.Dispose();
        Files?.Dispose();
    }
}
