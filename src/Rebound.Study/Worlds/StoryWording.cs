namespace Rebound.Study.Worlds;

/// <summary>The sentences of stories.</summary>
internal static class StoryWording
{
    public static readonly string[] Names = ["Mia", "Tom", "Ana", "Ben", "Eva", "Leo", "Zoe", "Max", "Ida", "Sam"];

    public static readonly string[] Things = ["shells", "stamps", "marbles", "apples", "coins", "cards", "pens", "stickers"];

    /// <summary>Sentences of every kind of event.</summary>
    public const int Variants = 2;

    public static string Start(int variant, string name, string things, int count) =>
        variant == 0 ? $"{name} has {count} {things}." : $"{name} starts with {count} {things}.";

    public static string Tell(StoryEvent happens, string name, string things) => (happens.Kind, happens.Wording) switch
    {
        (EventKind.Gain, 0) => $"{name} finds {happens.Number} more.",
        (EventKind.Gain, _) => $"A friend gives {name} {happens.Number} {things}.",
        (EventKind.Loss, 0) => $"{name} gives away {happens.Number}.",
        (EventKind.Loss, _) => $"{name} loses {happens.Number} {things}.",
        (EventKind.Boxes, 0) => $"{name} buys {happens.Number} boxes with {happens.Each} {things} each.",
        (EventKind.Boxes, _) => $"Then {happens.Number} boxes with {happens.Each} {things} each arrive.",
        (EventKind.Share, 0) => $"{happens.Number} people, {name} and friends, share them equally.",
        (EventKind.Share, _) => $"They are shared equally by {happens.Number} people.",
        (EventKind.Multiple, 0) => $"Then {name} has {happens.Number} times as many.",
        _ => $"The number grows {happens.Number} times as large.",
    };

    /// <summary>A sentence with a number that nobody needs.</summary>
    public static string Distract(int variant, string name, string other, string things, int number) =>
        variant == 0 ? $"{name} is {number} years old." : $"{other} has {number} {things}.";

    public static string Ask(string name, string things) => $"How many {things} does {name} have?";

    /// <summary>The thought before the event's calculation.</summary>
    public static string Think(EventKind kind, int number, int each) => kind switch
    {
        EventKind.Gain => $"{number} more.",
        EventKind.Loss => $"{number} are gone.",
        EventKind.Boxes => $"{number} boxes with {each} each.",
        EventKind.Share => $"{number} people share.",
        _ => $"{number} times as many.",
    };
}
