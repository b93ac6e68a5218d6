namespace Rebound.Grammar.Automata;

/// <summary>Nodes in the order of their ids, compared by what they are.</summary>
internal sealed class NodeList : IEquatable<NodeList>
{
    private readonly int _hash;

    public NodeList(Node[] nodes)
    {
        Nodes = nodes;
        var hash = default(HashCode);
        foreach (var node in nodes)
        {
            hash.Add(node.Id);
        }

        _hash = hash.ToHashCode();
    }

    public static NodeList None { get; } = new([]);

    public Node[] Nodes { get; }

    public bool Equals(NodeList? other) => other is not null && _hash == other._hash && Nodes.AsSpan().SequenceEqual(other.Nodes);

    public override bool Equals(object? obj) => Equals(obj as NodeList);

    public override int GetHashCode() => _hash;
}
