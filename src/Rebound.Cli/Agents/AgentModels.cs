using Rebound.Checkpoints;
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
    /// A checkpoint where <c>--model</c> or <c>--adapter</c> is one, unless a server is named; else what the server calls so. A model for
    /// every adapter.
    /// </summary>
    /// <param name="attempts">How often a request to a server is made before it fails.</param>
    /// <param name="parts">The options of the devices that copies of a checkpoint answer on; null for the one that is named.</param>
    /// <param name="shares">What they ask for.</param>
    /// <exception cref="InputException">It is neither, or options are for the other kind.</exception>
    public static OpenedAgentModels Open(
        CommandContext context, EndpointOptions endpoint, int attempts, PartOptions? parts = null, DeviceShares? shares = null)
    {
        var (model, adapters) = (context.Get(SharedOptions.Model), OpenedModel.AdaptersOf(context));
        if (!context.IsGiven(endpoint.Endpoints))
        {
            if (adapters.Length > 0 || Path.Exists(model))
            {
                return OpenLocal(context, adapters, shares);
            }

            if (model!.IndexOfAny(['/', '\\']) >= 0 || model.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            {
                var help = HubName.Help(model) is { } sentence ? $" {sentence}" : "";
                throw new InputException(
                    $"{context.Label(SharedOptions.Model)} {model} does not exist; it is a folder, a .gguf file, or with "
                        + $"{endpoint.Endpoints.Name} a name that its server knows.{help}");
            }

            if (!endpoint.HasKey(context))
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

        if (parts?.AreGiven(context) is true)
        {
            throw new InputException(
                $"{parts.Gpus.Name} and {parts.Parallel.Name} are for a checkpoint that is computed here; leave them out for a server's.");
        }

        return adapters.Length == 0
            ? new OpenedAgentModels([new ServedAgentModel(model!, context, endpoint, attempts)], [])
            : throw new InputException(
                $"{SharedOptions.Adapter.Name} is computed here, and {endpoint.Endpoints.Name} names a server; give one of them.");
    }

    private static OpenedAgentModels OpenLocal(CommandContext context, string[] adapters, DeviceShares? shares)
    {
        var reasoning = ReasoningModes.Find(context.Get(SharedOptions.Reasoning));
        var files = new List<OpenedModel> { new(context, shares: shares) };
        try
        {
            foreach (var adapter in adapters.Skip(1))
            {
                files.Add(files[0].Beside(adapter));
            }

            return new OpenedAgentModels(
                [.. files.Select(opened => new LocalAgentModel(opened.Source, () => opened.Copies, opened.Places, reasoning)
                {
                    OnOpened = chat => OpenedModel.TellCache(context, chat.CacheTokens, chat.CacheBytes),
                })],
                files);
        }
        catch
        {
            OpenedAgentModels.Close(files);
            throw;
        }
    }
}
