namespace Rebound.Study.Teaching;

/// <summary>A human mistake in a calculation of several steps.</summary>
public enum Mistake
{
    /// <summary>Another operation than the story asks for.</summary>
    WrongOperation,

    /// <summary>The number of the story that does not matter.</summary>
    IrrelevantNumber,

    /// <summary>An event is left out.</summary>
    SkippedStep,

    /// <summary>The rest of the story is left out.</summary>
    StoppedEarly,

    /// <summary>The operands change places.</summary>
    SwappedOperands,

    /// <summary>A number of the story is read wrongly.</summary>
    MisreadNumber,

    /// <summary>The action is not written as actions are.</summary>
    MalformedAction,
}
