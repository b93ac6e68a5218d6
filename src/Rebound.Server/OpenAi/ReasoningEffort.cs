using System.Text.Json.Nodes;
using Rebound.Inference.Chat;
using Rebound.Inference.Serving;
using Rebound.Server.Http;
using Rebound.Trajectories.Rendering;

namespace Rebound.Server.OpenAi;

/// <summary>
/// <c>reasoning_effort</c>: a variable of chat templates that take one, and <c>none</c> turns reasoning off by those that can be told so.
/// </summary>
internal static class ReasoningEffort
{
    public const string Member = "reasoning_effort";

    private const string None = "none";

    private static readonly string[] Efforts = [None, "minimal", "low", "medium", "high", "xhigh", "max"];

    /// <summary>The variables that a template is told; null for none.</summary>
    /// <exception cref="ApiException">It is no effort.</exception>
    public static JsonObject? Variables(ChatRequest request, ChatProfile profile)
    {
        if (request.ReasoningEffort is not { } effort)
        {
            return null;
        }

        if (!Efforts.Contains(effort))
        {
            throw ApiException.Invalid(Member, $"'{Member}' must be one of {string.Join(", ", Efforts)}.");
        }

        return profile.Renderer is not ChatTemplateRenderer renderer ? null
            : renderer.Reads(Member) ? new JsonObject { [Member] = effort }
            : effort == None ? renderer.VariablesFor(reasoning: false)
            : null;
    }

    /// <summary>Whether a model is told nothing of the effort that a request asks for.</summary>
    public static bool IsLost(ChatRequest request, ServedModel model) =>
        request.ReasoningEffort is not null && model.Profile is { } profile && Variables(request, profile) is null;
}
