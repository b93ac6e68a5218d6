using Microsoft.Extensions.AI;
using Rebound.Server.OpenAi;
using Rebound.Server.Telemetry;

namespace Rebound.Server.Agents;

/// <summary>The tokens of an agent's turn while it is written.</summary>
internal sealed class TurnCount : IMeasured
{
    private ChatFinishReason? _finish;

    public Usage Usage { get; private set; }

    /// <summary>A turn that nobody reads on has ended: its action is whole.</summary>
    public IEnumerable<(string? Finish, int Tokens)> Answers =>
        [(_finish is { } reason ? reason.Value : ChoiceReader.Stop, Usage.Completion)];

    public void Add(UsageDetails used, ChatFinishReason? finish) => (Usage, _finish) = (Usage + Of(used), finish);

    public static Usage Of(UsageDetails used) =>
        new((int)(used.InputTokenCount ?? 0), (int)(used.CachedInputTokenCount ?? 0), (int)(used.OutputTokenCount ?? 0));
}
