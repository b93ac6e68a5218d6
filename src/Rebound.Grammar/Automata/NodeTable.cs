using System.Runtime.CompilerServices;
using System.Text;

namespace Rebound.Grammar.Automata;

/// <summary>
/// Makes nodes, each once, and their moves: Brzozowski's derivatives (J. ACM 11, 1964), for a whole class of bytes at a time, with rules
/// that call each other. It forgets what it made when that becomes too much; states that are in use go on. One thread uses it at a time.
/// </summary>
internal sealed partial class NodeTable
{
    /// <summary>Most alternatives that are followed at once.</summary>
    public const int MostOptions = 1024;

    private const int MostNodes = 400_000;
    private const long MostWork = 3_000_000;

    /// <summary>Most bytes that texts begin with in common.</summary>
    private const int MostShared = 200;

    private readonly Dictionary<Key, Node> _nodes = [];
    private readonly Dictionary<NodeList, Node> _choices = [];
    private readonly int _maxLevel;
    private readonly bool _sharesStacks;
    private long _ids;

    /// <param name="maxLevel">Most rules within each other.</param>
    /// <param name="sharesStacks">
    /// Whether sequences of a choice that begin alike become one, whose rest is a choice: for rules by which a text can be read in many
    /// ways.
    /// </param>
    public NodeTable(int maxLevel, bool sharesStacks = false)
    {
        (_maxLevel, _sharesStacks) = (maxLevel, sharesStacks);
        Never = New(NodeKind.Never, false);
        Empty = New(NodeKind.Empty, true);
        Anything = New(NodeKind.Complement, true, first: Never);
    }

    public Node Never { get; }

    public Node Empty { get; }

    /// <summary>Every text.</summary>
    public Node Anything { get; }

    /// <summary>Nodes that were made.</summary>
    public long Made => _ids;

    /// <summary>How often an alternative was left out since there were too many: it is not followed.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Steps of making moves that are left before a schema is refused; without bound once it is compiled.</summary>
    public long WorkLeft { get; set; } = MostWork;

    /// <summary>How often everything was forgotten.</summary>
    public int Generation { get; private set; }

    public Node Bytes(ByteSet set) => set.IsEmpty ? Never : Make(new Key(NodeKind.Bytes) { Set = set }, nullable: false);

    /// <summary>One text, byte by byte.</summary>
    public Node Literal(ReadOnlySpan<byte> text)
    {
        var result = Empty;
        for (var i = text.Length - 1; i >= 0; i--)
        {
            result = Sequence(Bytes(ByteSet.Of(text[i])), result);
        }

        return Unit(result);
    }

    public Node Literal(string text) => Literal(Encoding.UTF8.GetBytes(text));

