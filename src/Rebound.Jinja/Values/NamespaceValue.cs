namespace Rebound.Jinja.Values;

/// <summary>Jinja's <c>namespace</c>: the one value whose attributes a template may set.</summary>
internal sealed class NamespaceValue(DictValue attributes)
{
    public DictValue Attributes { get; } = attributes;
}
