namespace Rebound.Study.Improvement;

/// <summary>The model that a round's training starts from.</summary>
public enum TrainingStart
{
    /// <summary>The model that there was before the first round, so that no round carries another one's mistakes on.</summary>
    Base,

    /// <summary>The model that the round's tries were made with.</summary>
    Current,
}
