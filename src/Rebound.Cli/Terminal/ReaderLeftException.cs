namespace Rebound.Cli.Terminal;

/// <summary>Nobody reads standard output any more, as after <c>| head -1</c>: there is nothing left to do, and nothing to say.</summary>
internal sealed class ReaderLeftException(Exception inner) : Exception("Nobody reads standard output any more.", inner);
