using System.Text;
using Rebound.Text.Bpe;

namespace Rebound.Text.Loading;

/// <summary>
/// The added tokens of a tokenizer as they are read. Their ids must be the vocabulary's, or continue it without a gap: the
/// tokenizers library numbers them so, whatever the file says.
/// </summary>
internal sealed class AddedTokenList(Vocabulary vocabulary)
{
    private readonly List<AddedToken> _tokens = [];
    private readonly Dictionary<string, int> _places = [];
    private int _next = vocabulary.Count;

    public IReadOnlyList<AddedToken> Tokens => _tokens;

    /// <summary>Takes an entry of the <c>tokenizer.json</c>; one without content is none, one said again alike is one.</summary>
    /// <exception cref="TokenizerException">Its id is not the one that it gets, or it was there in another way.</exception>
    public void Add(AddedToken token, string place)
    {
        if (token.Content.Length == 0)
        {
            return;
        }

        if (!_places.TryGetValue(token.Content, out var known))
        {
            Append(token, place);
        }
        else if (_tokens[known] != token)
        {
            throw new TokenizerException($"{place} says '{token.Content}' again, in another way than before; drop one of the two.");
        }
    }

    /// <summary>
    /// Takes a token that a model's <c>tokenizer_config.json</c> describes. What is there keeps its id, takes the other
    /// properties, and is special if either says so.
    /// </summary>
    /// <exception cref="TokenizerException">It is new, and its id is not the next one.</exception>
    public void AddOrChange(AddedToken token, string place)
    {
        if (_places.TryGetValue(token.Content, out var known))
        {
            _tokens[known] = token with { Id = _tokens[known].Id, Special = token.Special || _tokens[known].Special };
        }
        else if (token.Content.Length > 0)
        {
            Append(vocabulary.TryGetId(Encoding.UTF8.GetBytes(token.Content), out var id) ? token with { Id = id } : token, place);
        }
    }

    /// <summary>Takes a token that is not there yet; what is there stays as it is.</summary>
    /// <exception cref="TokenizerException">Its id is not the next one.</exception>
    public void AddNew(AddedToken token, string place)
    {
        if (!_places.ContainsKey(token.Content))
        {
            AddOrChange(token, place);
        }
    }

    /// <summary>Takes a special token that has no id of its own yet; what is there stays as it is.</summary>
    public void AddSpecial(AddedToken token) => AddNew(token with { Id = _next, Special = true }, token.Content);

    /// <summary>Tokens added from now on are numbered after all that are there.</summary>
    public void BeginFurther() => _next = _tokens.Select(token => token.Id + 1).Append(_next).Max();

    private void Append(AddedToken token, string place)
    {
        var isPiece = vocabulary.TryGetId(Encoding.UTF8.GetBytes(token.Content), out var id);
        var expected = isPiece ? id : _next;
        if (token.Id != expected)
        {
            throw new TokenizerException(
                $"{place} gives '{token.Content}' the id {token.Id}, but "
                    + $"{(isPiece ? "model.vocab says" : "the next free id is")} {expected}.");
        }

        _next = isPiece ? _next : _next + 1;
        _places.Add(token.Content, _tokens.Count);
        _tokens.Add(token);
    }
}
