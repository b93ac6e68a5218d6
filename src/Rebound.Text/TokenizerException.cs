namespace Rebound.Text;

/// <summary>
/// A <c>tokenizer.json</c> that is damaged, or that names something this library does not know. The message names the
/// type or key, its place in the file and what is allowed there.
/// </summary>
public sealed class TokenizerException : Exception
{
    public TokenizerException(string message)
        : base(message)
    {
    }

    public TokenizerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
