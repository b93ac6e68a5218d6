using Rebound.Server.Serving;

namespace Rebound.Server;

/// <summary>A running server, as its parts see it.</summary>
public interface IServerView
{
    /// <summary>The models that answer; null while that is being loaded.</summary>
    ServedModels? Loaded { get; }

    ServerOptions Options { get; }
}
