using System.Buffers;
using Rebound.Text.Unicode;

namespace Rebound.Text;

/// <summary>A stretch of text: an added token, or text between added tokens.</summary>
/// <param name="Start">Its first UTF-16 unit.</param>
/// <param name="End">One past its last.</param>
/// <param name="TokenId">The token's id, or −1 for text.</param>
internal readonly record struct TextSegment(int Start, int End, int TokenId);

/// <summary>A search for added tokens through one text, from one to the next.</summary>
internal struct AddedTokenSearch
{
    /// <summary>Where to look on.</summary>
    public int From { get; set; }

    /// <summary>Where the white space begins and ends that a token swallowed last: others may begin within it.</summary>
    public (int Start, int End) Spaces { get; set; }
}

/// <summary>
/// Finds added tokens in a text: the leftmost, and of those that begin there the longest, as the tokenizers library's
/// automaton does.
/// </summary>
internal sealed class AddedTokenMatcher
{
    private readonly TrieNode _root = new();
    private readonly SearchValues<char> _firstUnits;

    /// <param name="tokens">The tokens to look for and how each is spelled in the text.</param>
    public AddedTokenMatcher(IEnumerable<(AddedToken Token, string Spelling)> tokens)
    {
        foreach (var (token, spelling) in tokens)
        {
            if (spelling.Length > 0)
            {
                _root.Add(spelling, token);
            }
        }

        _firstUnits = SearchValues.Create([.. _root.Units]);
    }

    /// <summary>Whether there is nothing to look for.</summary>
    public bool IsEmpty => !_root.Units.Any();

    /// <summary>
    /// The next added token at or after <paramref name="segmentStart"/>, with the white space that it swallows.
    /// </summary>
    public bool TryFindNext(ReadOnlySpan<char> text, int segmentStart, ref AddedTokenSearch search, out TextSegment found)
    {
        while (search.From < text.Length)
        {
            var offset = text[search.From..].IndexOfAny(_firstUnits);
            if (offset < 0)
            {
                break;
            }

            var start = search.From + offset;
            var token = _root.LongestAt(text[start..], out var length);
            if (token is null)
            {
                search.From = start + 1;
                continue;
            }

            var end = search.From = start + length;
            if (token.SingleWord && (IsWordBefore(text, start) || IsWordAt(text, end)))
            {
                continue;
            }

            if (token.StripLeft)
            {
                start = Math.Max(segmentStart, SpaceStart(text, segmentStart, start));
            }

            if (token.StripRight)
            {
                var spaces = end >= search.Spaces.Start && end <= search.Spaces.End ? search.Spaces : (end, SpaceEnd(text, end));
                (search.Spaces, end) = (spaces, spaces.Item2);
            }

            if (start >= end)
            {
                continue; // White space that the token before it has swallowed.
            }

            found = new TextSegment(start, end, token.Id);
            return true;
        }

        found = default;
        return false;
    }

    private static bool IsWordBefore(ReadOnlySpan<char> text, int index) =>
        index > 0 && CodePoints.IsWord(CodePoints.Before(text, index));

    private static bool IsWordAt(ReadOnlySpan<char> text, int index) =>
        index < text.Length && CodePoints.IsWord(CodePoints.At(text, index, out _));

    private static int SpaceStart(ReadOnlySpan<char> text, int least, int index)
    {
        while (index > least && char.IsWhiteSpace(text[index - 1]))
        {
            index--;
        }

        return index;
    }

    private static int SpaceEnd(ReadOnlySpan<char> text, int index)
    {
        while (index < text.Length && char.IsWhiteSpace(text[index]))
        {
            index++;
        }

        return index;
    }

    private sealed class TrieNode
    {
        private readonly Dictionary<char, TrieNode> _children = [];
        private AddedToken? _token;

        public IEnumerable<char> Units => _children.Keys;

        public void Add(string spelling, AddedToken token)
        {
            var node = this;
            foreach (var unit in spelling)
            {
                if (!node._children.TryGetValue(unit, out var child))
                {
                    node._children.Add(unit, child = new TrieNode());
                }

                node = child;
            }

            node._token ??= token;
        }

        public AddedToken? LongestAt(ReadOnlySpan<char> text, out int length)
        {
            AddedToken? longest = null;
            length = 0;
            var node = this;
            for (var i = 0; i < text.Length && node._children.TryGetValue(text[i], out var child); i++)
            {
                node = child;
                if (node._token is not null)
                {
                    (longest, length) = (node._token, i + 1);
                }
            }

            return longest;
        }
    }
}
