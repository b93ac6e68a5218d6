namespace Rebound.Jinja.Syntax;

internal enum TokenKind
{
    /// <summary>Text outside tags, to be written as it is.</summary>
    Data,
    BlockBegin,
    BlockEnd,
    VariableBegin,
    VariableEnd,
    Name,
    Text,
    Number,
    Operator,
    End,
}

/// <summary>
/// A token of a template. <paramref name="Text"/> is its text, for strings the unescaped content;
/// <paramref name="Value"/> is a number's value.
/// </summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Line, object? Value = null)
{
    public bool IsOperator(string symbol) => Kind == TokenKind.Operator && Text == symbol;

    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    /// <summary>The token as error messages show it.</summary>
    public string Describe() => Kind switch
    {
        TokenKind.BlockEnd => "end of statement block",
        TokenKind.VariableEnd => "end of print statement",
        TokenKind.End => "end of template",
        TokenKind.Data => "template data / text",
        TokenKind.BlockBegin => "begin of statement block",
        TokenKind.VariableBegin => "begin of print statement",
        TokenKind.Text => "a string",
        _ => $"'{Text}'",
    };
}
