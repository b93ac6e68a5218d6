namespace Rebound.Grammar.Ebnf;

/// <summary>A rule as it is written.</summary>
/// <param name="Offset">Where its name stands.</param>
internal sealed record EbnfRule(string Name, int Offset, EbnfPart Body)
{
    /// <summary>The rules that it names, each time that it does.</summary>
    public IEnumerable<EbnfPart.Reference> References => Of(Body);

    private static IEnumerable<EbnfPart.Reference> Of(EbnfPart part) => part switch
    {
        EbnfPart.Reference reference => [reference],
        EbnfPart.Sequence sequence => sequence.Parts.SelectMany(Of),
        EbnfPart.Choice choice => choice.Options.SelectMany(Of),
        EbnfPart.Repeat repeat => Of(repeat.Body),
        _ => [],
    };
}
