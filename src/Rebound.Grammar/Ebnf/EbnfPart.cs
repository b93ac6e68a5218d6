using Rebound.Grammar.Texts;

namespace Rebound.Grammar.Ebnf;

/// <summary>The right side of a rule, or a part of it.</summary>
internal abstract record EbnfPart
{
    /// <summary>One text as it stands.</summary>
    internal sealed record Text(string Value) : EbnfPart;

    /// <summary>One character of a set.</summary>
    internal sealed record Set(CodePointRanges Members) : EbnfPart;

    /// <summary>Another rule.</summary>
    /// <param name="Offset">Where it is named.</param>
    internal sealed record Reference(string Name, int Offset) : EbnfPart;

    internal sealed record Sequence(IReadOnlyList<EbnfPart> Parts) : EbnfPart;

    internal sealed record Choice(IReadOnlyList<EbnfPart> Options) : EbnfPart;

    internal sealed record Repeat(EbnfPart Body, int Min, int Max) : EbnfPart;
}
