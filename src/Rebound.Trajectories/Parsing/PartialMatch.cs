namespace Rebound.Trajectories.Parsing;

/// <summary>Beginnings of words at the end of a text that goes on.</summary>
public static class PartialMatch
{
    /// <summary>Length of the longest end of a text, shorter than the word, that one of some words begins with; 0 for none.</summary>
    public static int LengthAtEnd(string text, IEnumerable<string> words)
    {
        var longest = 0;
        foreach (var word in words)
        {
            for (var length = Math.Min(word.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(word.AsSpan(0, length)))
                {
                    longest = length;
                    break;
                }
            }
        }

        return longest;
    }
}
