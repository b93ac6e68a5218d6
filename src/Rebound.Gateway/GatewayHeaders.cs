namespace Rebound.Gateway;

/// <summary>The gateway's own headers, which are not passed on.</summary>
internal static class GatewayHeaders
{
    /// <summary>The conversation's id: in a request as the client names it, in an answer as the gateway knows it.</summary>
    public const string Conversation = "Rebound-Conversation";

    /// <summary>The outcome of the conversation, in a request or in the upstream's answer.</summary>
    public const string Outcome = "Rebound-Outcome";
}
