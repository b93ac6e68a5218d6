using Rebound.Agents.Chat;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tools;
using Rebound.Inference.Chat;
using Rebound.Inference.Generation;
using Rebound.Server.Http;
using Rebound.Server.OpenAi;
using Rebound.Server.Serving;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Server.Agents;

/// <summary>An agent's work on a request's question, before it begins.</summary>
/// <param name="Session">A chat of this question alone.</param>
/// <param name="Context">The turns before it.</param>
internal sealed record AgentPreparation(
    ChatSession Session, MeasuredTurns Model, EpisodeOptions Limits, string Question, IReadOnlyList<Turn> Context)
{
    private const int MostSteps = 1000;
    private const double LongestTimeout = 86_400;

    /// <summary>As <c>rebound evaluate</c> and <c>chat</c> draw.</summary>
    private const float AgentTemperature = 0.2f;

    /// <param name="agent">The agent of the request's name.</param>
    /// <param name="condition">That of its name; null for none.</param>
    /// <exception cref="ApiException">The request cannot be answered.</exception>
    public static async Task<AgentPreparation> ReadAsync(
        AgentRunRequest request, RequestScope scope, ChatAgent agent, string? condition, EpisodeOptions limits, TimeProvider clock)
    {
        var served = scope.Choice.Model;
        var profile = served.Profile ?? throw ApiException.Invalid(
            "model", $"{served.Name} takes no conversations: {served.ProfileProblem}");
        var (question, context) = ReadQuestion(request);
        agent = agent with { Tools = await ToolsAsync(request.Tools, agent.Tools!, scope) };
        condition = Condition(agent, request.Condition ?? condition);
        var guidance = GuidanceMember.Read(request.Guidance, scope.Choice with { Prompt = agent.Prompt, Condition = condition });
        var sampling = GenerationSettings.Sampling(
            request, new SamplingOptions { Temperature = AgentTemperature }, served.Weights.Config.VocabularySize, scope.Seed);
        var own = new LocalChatModel(
            scope.Models.Engine, served.Weights, served.Tokenizer, profile with { Sampling = Checked(sampling) }, served.Forms);
        var model = new MeasuredTurns(own, scope);
        limits = Limited(request, limits);
        var session = new ChatSession(model, limits, clock);
        session.TalkTo(agent, condition);
        session.Settings = new ChatSettings
        {
            Temperature = sampling.Temperature,
            Seed = unchecked((long)sampling.Seed),
            Guidance = guidance?.Weight,
            Opposite = guidance?.Condition,
        };
        return new AgentPreparation(session, model, limits, question, context);
    }

    private static (string Question, IReadOnlyList<Turn> Context) ReadQuestion(AgentRunRequest request)
    {
        if (request.Question is { } question)
        {
            return request.Messages is { ValueKind: not System.Text.Json.JsonValueKind.Null }
                ? throw ApiException.Invalid("question", "Give 'question' or 'messages', not both.")
                : string.IsNullOrWhiteSpace(question)
                    ? throw ApiException.Invalid("question", "'question' is empty: the agent needs something to work on.")
                    : (question, []);
        }

        var turns = ChatPreparation.ReadTurns(request.Messages);
        return turns[^1] is { Role: Roles.User } last
            ? (last.Content, [.. turns.SkipLast(1).Select(turn => turn with { Loss = false })])
            : throw ApiException.Invalid("messages", "The last of 'messages' must be the user's: it is what the agent works on.");
    }

    /// <summary>The tools as they are now, those that the request names; null where it names none of them.</summary>
    private static async Task<ToolSet?> ToolsAsync(IReadOnlyList<string?>? names, ToolSet tools, RequestScope scope)
    {
        await tools.RefreshAsync(scope.Ends);
        if (names?.Contains(null) == true)
        {
            throw ApiException.Invalid("tools", "'tools' must be a list of names.");
        }

        if (names?.FirstOrDefault(name => tools.Find(name!) is null) is { } unknown)
        {
            throw ApiException.Invalid(
                "tools",
                $"The agent has no tool '{(unknown.Length > 60 ? unknown[..60] + "…" : unknown)}'; it has "
                    + $"{string.Join(", ", tools.All.Select(tool => tool.Name))}.");
        }

        var chosen = tools.All.Where(tool => names?.Contains(tool.Name) != false)
            .Select(tool => new MeasuredTool(tool, scope.Note)).ToArray();
        return names is { Count: 0 } ? null : new ToolSet(chosen);
    }

    private static string? Condition(ChatAgent agent, string? name)
    {
        try
        {
            return name is null ? null : agent.FindCondition(name);
        }
        catch (ArgumentException e)
        {
            throw ApiException.Invalid("condition", e.Message, e);
        }
    }

    private static SamplingOptions Checked(SamplingOptions sampling)
    {
        try
        {
            sampling.Validate();
            return sampling;
        }
        catch (ArgumentException e)
        {
            throw ApiException.Invalid(null, e.Message, e);
        }
    }

    private static EpisodeOptions Limited(AgentRunRequest request, EpisodeOptions limits)
    {
        if (request.StepLimit is { } steps and not (>= 1 and <= MostSteps))
        {
            throw ApiException.Invalid("step_limit", $"'step_limit' is {steps}, and must be from 1 to {MostSteps}.");
        }

        if (request.MaxTokens is { } tokens and < 1)
        {
            throw ApiException.Invalid("max_tokens", $"'max_tokens' is {tokens}, and must be at least 1.");
        }

        if (request.Timeout is { } timeout && !(timeout > 0 && timeout <= LongestTimeout))
        {
            throw ApiException.Invalid("timeout", $"'timeout' is {timeout}; it must be above 0, and at most {LongestTimeout} seconds.");
        }

        return limits with
        {
            StepLimit = request.StepLimit ?? limits.StepLimit,
            MaxOutputTokens = request.MaxTokens ?? limits.MaxOutputTokens,
            Timeout = request.Timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : limits.Timeout,
            KeepsTokens = request.ReturnTokenIds == true,
        };
    }
}
