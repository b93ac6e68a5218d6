using Rebound.Agents.Chat;

namespace Rebound.Server.Agents;

/// <summary>A served model as an agent, or why it is none.</summary>
/// <param name="Agent">Its task, tools and prompt; null where it is none.</param>
/// <param name="Problem">A sentence for clients, without paths; null where it is one.</param>
public sealed record AgentOffer(ChatAgent? Agent, string? Problem);
