namespace Rebound.Study.Watching;

/// <summary>How a run stands, as far as its files say.</summary>
public enum RunState
{
    /// <summary>Its folder is locked, and steps come.</summary>
    Running,

    /// <summary>Its folder is locked, and no step has come for long: it does something else, or was killed.</summary>
    Silent,

    /// <summary>Nobody is at work on it, and its model is there.</summary>
    Ended,

    /// <summary>Nobody is at work on it, and there is no model.</summary>
    Stopped,
}
