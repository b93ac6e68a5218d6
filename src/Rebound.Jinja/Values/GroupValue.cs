namespace Rebound.Jinja.Values;

/// <summary>One group of the <c>groupby</c> filter: a pair whose parts also have names.</summary>
internal sealed class GroupValue(object? grouper, ListValue list) : TupleValue(grouper, list)
{
    public bool TryMember(string name, out object? member)
    {
        member = name switch
        {
            "grouper" => this[0],
            "list" => this[1],
            _ => null,
        };
        return name is "grouper" or "list";
    }
}
