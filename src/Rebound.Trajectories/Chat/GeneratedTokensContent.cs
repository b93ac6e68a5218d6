using Microsoft.Extensions.AI;

namespace Rebound.Trajectories.Chat;

/// <summary>The tokens that an answer, or a piece of one, was generated with; the other contents hold what they say.</summary>
public sealed class GeneratedTokensContent(GeneratedTokens tokens) : AIContent
{
    public GeneratedTokens Tokens { get; } = tokens;
}
