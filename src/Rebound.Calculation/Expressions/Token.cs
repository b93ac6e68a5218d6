using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Expressions;

/// <summary>The kind of a token.</summary>
internal enum TokenKind
{
    Number,
    Name,
    Text,
    Operator,
    End,
}

/// <summary>A token of an expression.</summary>
/// <param name="Position">Of its first character, from 0.</param>
/// <param name="Value">The number, where it is one.</param>
internal sealed record Token(TokenKind Kind, string Text, int Position, Expression? Value = null);
