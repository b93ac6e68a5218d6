namespace Rebound.Study.Worlds;

/// <summary>An event of a story.</summary>
/// <param name="Number">How many: things, boxes, people, or times.</param>
/// <param name="Each">Things in a box; 0 for other kinds.</param>
/// <param name="Wording">Which of the kind's sentences tells it.</param>
public sealed record StoryEvent(EventKind Kind, int Number, int Each, int Wording)
{
    /// <summary>The numbers of its sentence.</summary>
    public IEnumerable<int> Numbers => Kind == EventKind.Boxes ? [Number, Each] : [Number];

    /// <summary>The count after it; null where it cannot happen to so many.</summary>
    public int? Apply(int count) => Kind switch
    {
        EventKind.Gain => count + Number,
        EventKind.Loss => count > Number ? count - Number : null,
        EventKind.Boxes => count + (Number * Each),
        EventKind.Share => count % Number == 0 ? count / Number : null,
        _ => count * Number,
    };
}
