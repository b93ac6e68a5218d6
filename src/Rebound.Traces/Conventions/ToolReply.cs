namespace Rebound.Traces.Conventions;

/// <summary>The reply of a tool that was called.</summary>
internal readonly record struct ToolReply(string CallId, string Name, string Content);
