namespace Rebound.Grammar.Automata;

/// <summary>Where each byte leads from a state.</summary>
internal sealed class Moves
{
    private readonly byte[] _classes = new byte[256];
    private readonly Node[] _targets;

    /// <param name="moves">Of disjoint sets.</param>
    public Moves(IReadOnlyList<Move> moves, Node never)
    {
        List = moves;
        _targets = new Node[moves.Count + 1];
        _targets[0] = never;
        for (var i = 0; i < moves.Count; i++)
        {
            _targets[i + 1] = moves[i].Target;
            for (var value = 0; value < 256; value++)
            {
                if (moves[i].Set.Contains(value))
                {
                    _classes[value] = (byte)(i + 1);
                }
            }
        }
    }

    public IReadOnlyList<Move> List { get; }

    /// <summary>A node of kind <see cref="NodeKind.Never"/> for a byte that cannot come.</summary>
    public Node this[byte value] => _targets[_classes[value]];
}

/// <summary>A byte of a set leads to a target.</summary>
internal readonly record struct Move(ByteSet Set, Node Target);
