using System.Text;
using Rebound.Text;

namespace Rebound.Inference.Serving;

/// <summary>The text of each token by itself.</summary>
public sealed class TokenTexts(Tokenizer tokenizer)
{
    private readonly byte[]?[] _bytes = TokenBytes.Of(tokenizer);

    /// <summary>Its bytes, which may be a part of a character; of a special token those of its name.</summary>
    public byte[] Bytes(int token) =>
        token < _bytes.Length && _bytes[token] is { } bytes ? bytes : Encoding.UTF8.GetBytes(tokenizer.Decode([token]));

    /// <summary>Its text, in which parts of characters are replacement marks.</summary>
    public string Text(int token) => Encoding.UTF8.GetString(Bytes(token));
}
