namespace Rebound.Jinja.Syntax;

/// <summary>The tokens of a template, read one by one.</summary>
internal sealed class TokenStream(List<Token> tokens)
{
    private int _position;

    public Token Current => tokens[_position];

    public Token Ahead => tokens[Math.Min(_position + 1, tokens.Count - 1)];

    public Token Next()
    {
        var token = Current;
        _position = Math.Min(_position + 1, tokens.Count - 1);
        return token;
    }

    public bool SkipOperator(string symbol) => Skip(Current.IsOperator(symbol));

    public bool SkipName(string name) => Skip(Current.IsName(name));

    public void ExpectOperator(string symbol) => Expect(SkipOperator(symbol), $"'{symbol}'");

    public void ExpectName(string name) => Expect(SkipName(name), $"'{name}'");

    public Token Expect(TokenKind kind, string expected)
    {
        var token = Current;
        Expect(Skip(token.Kind == kind), expected);
        return token;
    }

    public ChatTemplateException Error(string description) => new(ChatTemplateFault.Syntax, description, Current.Line);

    private bool Skip(bool matches)
    {
        if (matches)
        {
            Next();
        }

        return matches;
    }

    private void Expect(bool found, string expected)
    {
        if (!found)
        {
            throw Error($"expected {expected}, got {Current.Describe()}");
        }
    }
}
