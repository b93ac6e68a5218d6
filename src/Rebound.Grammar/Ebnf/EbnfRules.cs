namespace Rebound.Grammar.Ebnf;

/// <summary>The rules that a grammar's root comes to, the root first, and what is known of each.</summary>
internal sealed class EbnfRules
{
    private const string Root = "root";

    private readonly Dictionary<string, int> _places = [];
    private readonly List<EbnfRule> _rules = [];
    private readonly EbnfSource _source;

    /// <exception cref="GrammarException">
    /// There is no root; a rule is there twice, is named and not there, or has no text that comes to an end.
    /// </exception>
    public EbnfRules(EbnfSource source, IReadOnlyList<EbnfRule> written)
    {
        _source = source;
        var known = new Dictionary<string, EbnfRule>();
        foreach (var rule in written)
        {
            if (!known.TryAdd(rule.Name, rule))
            {
                throw source.Wrong(rule.Offset, $"the rule '{rule.Name}' is there twice; join both by '|', or name one otherwise.");
            }
        }

        foreach (var reference in written.SelectMany(rule => rule.References).Where(reference => !known.ContainsKey(reference.Name)))
        {
            throw source.Wrong(reference.Offset, $"the rule '{reference.Name}' is not there; write {reference.Name} ::= ….");
        }

        if (!known.TryGetValue(Root, out var root))
        {
            throw source.Wrong(source.Text.Length, $"the rule '{Root}' is not there, where all texts begin; write {Root} ::= ….");
        }

        CheckEnds(written);
        Add(root);
        for (var i = 0; i < _rules.Count; i++)
        {
            foreach (var reference in _rules[i].References.Where(reference => !_places.ContainsKey(reference.Name)))
            {
                Add(known[reference.Name]);
            }
        }

        var empty = Holding(_rules, IsEmpty);
        Empty = [.. _rules.Select(rule => empty.Contains(rule.Name))];
    }

    public IReadOnlyList<EbnfRule> All => _rules;

    /// <summary>Whether the empty text is one of a rule's, by its place.</summary>
    public IReadOnlyList<bool> Empty { get; }

    public int Place(string name) => _places[name];

    public GrammarException Wrong(EbnfRule rule, string problem) => _source.Wrong(rule.Offset, problem);

    private void Add(EbnfRule rule)
    {
        _places.Add(rule.Name, _rules.Count);
        _rules.Add(rule);
    }

    private void CheckEnds(IReadOnlyList<EbnfRule> written)
    {
        var ending = Holding(written, Ends);
        if (written.FirstOrDefault(rule => !ending.Contains(rule.Name)) is { } endless)
        {
            throw Wrong(endless, $"the rule '{endless.Name}' never comes to an end: every alternative needs a rule that needs it again.");
        }
    }

    /// <summary>The rules for which something holds, when it holds for no more than it must.</summary>
    private static HashSet<string> Holding(IReadOnlyList<EbnfRule> rules, Func<EbnfPart, HashSet<string>, bool> holds)
    {
        var users = rules.SelectMany(rule => rule.References.Select(reference => reference.Name).Distinct().Select(name => (name, rule)))
            .ToLookup(pair => pair.name, pair => pair.rule);
        var (found, pending) = (new HashSet<string>(), new Queue<EbnfRule>(rules));
        while (pending.TryDequeue(out var rule))
        {
            if (!found.Contains(rule.Name) && holds(rule.Body, found))
            {
                found.Add(rule.Name);
                foreach (var user in users[rule.Name])
                {
                    pending.Enqueue(user);
                }
            }
        }

        return found;
    }

    private static bool Ends(EbnfPart part, HashSet<string> ending) => part switch
    {
        EbnfPart.Reference reference => ending.Contains(reference.Name),
        EbnfPart.Sequence sequence => sequence.Parts.All(inner => Ends(inner, ending)),
        EbnfPart.Choice choice => choice.Options.Any(inner => Ends(inner, ending)),
        EbnfPart.Repeat repeat => repeat.Min == 0 || Ends(repeat.Body, ending),
        _ => true,
    };

    private static bool IsEmpty(EbnfPart part, HashSet<string> empty) => part switch
    {
        EbnfPart.Text text => text.Value.Length == 0,
        EbnfPart.Set => false,
        EbnfPart.Reference reference => empty.Contains(reference.Name),
        EbnfPart.Sequence sequence => sequence.Parts.All(inner => IsEmpty(inner, empty)),
        EbnfPart.Choice choice => choice.Options.Any(inner => IsEmpty(inner, empty)),
        _ => part is EbnfPart.Repeat repeat && (repeat.Min == 0 || IsEmpty(repeat.Body, empty)),
    };
}
