using System.Text.Json;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Inference.Serving;
using Rebound.Trajectories.Parsing;

namespace Rebound.Server.OpenAi;

/// <summary>A request that the engine can generate answers to.</summary>
/// <param name="Prompt">Token ids.</param>
internal sealed record PreparedAnswer(ServedModel Model, int[] Prompt, Guidance? Guidance, GenerationOptions Options)
{
    /// <summary>Answers to generate.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Whether nothing of what is generated is wanted, but what is told of the prompt.</summary>
    public bool IsPromptAlone { get; init; }

    /// <summary>Whether the prompt's log-probabilities come with each of the answers, and not with the first one alone.</summary>
    public bool ScoresPromptOfEach { get; init; }

    /// <summary>How the model writes reasoning and calls; null for plain text.</summary>
    public TurnSyntax? Syntax { get; init; }

    /// <summary>The schemas of the tools that the answer may call; null for none.</summary>
    public JsonElement? CallableTools { get; init; }

    /// <summary>Whether the prompt has opened the reasoning already.</summary>
    public bool OpensReasoning { get; init; }

    /// <summary>Whether the answer is held to a list of calls, and nothing else.</summary>
    public bool IsCalls { get; init; }

    /// <summary>Whether an answer ends with its first call.</summary>
    public bool StopsAfterOneCall { get; init; }

    /// <summary>Whether the whole answer names its tokens, or their probabilities; if not, they are not kept.</summary>
    public bool TellsTokens { get; init; }

    /// <summary>The beginning of a chat's answer, before all that is generated.</summary>
    public string EchoedText { get; init; } = "";

    /// <summary>Tokens that are read for it.</summary>
    public int PromptTokens => Prompt.Length + (Guidance?.Opposite.Length ?? 0);

    /// <summary>One of the answers, to be submitted.</summary>
    public GenerationRequest Request(int index, CancellationToken cancellation) =>
        new(Prompt, Guidance, index == 0 || ScoresPromptOfEach ? Options : Options with { PromptLikeliestTokens = null }, cancellation)
        {
            Stream = (ulong)index,
            Model = Model.Weights,
            Tokenizer = Model.Tokenizer,
        };

    public ChoiceReader Reader() => new(this);
}
