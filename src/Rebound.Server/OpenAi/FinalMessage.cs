using Rebound.Inference.Chat;
using Rebound.Server.Http;
using Rebound.Trajectories;

namespace Rebound.Server.OpenAi;

/// <summary>The last message of a chat where it is the model's own: it can be gone on with, and given back.</summary>
internal static class FinalMessage
{
    private const string Continues = "continue_final_message";
    private const string Opens = "add_generation_prompt";

    /// <summary>How the prompt ends.</summary>
    /// <exception cref="ApiException">The last message cannot be gone on with, or the members contradict each other.</exception>
    public static PromptEnd End(ChatRequest request, IReadOnlyList<Turn> turns)
    {
        if (request.ContinueFinalMessage != true)
        {
            return request.AddGenerationPrompt == false ? PromptEnd.Closed : PromptEnd.NewTurn;
        }

        if (request.AddGenerationPrompt != false)
        {
            throw ApiException.Invalid(
                Continues, $"'{Continues}' and '{Opens}' cannot both be true, and '{Opens}' is unless it is said to be false.");
        }

        var last = turns[^1];
        return last.Role == Roles.Assistant && last.ToolCalls.Count == 0 && !string.IsNullOrWhiteSpace(last.Content)
            ? PromptEnd.LastTurn
            : throw ApiException.Invalid(
                Continues, $"'{Continues}' needs a last message of the assistant's, with text and without calls: that is gone on with.");
    }

    /// <summary>The text that answers begin with.</summary>
    public static string Echo(ChatRequest request, IReadOnlyList<Turn> turns) =>
        request.Echo == true && turns[^1].Role == Roles.Assistant ? turns[^1].Content : "";
}