    /// <summary>One of some texts; what they begin with in common is followed once.</summary>
    public Node Literals(IEnumerable<string> texts) => Unit(Literals(
        [.. texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)], 0));

    public Node Sequence(params ReadOnlySpan<Node> parts)
    {
        var result = Empty;
        for (var i = parts.Length - 1; i >= 0; i--)
        {
            result = Sequence(parts[i], result);
        }

        return result;
    }

    public Node Sequence(Node first, Node second)
    {
        if (first == Never || second == Never)
        {
            return Never;
        }

        if (first == Empty || second == Empty)
        {
            return first == Empty ? second : first;
        }

        var parts = new Stack<Node>();
        for (; first.Kind == NodeKind.Sequence; first = first.Second!)
        {
            parts.Push(first.First!);
        }

        for (parts.Push(first); parts.TryPop(out var part);)
        {
            second = Make(new Key(NodeKind.Sequence) { First = part, Second = second }, part.IsNullable && second.IsNullable);
        }

        return second;
    }

    public Node Optional(Node node) => Choice(Empty, node);

    public Node Choice(params IEnumerable<Node> options)
    {
        if (!_sharesStacks)
        {
            return Unshared(options);
        }

        Node[] flat = [.. options.SelectMany(option => option.Kind == NodeKind.Choice ? option.Options.Nodes : [option])
            .Where(option => option != Never).Distinct().OrderBy(option => option.Id)];
        if (flat.Length < 2)
        {
            return flat.Length == 0 ? Never : flat[0];
        }

        WorkLeft -= flat.Length;
        var key = new NodeList(flat);
        if (!_choices.TryGetValue(key, out var choice))
        {
            choice = Unshared(Shared(flat));
            _choices[key] = choice;
        }

        return choice;
    }

    private Node Unshared(IEnumerable<Node> options)
    {
        var (set, found) = (ByteSet.None, new SortedDictionary<long, Node>());
        foreach (var option in options)
        {
            foreach (var node in option.Kind == NodeKind.Choice ? option.Options.Nodes : [option])
            {
                if (node.Kind == NodeKind.Bytes)
                {
                    set |= node.Set;
                }
                else if (node != Never && found.TryAdd(node.Id, node) && found.Count > MostOptions)
                {
                    found.Remove(node.Id);
                    LeftOut++;
                }
            }
        }

        WorkLeft -= found.Count;
        if (!set.IsEmpty)
        {
            var bytes = Bytes(set);
            found.TryAdd(bytes.Id, bytes);
        }

        return found.Count switch
        {
            0 => Never,
            1 => found.Values.First(),
            _ when found.ContainsKey(Anything.Id) => Anything,
            _ => Make(new Key(NodeKind.Choice) { Options = new NodeList([.. found.Values]) }, found.Values.Any(node => node.IsNullable)),
        };
    }

    /// <summary>The same options with the rests of those that begin alike in one choice.</summary>
    private IEnumerable<Node> Shared(Node[] options) => options
        .GroupBy(option => option.Kind == NodeKind.Sequence ? option.First! : option)
        .SelectMany(group => group.Count() == 1 || !RuntimeHelpers.TryEnsureSufficientExecutionStack()
            ? group
            : (IEnumerable<Node>)[Sequence(group.Key, Choice(group.Select(option => option == group.Key ? Empty : option.Second!)))]);

    /// <param name="max">At least <paramref name="min"/>.</param>
    public Node Repeat(Node body, int min, int max = Node.Unbounded) => (body, min, max) switch
    {
        (_, _, 0) => Empty,
        (_, 1, 1) => body,
        _ when body == Empty => Empty,
        _ when body == Never => min == 0 ? Empty : Never,
        _ => Make(new Key(NodeKind.Repeat) { First = body, Min = min, Max = max }, min == 0 || body.IsNullable),
    };

    public Node Unit(Node body) => body.Kind is NodeKind.Never or NodeKind.Empty or NodeKind.Bytes or NodeKind.Unit or NodeKind.State
        ? body
        : Make(new Key(NodeKind.Unit) { First = body }, body.IsNullable);

    public Node Complement(Node body) => body == Never ? Anything
        : body.Kind == NodeKind.Complement ? body.First!
        : Make(new Key(NodeKind.Complement) { First = body }, !body.IsNullable);

    /// <summary>The texts that all of these have in common.</summary>
    public Node Common(params IEnumerable<Node> nodes)
    {
        Node[] kept = [.. nodes.Where(node => node != Anything)
            .SelectMany(node => node.Kind == NodeKind.Common ? node.Options.Nodes : [node]).Distinct().OrderBy(node => node.Id)];
        return kept.Contains(Never) ? Never
            : kept.Length == 0 ? Anything
            : kept.Length == 1 ? kept[0]
            : Make(new Key(NodeKind.Common) { Options = new NodeList(kept) }, Array.TrueForAll(kept, node => node.IsNullable));
    }

    /// <summary>A call of a rule from a body that has not been placed at a level. It takes at least one byte.</summary>
    /// <param name="cost">Levels that it takes beside the rule's own.</param>
    public Node Call(Rule rule, int cost = 0) => Make(new Key(NodeKind.Call) { Rule = rule, Min = cost }, nullable: false);

    /// <summary>A state that lives.</summary>
    public Node State(FiniteAutomaton automaton, int state) => automaton.EndsIn(state)
        ? Empty
        : Make(new Key(NodeKind.State) { Automaton = automaton, Max = state }, automaton.Accepts(state));

    private Node Literals(byte[][] texts, int at) => texts.Length == 1 || at == MostShared
        ? Choice(texts.Select(text =>
            text[at..].Reverse().Aggregate(Empty, (rest, value) => Sequence(Bytes(ByteSet.Of(value)), rest))))
        : Choice(texts.GroupBy(text => at < text.Length ? text[at] : -1).Select(group => group.Key < 0
            ? Empty
            : Sequence(Bytes(ByteSet.Of((byte)group.Key)), Literals([.. group], at + 1))));

    private Node Make(Key key, bool nullable)
    {
        if (_nodes.TryGetValue(key, out var node))
        {
            return node;
        }

        if (_nodes.Count >= MostNodes)
        {
            Forget();
        }

        node = New(key.Kind, nullable, key.First, key);
        _nodes.Add(key, node);
        return node;
    }

    private Node New(NodeKind kind, bool nullable, Node? first = null, Key key = default) => new()
    {
        Kind = kind,
        Id = _ids++,
        IsNullable = nullable,
        HasCalls = kind == NodeKind.Call || first is { HasCalls: true } || key.Second is { HasCalls: true }
            || Array.Exists(key.Options?.Nodes ?? [], node => node.HasCalls),
        Set = key.Set,
        First = first,
        Second = key.Second,
        Options = key.Options ?? NodeList.None,
        Min = key.Min,
        Max = key.Max,
        Rule = key.Rule,
        Automaton = key.Automaton,
    };

    /// <summary>All that is made anew has another id from now on, so that nothing is told apart wrongly, only found less often.</summary>
    private void Forget()
    {
        foreach (var node in _nodes.Values)
        {
            node.Moves = null;
            node.Rule?.Levels.Clear();
        }

        _nodes.Clear();
        _choices.Clear();
        Generation++;
    }

    private readonly record struct Key(NodeKind Kind)
    {
        public ByteSet Set { get; init; }

        public Node? First { get; init; }

        public Node? Second { get; init; }

        public NodeList? Options { get; init; }

        public int Min { get; init; }

        public int Max { get; init; }

        public Rule? Rule { get; init; }

        public FiniteAutomaton? Automaton { get; init; }
    }
}
