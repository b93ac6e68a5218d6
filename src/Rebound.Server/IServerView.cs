using Rebound.Inference.Serving;
using Rebound.Server.Agents;

namespace Rebound.Server;

/// <summary>A running server, as its parts see it.</summary>
public interface IServerView
{
    /// <summary>The models that answer; null while they are being loaded.</summary>
    ServedModels? Loaded { get; }

    /// <summary>The agents that they are; null where none is let work, and while models are being loaded.</summary>
    ServedAgents? Agents { get; }

    ServerOptions Options { get; }
}
