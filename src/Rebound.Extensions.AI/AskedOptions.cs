using System.Text.Json;
using Microsoft.Extensions.AI;
using Rebound.Inference.Chat;
using Rebound.Inference.Generation;
using Rebound.Inference.Serving;
using Rebound.Trajectories.Chat;

namespace Rebound.Extensions.AI;

/// <summary>Reads the options of a request; what cannot be kept to is an error that names it.</summary>
internal static class AskedOptions
{
    private const string Guidance = "guidance";
    private const string MinP = "min_p";
    private const string RepetitionPenalty = "repetition_penalty";

    /// <summary>Weight of the guidance away from the condition of failures; 0 for none.</summary>
    public static float GuidanceOf(ChatOptions? options) => Number(options, Guidance) ?? 0;

    /// <exception cref="NotSupportedException">One of them cannot be kept to.</exception>
    public static void Check(ChatOptions options)
    {
        if (options.ConversationId is not null)
        {
            throw Refused(nameof(options.ConversationId), "no conversation is kept here; ask with all of its messages");
        }

        if (options.RawRepresentationFactory is not null)
        {
            throw Refused(nameof(options.RawRepresentationFactory), "there is no other client underneath");
        }

#pragma warning disable MEAI001 // Looked at to be refused.
        if (options.ContinuationToken is not null || options.AllowBackgroundResponses == true)
        {
            throw Refused(
                options.ContinuationToken is null ? nameof(options.AllowBackgroundResponses) : nameof(options.ContinuationToken),
                "no answer is made in the background");
        }
#pragma warning restore MEAI001

        if (options.Reasoning?.Output is ReasoningOutput.Summary)
        {
            throw Refused(
                $"{nameof(options.Reasoning)}.{nameof(ReasoningOptions.Output)}", "reasoning is not summed up; take Full or None");
        }

        if (options.AdditionalProperties?.Keys.FirstOrDefault(name => name is not (Guidance or MinP or RepetitionPenalty)) is { } unknown)
        {
            throw Refused(
                $"{nameof(options.AdditionalProperties)}[\"{unknown}\"]",
                $"those that are known are {MinP}, {RepetitionPenalty} and {Guidance}");
        }
    }

    /// <summary>How the model is asked: whether it reasons, and how its tokens are drawn where the options have no member for it.</summary>
    /// <exception cref="ArgumentException">The model takes no conversations, or cannot be told whether to reason.</exception>
    public static ChatProfile Profile(ServedModel model, ChatOptions? options)
    {
        var profile = model.Profile
            ?? throw new ArgumentException($"{model.Name} takes no conversations: {model.ProfileProblem}");
        profile = options?.Reasoning?.Effort is { } effort ? model.Reasoning(effort != ReasoningEffort.None) : profile;
        return profile with
        {
            Sampling = model.Sampling with
            {
                MinP = Number(options, MinP) ?? model.Sampling.MinP,
                RepetitionPenalty = Number(options, RepetitionPenalty) ?? model.Sampling.RepetitionPenalty,
            },
        };
    }

    /// <summary>The options with what a request leaves open: its seed, its length, and the tools that the model learned with.</summary>
    public static ChatOptions Completed(ChatOptions? options, ModelChoice choice, SeedSequence seeds)
    {
        var complete = options?.Clone() ?? new ChatOptions();
        complete.Seed ??= unchecked((long)seeds.Next());
        complete.MaxOutputTokens ??= choice.Model.ContextLength;
        if (complete is { Tools: null or { Count: 0 }, ToolMode: null or AutoChatToolMode } && choice.Prompt is not null
            && choice.Model.Profile?.Card?.Tools is { ValueKind: JsonValueKind.Array } learned)
        {
            complete.Tools = [.. ToolSchemas.Declare(learned)];
        }

        return complete;
    }

    private static float? Number(ChatOptions? options, string name) => options?.AdditionalProperties?.GetValueOrDefault(name) switch
    {
        null => null,
        float number => number,
        double number => (float)number,
        int number => number,
        JsonElement { ValueKind: JsonValueKind.Number } number => number.GetSingle(),
        var other => throw new ArgumentException($"{nameof(options.AdditionalProperties)}[\"{name}\"] is '{other}', and must be a number."),
    };

    private static NotSupportedException Refused(string option, string why) =>
        new($"The option {option} cannot be kept to: {why}.");
}
