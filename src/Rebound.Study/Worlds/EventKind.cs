namespace Rebound.Study.Worlds;

/// <summary>An event of a story that changes a count of things.</summary>
public enum EventKind
{
    /// <summary>Some are added.</summary>
    Gain,

    /// <summary>Some are taken away.</summary>
    Loss,

    /// <summary>Boxes are added, each with the same number in it.</summary>
    Boxes,

    /// <summary>They are divided equally among people, and one share is kept.</summary>
    Share,

    /// <summary>They become so many times as many.</summary>
    Multiple,
}
