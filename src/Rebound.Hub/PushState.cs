namespace Rebound.Hub;

/// <summary>Whether a file is sent.</summary>
public enum PushState
{
    /// <summary>It is sent.</summary>
    Sent,

    /// <summary>The hub has the content already, and gives it the name.</summary>
    Known,

    /// <summary>The hub has the same file.</summary>
    Unchanged,

    /// <summary>The hub has another README.md, which stays.</summary>
    Kept,

    /// <summary>The repository's .gitignore leaves it out.</summary>
    Ignored,
}
