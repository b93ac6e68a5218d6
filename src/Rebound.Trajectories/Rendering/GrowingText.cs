using Rebound.Text;

namespace Rebound.Trajectories.Rendering;

/// <summary>
/// Encodes texts each of which goes on from an earlier one, as a conversation's do, without encoding the beginning again.
/// The ids are those of the whole text: it is cut after the stop token only, where tokenizers cut text themselves, and
/// only where that can be told from the tokenizer.
/// </summary>
/// <param name="cut">The result of <see cref="CutAfter"/> for the token that ends turns.</param>
internal sealed class GrowingText(Tokenizer tokenizer, int? cut)
{
    private string _known = "";
    private int[] _knownIds = [];

    /// <summary>
    /// The id of a token behind which the tokenizer surely begins anew: no longer token contains it, and what follows does
    /// not change it. Null for other tokens.
    /// </summary>
    public static int? CutAfter(Tokenizer tokenizer, string stop) =>
        tokenizer.AddedTokens.FirstOrDefault(added => added.Content == stop)
            is { Normalized: false, SingleWord: false, StripRight: false, Id: var id }
        && !tokenizer.AddedTokens.Any(other => other.Content != stop && other.Content.Contains(stop, StringComparison.Ordinal))
            ? id
            : null;

    /// <summary>The ids of a text.</summary>
    public int[] Encode(string text)
    {
        if (_knownIds.Length == 0 || !text.StartsWith(_known, StringComparison.Ordinal))
        {
            return tokenizer.Encode(text);
        }

        return text.Length == _known.Length ? _knownIds : [.. _knownIds, .. tokenizer.EncodeRest(text, _known.Length)];
    }

    /// <summary>Encodes a text that ends with the stop token, and goes on from it from now on.</summary>
    public void GoOnFrom(string text)
    {
        if (cut is null)
        {
            return;
        }

        var ids = Encode(text);
        (_known, _knownIds) = ids is [.., var last] && last == cut ? (text, ids) : ("", []);
    }
}
