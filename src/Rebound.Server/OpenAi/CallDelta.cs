namespace Rebound.Server.OpenAi;

/// <summary>A piece of a call: the whole of it, or more of its arguments.</summary>
/// <param name="Index">The call's place in the answer.</param>
/// <param name="Id">With the first piece; null with others.</param>
/// <param name="Name">With the first piece; null with others.</param>
/// <param name="Arguments">As far as they are new.</param>
internal readonly record struct CallDelta(int Index, string? Id, string? Name, string Arguments);
